// IPv4 and IPv6 addresses as octets in network order, and their text (RFC 4291 §2.2, RFC 5952). For the edges:
// the packet path works on octets inside buffers and never comes here.

const DOT = 0x2e;
const COLON = 0x3a;
const ZERO = 0x30;
const NINE = 0x39;

/** The four octets of a dotted-decimal address; undefined where the text is none (leading zeros are refused, they once meant octal). */
export function parseIpv4(text: string): Uint8Array | undefined {
  const octets = new Uint8Array(4);
  return scanIpv4(text, 0, text.length, octets, 0) ? octets : undefined;
}

/** The sixteen octets of an IPv6 address in any form of RFC 4291 §2.2; undefined where the text is none. Zones (`%eth0`) are none. */
export function parseIpv6(text: string): Uint8Array | undefined {
  const octets = new Uint8Array(16);
  return scanIpv6(text, 0, text.length, octets) ? octets : undefined;
}

/** text[from, to) as an IPv4 address into out[at, at + 4). Character by character, since tables of a million mappings are read with it. */
export function scanIpv4(text: string, from: number, to: number, out: Uint8Array, at: number): boolean {
  let value = 0;
  let digits = 0;
  let octet = 0;
  for (let index = from; index <= to; index++) {
    const code = index === to ? DOT : text.charCodeAt(index);
    if (code === DOT) {
      if (digits === 0 || value > 255 || octet === 4) return false;
      out[at + octet++] = value;
      value = 0;
      digits = 0;
    } else {
      if (code < ZERO || code > NINE || digits === 3 || (digits > 0 && value === 0)) return false;
      value = value * 10 + code - ZERO;
      digits++;
    }
  }
  return octet === 4;
}

/** text[from, to) as an IPv6 address into out[0, 16). */
export function scanIpv6(text: string, from: number, to: number, out: Uint8Array): boolean {
  let length = 0;
  /** Where `::` stands, in octets; -1: nowhere. */
  let gap = -1;
  let index = from;
  if (text.charCodeAt(index) === COLON) {
    if (to - from < 2 || text.charCodeAt(index + 1) !== COLON) return false;
    gap = 0;
    index += 2;
  }
  while (index < to) {
    let value = 0;
    let digits = 0;
    const group = index;
    for (; index < to; index++) {
      const digit = hexDigit(text.charCodeAt(index));
      if (digit < 0) break;
      if (digits === 4) return false;
      value = (value << 4) | digit;
      digits++;
    }
    if (index < to && text.charCodeAt(index) === DOT) {
      if (length > 12 || !scanIpv4(text, group, to, out, length)) return false;
      length += 4;
      break;
    }
    if (digits === 0 || length === 16) return false;
    out[length++] = value >> 8;
    out[length++] = value;
    if (index === to) break;
    if (text.charCodeAt(index) !== COLON) return false;
    index++;
    if (index === to) return false;
    if (text.charCodeAt(index) === COLON) {
      if (gap >= 0) return false;
      gap = length;
      index++;
    }
  }
  if (gap < 0) return length === 16;
  // "::" stands for at least one group of zeros (RFC 4291 §2.2).
  if (length > 14) return false;
  out.copyWithin(16 - length + gap, gap, length);
  out.fill(0, gap, 16 - length + gap);
  return true;
}

function hexDigit(code: number): number {
  if (code >= ZERO && code <= NINE) return code - ZERO;
  const letter = code | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}

/** Four octets from `offset` as dotted decimal. */
export function formatIpv4(octets: Uint8Array, offset = 0): string {
  return octets.subarray(offset, offset + 4).join(".");
}

/** Sixteen octets from `offset` in the canonical form of RFC 5952 (without the mixed notation of §5: `64:ff9b::c000:201`). */
export function formatIpv6(octets: Uint8Array, offset = 0): string {
  const groups: number[] = [];
  for (let at = offset; at < offset + 16; at += 2) groups.push(((octets[at] ?? 0) << 8) | (octets[at + 1] ?? 0));
  const zeros = longestZeroRun(groups);
  const hex = (from: number, to: number): string =>
    groups
      .slice(from, to)
      .map((group) => group.toString(16))
      .join(":");
  // RFC 5952 §4.2.2: a single group of zeros is not shortened.
  return zeros.length < 2 ? hex(0, 8) : `${hex(0, zeros.start)}::${hex(zeros.start + zeros.length, 8)}`;
}

/** RFC 5952 §4.2.3: the longest run is shortened, the first of equals. */
function longestZeroRun(groups: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  let start = 0;
  for (let index = 0; index <= groups.length; index++) {
    if (groups[index] === 0) continue;
    if (index - start > best.length) best = { start, length: index - start };
    start = index + 1;
  }
  return best;
}

/** Octets of an address of either family; undefined where the text is neither. */
export function parseAddress(text: string): Uint8Array | undefined {
  return text.includes(":") ? parseIpv6(text) : parseIpv4(text);
}

/** Canonical text of 4 or 16 octets. */
export function formatAddress(octets: Uint8Array): string {
  return octets.length === 4 ? formatIpv4(octets) : formatIpv6(octets);
}

/** Whether two addresses (or any octets) are the same. */
export function sameOctets(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((octet, index) => octet === b[index]);
}
