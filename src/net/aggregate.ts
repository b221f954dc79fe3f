// Many prefixes as few: the least list that holds the same addresses. For what the system is told about a table of
// mappings (RFC 7757): a route for each of ten thousand addresses is ten thousand, for their prefixes a handful.

import { commonPrefixLength, maskPrefix, type Prefix } from "./prefix.js";

/** Sorted, without overlaps, and such that no two could be one. All prefixes are of one family. */
export function aggregate(prefixes: readonly Prefix[]): Prefix[] {
  const result: Prefix[] = [];
  for (const prefix of prefixes.toSorted(byAddress)) {
    const last = result.at(-1);
    if (last !== undefined && holds(last, prefix)) continue;
    result.push(prefix);
    mergeTail(result);
  }
  return result;
}

/** The longest prefix that holds all of them; undefined where there are none. */
export function coverOf(prefixes: readonly Prefix[]): Prefix | undefined {
  const [first] = prefixes;
  if (first === undefined) return undefined;
  let length = first.length;
  for (const { octets, length: own } of prefixes)
    length = Math.min(length, own, commonPrefixLength(first.octets, octets));
  return maskPrefix(first.octets, length);
}

/** Two halves of a prefix are the prefix; that may be a half again. */
function mergeTail(list: Prefix[]): void {
  for (;;) {
    const second = list.at(-1);
    const first = list.at(-2);
    if (first === undefined || second === undefined || first.length !== second.length || first.length === 0) return;
    const whole = maskPrefix(first.octets, first.length - 1);
    if (!holds(whole, second)) return;
    list.splice(-2, 2, whole);
  }
}

/** The shorter one of two with the same beginning comes first, so that whoever holds others comes before them. */
function byAddress(a: Prefix, b: Prefix): number {
  for (const [index, octet] of a.octets.entries()) {
    const difference = octet - (b.octets[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** Whether all of `inner` lies in `outer`. */
function holds(outer: Prefix, inner: Prefix): boolean {
  if (inner.length < outer.length) return false;
  const whole = outer.length >> 3;
  for (let index = 0; index < whole; index++) if (outer.octets[index] !== inner.octets[index]) return false;
  const rest = outer.length & 7;
  return rest === 0 || (((outer.octets[whole] ?? 0) ^ (inner.octets[whole] ?? 0)) & (0xff << (8 - rest)) & 0xff) === 0;
}
