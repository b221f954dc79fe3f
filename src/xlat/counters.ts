// Packets and octets per direction and drops per reason. The translator counts into a Float64Array that may lie on
// shared memory (one writer; doubles are exact up to 2^53), the main thread reads it as the record below.

import { reasons } from "./reasons.js";

export interface DirectionCounters {
  readonly packets: number;
  /** Octets of the IP packets as they came in. */
  readonly octets: number;
  /** By the name of the Reason; only those that occurred. */
  readonly drops: Readonly<Record<string, number>>;
}

export interface CounterValues {
  readonly v4ToV6: DirectionCounters;
  readonly v6ToV4: DirectionCounters;
}

/** Where a direction's counters begin: packets, octets, then a drop counter for each reason. */
export const COUNT_V4_TO_V6 = 0;
export const COUNT_PACKETS = 0;
export const COUNT_OCTETS = 1;
export const COUNT_DROPS = 2;
export const COUNT_V6_TO_V4 = COUNT_DROPS + reasons.length;

/** In doubles. */
export const COUNTERS_LENGTH = 2 * COUNT_V6_TO_V4;

/** The counters as a record for people and programs. */
export function readCounters(array: Float64Array): CounterValues {
  return { v4ToV6: readDirection(array, COUNT_V4_TO_V6), v6ToV4: readDirection(array, COUNT_V6_TO_V4) };
}

/** Of several translators, or parts of one, as one. */
export function addCounters(a: CounterValues, b: CounterValues): CounterValues {
  return { v4ToV6: addDirection(a.v4ToV6, b.v4ToV6), v6ToV4: addDirection(a.v6ToV4, b.v6ToV4) };
}

function addDirection(a: DirectionCounters, b: DirectionCounters): DirectionCounters {
  const drops: Record<string, number> = { ...a.drops };
  for (const [reason, count] of Object.entries(b.drops)) drops[reason] = (drops[reason] ?? 0) + count;
  return { packets: a.packets + b.packets, octets: a.octets + b.octets, drops };
}

function readDirection(array: Float64Array, from: number): DirectionCounters {
  const drops: Record<string, number> = {};
  for (const [index, reason] of reasons.entries()) {
    const count = array[from + COUNT_DROPS + index] ?? 0;
    if (count > 0) drops[reason.name] = count;
  }
  return { packets: array[from + COUNT_PACKETS] ?? 0, octets: array[from + COUNT_OCTETS] ?? 0, drops };
}
