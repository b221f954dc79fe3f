// Fault injection: which effect fails, or at which one the process is killed.

import type { Effect } from "../effect.js";

export type FaultKind =
  /** The kernel refuses it; nothing is done. */
  | "fail"
  /** SIGKILL after it was journalled, before it is done. */
  | "kill-before"
  /** SIGKILL after it was done, before anybody knows. */
  | "kill-after";

export interface Fault {
  readonly fault: FaultKind;
  /** Counting from 1, among those that match. */
  readonly nth: number;
  /** Absent: every effect counts. */
  readonly when?: (effect: Effect) => boolean;
  /** Reverts instead of doings. */
  readonly on?: "revert";
}

export class Faults {
  readonly #armed: { readonly fault: Fault; seen: number }[] = [];

  arm(fault: Fault): void {
    this.#armed.push({ fault, seen: 0 });
  }

  /** Counts this one, and says what shall happen to it. */
  next(effect: Effect, on: "perform" | "revert"): FaultKind | undefined {
    let hit: FaultKind | undefined;
    for (const one of this.#armed) {
      if ((one.fault.on ?? "perform") !== on || one.fault.when?.(effect) === false) continue;
      one.seen++;
      if (one.seen === one.fault.nth) hit ??= one.fault.fault;
    }
    return hit;
  }
}

/** The driver's process was killed: nothing that was asked of it happens any more. */
export class Killed extends Error {
  constructor() {
    super("The simulated process was killed");
    this.name = "Killed";
  }
}
