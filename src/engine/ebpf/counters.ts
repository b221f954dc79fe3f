// The counters of the fast path as a record. A packet that the fast path hands on is the translator's: only that counts it, so
// that, with both halves of the engine added up, packets in are packets out and drops.

import type { DirectionCounters } from "../../xlat/counters.js";

/** The names of `enum slow` and `enum drop` in counters.bpf.h, in their order. */
export const slowReasons = [
  "header",
  "options",
  "fragment",
  "expiring",
  "address",
  "own-address",
  "icmp",
  "protocol",
  "checksum",
  "size",
  "offload",
  "shared",
  "led",
] as const;
export const dropReasons = ["fast-path-memory", "fast-path-port"] as const;

/** Words of a direction: packets, octets, drops, packets handed on. */
const DROPS = 2;
const SLOW = DROPS + dropReasons.length;
const DIRECTION = SLOW + slowReasons.length;

interface FastDirection extends DirectionCounters {
  /** Packets handed to the translator, by the reason; only those that occurred. */
  readonly slow: Readonly<Record<string, number>>;
}

export interface FastCounters {
  readonly v4ToV6: FastDirection;
  readonly v6ToV4: FastDirection;
}

/** @param perCpu what `FastPath.counters` gives */
export function readFastCounters(perCpu: readonly Uint8Array[]): FastCounters {
  const words = new Float64Array(2 * DIRECTION);
  for (const octets of perCpu) {
    const values = new BigUint64Array(octets.slice().buffer);
    for (let word = 0; word < words.length; word++) words[word] = (words[word] ?? 0) + Number(values[word] ?? 0n);
  }
  return { v4ToV6: readDirection(words, 0), v6ToV4: readDirection(words, DIRECTION) };
}

function readDirection(words: Float64Array, from: number): FastDirection {
  return {
    packets: words[from] ?? 0,
    octets: words[from + 1] ?? 0,
    drops: named(dropReasons, words, from + DROPS),
    slow: named(slowReasons, words, from + SLOW),
  };
}

function named(names: readonly string[], words: Float64Array, from: number): Record<string, number> {
  const counts = names.map((name, index): [string, number] => [name, words[from + index] ?? 0]);
  return Object.fromEntries(counts.filter(([, count]) => count > 0));
}
