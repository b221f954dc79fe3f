// Prefixes: octets of an address and a length in bits. For the edges, as address.ts.

import { formatAddress, parseAddress, scanIpv4, scanIpv6 } from "./address.js";

export interface Prefix {
  /** 4 or 16 octets in network order; the bits behind `length` are zero. */
  readonly octets: Uint8Array;
  /** In bits. */
  readonly length: number;
}

/** 4 or 6, by the number of octets. */
export function prefixFamily(prefix: Prefix): 4 | 6 {
  return prefix.octets.length === 4 ? 4 : 6;
}

/**
 * `2001:db8::/32`, `192.0.2.0/24`; a bare address means its full length. Undefined where the text is no prefix, and
 * also where bits behind its length are set (`192.0.2.1/24`): such a text is more often a slip than a wish. Use
 * `parseInterfaceAddress` where an address with a length is meant.
 */
export function parsePrefix(text: string): Prefix | undefined {
  const parsed = parseInterfaceAddress(text);
  if (parsed === undefined) return undefined;
  const { octets, length } = parsed;
  return hostBitsZero(octets, length) ? { octets, length } : undefined;
}

/** `192.0.2.1/24`: an address and a length, host bits allowed; a bare address means its full length. */
export function parseInterfaceAddress(text: string): Prefix | undefined {
  const slash = text.indexOf("/");
  const octets = parseAddress(slash < 0 ? text : text.slice(0, slash));
  if (octets === undefined) return undefined;
  const length = slash < 0 ? octets.length * 8 : scanLength(text, slash + 1, octets.length * 8);
  return length < 0 ? undefined : { octets, length };
}

/** What `parsePrefix` does, for one family and into `out` (4 or 16 octets): the length, or -1. For tables of a million rows. */
export function scanPrefix(text: string, out: Uint8Array): number {
  const slash = text.indexOf("/");
  const to = slash < 0 ? text.length : slash;
  if (!(out.length === 4 ? scanIpv4(text, 0, to, out, 0) : scanIpv6(text, 0, to, out))) return -1;
  const length = slash < 0 ? out.length * 8 : scanLength(text, slash + 1, out.length * 8);
  return length >= 0 && hostBitsZero(out, length) ? length : -1;
}

/** The decimal number from `from` to the end, at most `most` and without leading zeros, or -1. */
function scanLength(text: string, from: number, most: number): number {
  const digits = text.length - from;
  if (digits < 1 || digits > 3) return -1;
  let length = 0;
  for (let index = from; index < text.length; index++) {
    const digit = text.charCodeAt(index) - 0x30;
    if (digit < 0 || digit > 9 || (digits > 1 && index === from && digit === 0)) return -1;
    length = length * 10 + digit;
  }
  return length <= most ? length : -1;
}

/** `2001:db8::/32`; with its length always. */
export function formatPrefix(prefix: Prefix): string {
  return `${formatAddress(prefix.octets)}/${prefix.length}`;
}

/** The same prefix with the bits behind its length cleared. */
export function maskPrefix(octets: Uint8Array, length: number): Prefix {
  const masked = Uint8Array.from(octets, (octet, index) => octet & octetMask(length - index * 8));
  return { octets: masked, length };
}

/** Whether `address` (4 or 16 octets) lies in `prefix`; false where the families differ. */
export function prefixContains(prefix: Prefix, address: Uint8Array): boolean {
  return address.length === prefix.octets.length && commonPrefixLength(prefix.octets, address) >= prefix.length;
}

/** Whether two prefixes of a family share any address. */
export function prefixesOverlap(a: Prefix, b: Prefix): boolean {
  return a.octets.length === b.octets.length && commonPrefixLength(a.octets, b.octets) >= Math.min(a.length, b.length);
}

/** How many leading bits two addresses of a family have in common. */
export function commonPrefixLength(a: Uint8Array, b: Uint8Array): number {
  const octets = Math.min(a.length, b.length);
  for (let index = 0; index < octets; index++) {
    const difference = (a[index] ?? 0) ^ (b[index] ?? 0);
    if (difference !== 0) return index * 8 + Math.clz32(difference) - 24;
  }
  return octets * 8;
}

function hostBitsZero(octets: Uint8Array, length: number): boolean {
  for (let index = length >> 3; index < octets.length; index++) {
    if (((octets[index] ?? 0) & ~octetMask(length - index * 8) & 0xff) !== 0) return false;
  }
  return true;
}

/** The mask of an octet of which the first `bits` (any number, clamped to 0..8) count. */
function octetMask(bits: number): number {
  return bits <= 0 ? 0 : bits >= 8 ? 0xff : (0xff << (8 - bits)) & 0xff;
}
