// Lets virtual time pass until something holds. Time passes only while nobody has anything to do.

import { settle, type VirtualClock } from "../os/fake/virtual-clock.js";

/** False where `ms` have passed and it still does not hold. */
export async function passUntil(clock: VirtualClock, holds: () => boolean, ms: number): Promise<boolean> {
  const end = clock.now() + ms;
  await settle();
  while (!holds()) {
    const next = clock.nextWake();
    if (next === undefined || next > end) {
      await clock.advance(end - clock.now());
      return holds();
    }
    await clock.advance(Math.max(0, next - clock.now()));
  }
  return true;
}
