// IPv4-embedded IPv6 addresses (RFC 6052 §2): an IPv4 address behind a PREF64, octet 8 left zero. Works on octets, for
// the edges (configuration, DNS64, discovery); the packet path has the same on words in address-map.ts.

import { formatPrefix, type Prefix, parsePrefix, prefixContains } from "./prefix.js";

/** The lengths a PREF64 may have, in bits (RFC 6052 §2.2). */
export const PREF64_LENGTHS = [32, 40, 48, 56, 64, 96] as const;
export type Pref64Length = (typeof PREF64_LENGTHS)[number];

/** RFC 6052 §2.1. */
const WELL_KNOWN_PREFIX = "64:ff9b::/96";

export interface Pref64 extends Prefix {
  readonly length: Pref64Length;
}

/** Octet 8, "u": bits 64 to 71 MUST be zero (RFC 6052 §2.2). */
const U = 8;

/** Where the four octets of the IPv4 address stand, by the length of the prefix (RFC 6052 figure 1). */
const positions: Readonly<Record<Pref64Length, readonly [number, number, number, number]>> = {
  32: [4, 5, 6, 7],
  40: [5, 6, 7, 9],
  48: [6, 7, 9, 10],
  56: [7, 9, 10, 11],
  64: [9, 10, 11, 12],
  96: [12, 13, 14, 15],
};

export function isPref64Length(length: number): length is Pref64Length {
  return (PREF64_LENGTHS as readonly number[]).includes(length);
}

/** What keeps a prefix from being a PREF64, as the end of a sentence for people; undefined: nothing does. */
export function pref64Problem(prefix: Prefix): string | undefined {
  if (prefix.octets.length !== 16) return "it is an IPv4 prefix; an IPv6 prefix is wanted";
  if (!isPref64Length(prefix.length)) {
    return `its length is ${prefix.length}; allowed are ${PREF64_LENGTHS.join(", ")} (RFC 6052 §2.2)`;
  }
  if (prefix.octets[U] !== 0) return "its bits 64 to 71 are not zero (RFC 6052 §2.2)";
  return undefined;
}

/** The PREF64 that a text names; undefined where it names none (`pref64Problem` says why for one that is a prefix). */
export function parsePref64(text: string): Pref64 | undefined {
  const prefix = parsePrefix(text);
  return prefix === undefined ? undefined : asPref64(prefix);
}

/** The prefix, if it may be a PREF64. */
export function asPref64(prefix: Prefix): Pref64 | undefined {
  const { octets, length } = prefix;
  return pref64Problem(prefix) === undefined && isPref64Length(length) ? { octets, length } : undefined;
}

/** The IPv4-embedded IPv6 address for four octets, suffix zero (RFC 6052 §2.3). */
export function embed(pref64: Pref64, v4: Uint8Array): Uint8Array {
  const v6 = Uint8Array.from(pref64.octets);
  for (const [index, position] of positions[pref64.length].entries()) v6[position] = v4[index] ?? 0;
  return v6;
}

/**
 * The four octets embedded in sixteen; undefined where the address is not of this prefix or octet 8 is not zero. The
 * suffix is ignored (RFC 6052 §2.2: receivers SHOULD).
 */
export function extract(pref64: Pref64, v6: Uint8Array): Uint8Array | undefined {
  if (!prefixContains(pref64, v6) || v6[U] !== 0) return undefined;
  return Uint8Array.from(positions[pref64.length], (position) => v6[position] ?? 0);
}

/** Whether it is 64:ff9b::/96. */
export function isWellKnownPrefix(prefix: Prefix): boolean {
  return formatPrefix(prefix) === WELL_KNOWN_PREFIX;
}
