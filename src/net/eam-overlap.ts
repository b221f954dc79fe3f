// Mappings whose prefixes lie in one another (RFC 7757 §5: MAY warn): an address may go out by one and come back by the
// other. Often meant (one exception from a larger mapping), so it is told, not refused. Identical prefixes are refused by
// EamTable. For the edges: it sorts the whole list.

import type { Eam } from "./eam.js";
import { formatPrefix, type Prefix, prefixContains } from "./prefix.js";

export interface EamOverlap {
  readonly family: 4 | 6;
  /** Index of the mapping whose prefix is the larger one. */
  readonly around: number;
  /** Index of the mapping whose prefix lies in it. */
  readonly within: number;
}

/** The first overlaps, IPv4 before IPv6, at most `most`; each mapping with the smallest one that is around it. */
export function findEamOverlaps(eams: readonly Eam[], most: number): EamOverlap[] {
  const v4 = eams.map((eam) => eam.v4);
  const v6 = eams.map((eam) => eam.v6);
  const found = [...nested(v4, 4), ...nested(v6, 6)];
  return found.slice(0, most);
}

/** A warning for people. */
export function describeEamOverlap(eams: readonly Eam[], { family, around, within }: EamOverlap): string {
  const name = (index: number): string => {
    const eam = eams[index];
    return eam === undefined ? `#${index}` : `${formatPrefix(eam.v4)},${formatPrefix(eam.v6)}`;
  };
  return `Mapping ${name(within)} lies in ${name(around)} by its IPv${family} prefix: addresses of the larger one may not come back as they went out (RFC 7757 §5)`;
}

function nested(prefixes: readonly Prefix[], family: 4 | 6): EamOverlap[] {
  // Without two lengths nothing can lie in anything: the usual table, and the largest, is one of addresses.
  if (prefixes.every(({ length }) => length === prefixes[0]?.length)) return [];
  const order = prefixes.map((_, index) => index);
  order.sort((a, b) => compare(prefixes[a], prefixes[b]) || a - b);
  const found: EamOverlap[] = [];
  /** Indices of the prefixes around the place where the sweep is, the largest first. */
  const open: number[] = [];
  for (const within of order) {
    const prefix = prefixes[within];
    if (prefix === undefined) continue;
    for (let around = open.at(-1); around !== undefined; around = open.at(-1)) {
      const outer = prefixes[around];
      if (outer !== undefined && prefixContains(outer, prefix.octets)) {
        found.push({ family, around, within });
        break;
      }
      open.pop();
    }
    open.push(within);
  }
  return found;
}

/** By address, and the shorter of two prefixes with the same beginning first. */
function compare(a: Prefix | undefined, b: Prefix | undefined): number {
  if (a === undefined || b === undefined) return 0;
  for (const [index, octet] of a.octets.entries()) {
    const difference = octet - (b.octets[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}
