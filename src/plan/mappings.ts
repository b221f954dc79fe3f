// The explicit address mappings of a configuration (RFC 7757) as a relay sees them (RFC 7756): all of them translate, but
// only those whose service addresses are on this side need plumbing. The others are nodes beyond the network (§5.2).

import type { Config } from "../config/key-table.js";
import { formatAddress } from "../net/address.js";
import { aggregate } from "../net/aggregate.js";
import { type Eam, parseEam } from "../net/eam.js";
import { type Prefix, parsePrefix, prefixContains } from "../net/prefix.js";

/** The mappings of this side, and what their addresses are together. */
export interface LocalTable {
  readonly list: readonly Eam[];
  /** All their addresses in the fewest prefixes. */
  readonly v4: readonly Prefix[];
  readonly v6: readonly Prefix[];
}

/** Worked out once for each configuration, since it may hold thousands. */
const known = new WeakMap<Config, LocalTable>();

/** The mappings, cut down to what of them is on this side. Throws an EamError where one is none. */
export function localMappings(config: Config): readonly Eam[] {
  return localTable(config).list;
}

export function localTable(config: Config): LocalTable {
  const found = known.get(config);
  if (found !== undefined) return found;
  const here = config["eam-local"].map(parsePrefix).filter((prefix) => prefix !== undefined);
  const all = config.eam.map((text, index) => parseEam(text, index));
  const list = here.length === 0 ? all : all.flatMap((eam) => here.flatMap((prefix) => within(eam, prefix)));
  const local = { list, v4: aggregate(list.map(({ v4 }) => v4)), v6: aggregate(list.map(({ v6 }) => v6)) };
  known.set(config, local);
  return local;
}

/** What of a mapping lies in an IPv4 prefix: nothing, all, or the mapping of that prefix. */
function within(eam: Eam, prefix: Prefix): readonly Eam[] {
  if (prefix.length <= eam.v4.length) return prefixContains(prefix, eam.v4.octets) ? [eam] : [];
  return prefixContains(eam.v4, prefix.octets) ? [narrowed(eam, prefix)] : [];
}

/** The same mapping for a prefix inside its IPv4 prefix (RFC 7757 §3.3.1: the suffix goes behind the IPv6 prefix). */
function narrowed(eam: Eam, v4: Prefix): Eam {
  const octets = Uint8Array.from(eam.v6.octets);
  for (let bit = 0; bit < v4.length - eam.v4.length; bit++) {
    const from = eam.v4.length + bit;
    const to = eam.v6.length + bit;
    if (((v4.octets[from >> 3] ?? 0) >> (7 - (from & 7))) & 1) {
      octets[to >> 3] = (octets[to >> 3] ?? 0) | (0x80 >> (to & 7));
    }
  }
  return { v4, v6: { octets, length: eam.v6.length + v4.length - eam.v4.length } };
}

/** An IPv4 address of a mapping and its IPv6 address, as text. */
export interface AddressPair {
  readonly v4: string;
  readonly v6: string;
}

/** The first address of the mapping's IPv4 prefix, or that address of it. */
export function pairOf(eam: Eam, v4: Uint8Array = eam.v4.octets): AddressPair {
  const host = narrowed(eam, { octets: v4, length: 32 });
  return { v4: formatAddress(host.v4.octets), v6: formatAddress(host.v6.octets) };
}

/** The IPv6 address of each IPv4 address of the mapping, at most `most` of them. */
export function* addressesOf(eam: Eam, most: number): Generator<string> {
  const count = Math.min(2 ** (32 - eam.v4.length), most);
  for (let index = 0; index < count; index++) yield pairOf(eam, plus(eam.v4.octets, index)).v6;
}

function plus(octets: Uint8Array, number: number): Uint8Array {
  const sum = Uint8Array.from(octets);
  for (let index = 3, carry = number; index >= 0 && carry > 0; index--) {
    carry += sum[index] ?? 0;
    sum[index] = carry & 0xff;
    carry >>= 8;
  }
  return sum;
}

/** The mapping that an IPv4 address falls under, the longest match. */
export function mappingFor(mappings: readonly Eam[], v4: Uint8Array): Eam | undefined {
  let best: Eam | undefined;
  for (const eam of mappings) {
    if (prefixContains(eam.v4, v4) && (best === undefined || eam.v4.length > best.v4.length)) best = eam;
  }
  return best;
}
