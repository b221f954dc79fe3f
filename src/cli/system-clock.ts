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

export const systemRandom: Random = {
  fill: (octets) => void randomFillSync(octets),
};
