// Time and randomness of this machine, for those who take them as arguments.

import { randomFillSync } from "node:crypto";
import { setTimeout as timeout } from "node:timers/promises";
import type { Clock, Random } from "../os/clock.js";

export const systemClock: Clock = {
  now: () => performance.now(),
  sleep: async (ms, signal) => {
    await timeout(ms, undefined, signal === undefined ? {} : { signal });
  },
};

let behind = 0;

/** The time of day of a time of the clock, in milliseconds. Follows a clock that is set, and does not tremble with it. */
export function timeOfDay(ms: number): number {
  const now = Date.now() - performance.now();
  if (Math.abs(now - behind) > 1000) behind = now;
  return behind + ms;
}

export const systemRandom: Random = {
  fill: (octets) => void randomFillSync(octets),
};
