// Keeps alive what runs out by itself, as long as the daemon lives: an address with a lifetime is renewed long before its end.

import type { Clock } from "../os/clock.js";
import type { Applied, OsDriver } from "../os/driver.js";

/** So many times in a lifetime: one or two may fail, or come late. */
const perLifetime = 3;

export class Renewals {
  readonly #clock: Clock;
  #last: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#last = clock.now();
  }

  /** Milliseconds until something of it must be renewed; undefined where nothing of it runs out. */
  dueIn(applied: readonly Applied[]): number | undefined {
    const lifetimes = lifetimesOf(applied);
    if (lifetimes.length === 0) return undefined;
    return Math.max(0, this.#last + (Math.min(...lifetimes) * 1000) / perLifetime - this.#clock.now());
  }

  /** Renews where it is time. Throws the driver's error, and is due again at once then. */
  async keep(os: OsDriver, applied: readonly Applied[]): Promise<void> {
    if (this.dueIn(applied) !== 0) return;
    await os.renew(applied.filter((one) => lifetimeOf(one) !== undefined));
    this.#last = this.#clock.now();
  }
}

function lifetimesOf(applied: readonly Applied[]): number[] {
  return applied.map(lifetimeOf).filter((seconds) => seconds !== undefined);
}

function lifetimeOf({ effect }: Applied): number | undefined {
  return effect.do === "address.add" ? effect.lifetime : undefined;
}
