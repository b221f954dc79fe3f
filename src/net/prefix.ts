// Prefixes: octets of an address and a length in bits. For the edges, as address.ts.

import { formatAddress, parseAddress } from "./address.js";

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
  const bits = octets.length * 8;
  if (slash < 0) return { octets, length: bits };
  const digits = text.slice(slash + 1);
  if (!/^(0|[1-9]\d{0,2})$/.test(digits)) return undefined;
  const length = Number(digits);
  return length <= bits ? { octets, length } : undefined;
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
  return octets.every((octet, index) => (octet & ~octetMask(length - index * 8) & 0xff) === 0);
}

/** The mask of an octet of which the first `bits` (any number, clamped to 0..8) count. */
function octetMask(bits: number): number {
  return bits <= 0 ? 0 : bits >= 8 ? 0xff : (0xff << (8 - bits)) & 0xff;
}
