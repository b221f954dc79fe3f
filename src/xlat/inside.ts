// Which IPv4 addresses are on this side of an Edge Relay (RFC 7756 §6). A source on the wrong side is forged: it would
// leave the Border Relay as somebody else's address, or look to a program here as if the program spoke to itself.

import { aggregate } from "../net/aggregate.js";
import { i32 } from "../net/octets.js";
import { parsePrefix } from "../net/prefix.js";
import { PrefixTable } from "../net/prefix-table.js";
import { SpecError } from "./spec-error.js";

/** IPv4 prefixes as a table for look-ups. Throws a SpecError where one is none. */
export function insideTable(texts: readonly string[]): PrefixTable {
  const prefixes = texts.map((text) => {
    const prefix = parsePrefix(text);
    if (prefix?.octets.length === 4) return prefix;
    throw new SpecError(`Cannot use "${text}" as a prefix of this side: give an IPv4 prefix, 192.0.2.0/24`);
  });
  const list = aggregate(prefixes);
  return new PrefixTable({
    width: 1,
    keys: Int32Array.from(list, ({ octets }) => i32(octets, 0)),
    lengths: Uint8Array.from(list, ({ length }) => length),
    values: new Int32Array(list.length * 5),
  });
}

/** `side` undefined: nothing is compared, and so the answer is `otherwise`. */
export function isInside(side: PrefixTable | undefined, address: number, otherwise: boolean): boolean {
  return side === undefined ? otherwise : side.lookup(address, 0, 0, 0) >= 0;
}
