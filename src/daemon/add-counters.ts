// Counters of several translators as one.

import type { CounterValues, DirectionCounters } from "../xlat/counters.js";

export function addCounters(a: CounterValues | undefined, b: CounterValues | undefined): CounterValues | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return { v4ToV6: addDirection(a.v4ToV6, b.v4ToV6), v6ToV4: addDirection(a.v6ToV4, b.v6ToV4) };
}

function addDirection(a: DirectionCounters, b: DirectionCounters): DirectionCounters {
  const drops: Record<string, number> = { ...a.drops };
  for (const [reason, count] of Object.entries(b.drops)) drops[reason] = (drops[reason] ?? 0) + count;
  return { packets: a.packets + b.packets, octets: a.octets + b.octets, drops };
}
