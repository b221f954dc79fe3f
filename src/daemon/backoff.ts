// How long to leave the system alone after a failure: 1 s, 2 s, 4 s … a minute; from the beginning again where the CLAT
// has been up for a minute in between.

import type { Clock } from "../os/clock.js";
import type { Failure } from "../plan/facts.js";

/** Milliseconds. */
const first = 1000;
const most = 60_000;

export class Backoff {
  readonly #clock: Clock;
  #failures = 0;
  #last: { readonly text: string; readonly until: number } | undefined;
  #upSince: number | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The last failure, as long as the next attempt is not due. */
  get failure(): Failure | undefined {
    if (this.#last === undefined) return undefined;
    const again = this.#last.until - this.#clock.now();
    return again > 0 ? { text: this.#last.text, again } : undefined;
  }

  /** Returns the milliseconds until the next attempt. */
  failed(text: string): number {
    const now = this.#clock.now();
    if (this.#upSince !== undefined && now - this.#upSince >= most) this.#failures = 0;
    this.#upSince = undefined;
    const again = Math.min(first * 2 ** this.#failures, most);
    this.#failures += 1;
    this.#last = { text, until: now + again };
    return again;
  }

  /** Things are different now: the next attempt is due at once. */
  forget(): void {
    this.#last = undefined;
    this.#failures = 0;
  }

  succeeded(): void {
    this.#upSince ??= this.#clock.now();
    this.#last = undefined;
  }
}
