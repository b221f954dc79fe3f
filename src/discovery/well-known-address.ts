// The heuristic of RFC 7050 §3: a PREF64 out of an AAAA record of ipv4only.arpa, by where in it a well-known IPv4
// address (192.0.0.170 or 192.0.0.171) stands. Pure.

import { sameOctets } from "../net/address.js";
import { maskPrefix } from "../net/prefix.js";
import { asPref64, embed, extract, PREF64_LENGTHS, type Pref64 } from "../net/rfc6052.js";

/** RFC 7050 §2.2. */
const wellKnownAddresses: readonly Uint8Array[] = [Uint8Array.of(192, 0, 0, 170), Uint8Array.of(192, 0, 0, 171)];

/** Lengths where the IPv4 address stands around octet 8, and so not in one piece (RFC 6052 §2.2). */
const split: readonly number[] = [40, 48, 56];

/**
 * The PREF64 of one address (16 octets); undefined where it holds none for sure.
 *
 * A well-known address counts where it is present only once, on any octet boundary; otherwise the other one is searched
 * for (RFC 7050 §3). Where each of them is present once, one belongs to the prefix: the one behind which only zeros come
 * is taken (RFC 6052 §2.2: the suffix should be zero).
 */
export function pref64Of(address: Uint8Array): Pref64 | undefined {
  const hits = wellKnownAddresses.flatMap((wanted) => {
    const pref64 = onlyInstance(address, wanted);
    return pref64 === undefined ? [] : [{ pref64, clean: sameOctets(embed(pref64, wanted), address) }];
  });
  const [hit, other] = hits.length > 1 ? hits.filter(({ clean }) => clean) : hits;
  return hit === undefined || other !== undefined || !mayTranslate(hit.pref64) ? undefined : hit.pref64;
}

/** The prefix in front of `wanted` where that is present once, and at one of the locations of RFC 6052. */
function onlyInstance(address: Uint8Array, wanted: Uint8Array): Pref64 | undefined {
  const standard: Pref64[] = [];
  for (const length of PREF64_LENGTHS) {
    const pref64 = asPref64(maskPrefix(address, length));
    const v4 = pref64 === undefined ? undefined : extract(pref64, address);
    if (pref64 !== undefined && v4 !== undefined && sameOctets(v4, wanted)) standard.push(pref64);
  }
  let instances = standard.filter(({ length }) => split.includes(length)).length;
  for (let at = 0; at <= 12; at++) if (sameOctets(address.subarray(at, at + 4), wanted)) instances++;
  return instances === 1 ? standard[0] : undefined;
}

/** IPv4-mapped and -compatible, link-local and multicast addresses are no translation prefixes, whoever says so. */
export function mayTranslate({ octets }: Pref64): boolean {
  const [first = 0, second = 0] = octets;
  if (first === 0xff || (first === 0xfe && (second & 0xc0) === 0x80)) return false;
  return octets.subarray(0, 10).some((octet) => octet !== 0);
}
