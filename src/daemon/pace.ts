// How long to wait after an event before the next pass. Events come in swarms; a system that never rests must not keep us
// busy, nor may somebody who takes away at once whatever we put back.

import type { Clock } from "../os/clock.js";

/** Milliseconds. */
const debounce = 50;
/** The longest that a system is left unobserved whose changes are none of ours. */
const idleMost = 500;
/** The longest that a repair waits for which there is another hand that undoes it. */
const fightMost = 10_000;
/** So long without an event, and the next one is a new matter. */
const rest = 1000;
/** So long without a repair, and the next one is. */
const peace = 60_000;
/** So many in a row are nothing unusual. */
const patience = 3;

/** What a pass did. */
export type PassResult = "nothing" | "something" | "repair";

export class Pace {
  readonly #clock: Clock;
  /** In a row, without a rest. */
  #idle = 0;
  #repairs = 0;
  #lastRepair = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  passed(result: PassResult): void {
    this.#idle = result === "nothing" ? this.#idle + 1 : 0;
    if (result !== "repair") return;
    const now = this.#clock.now();
    this.#repairs = now - this.#lastRepair >= peace ? 1 : this.#repairs + 1;
    this.#lastRepair = now;
  }

  /** Milliseconds from the event to the pass. `quiet`: for how long there had been none. */
  delay(quiet: number): number {
    if (quiet >= rest) this.#idle = 0;
    const fought = this.#clock.now() - this.#lastRepair < peace ? this.#repairs : 0;
    return Math.max(grown(this.#idle, idleMost), grown(fought, fightMost));
  }
}

function grown(count: number, most: number): number {
  return Math.min(debounce * 2 ** Math.min(Math.max(0, count - patience), 20), most);
}
