// What the daemon remembers of its own course, for `status`, and the log line of each change of it.

import type { Clock } from "../os/clock.js";
import { nameEffect } from "../os/describe.js";
import type { Desired } from "../plan/desired.js";
import type { Step } from "../plan/diff.js";
import { repairsIn } from "../plan/repairs.js";
import { waitingForStart } from "../plan/waiting.js";
import type { Log, LogFields } from "./log.js";
import type { Course } from "./status.js";

export class CourseLog {
  readonly #log: Log;
  readonly #clock: Clock;
  #course: Course;

  constructor(log: Log, clock: Clock) {
    this.#log = log;
    this.#clock = clock;
    this.#course = { desired: waitingForStart(), since: clock.now() };
  }

  get course(): Course {
    return this.#course;
  }

  reached(desired: Desired): void {
    const before = this.#course.desired;
    const sameState = kindOf(before) === kindOf(desired);
    this.#course = { ...this.#course, desired, ...(sameState ? {} : { since: this.#clock.now() }) };
    if (lineOf(before) === lineOf(desired)) return;
    // The words may change with every look (which server was silent); the reason is what counts.
    if (desired.state === "waiting" && sameState) this.#log.debug("still waiting", fieldsOf(desired));
    else this.#log.info(desired.state, fieldsOf(desired));
  }

  failed(text: string, hint: string, again: number): void {
    const now = this.#clock.now();
    const desired: Desired = { state: "waiting", reason: "failed", text, lookAgainIn: again };
    const sameState = kindOf(this.#course.desired) === kindOf(desired);
    this.#course = {
      desired,
      since: sameState ? this.#course.since : now,
      lastError: { text, hint, at: now },
    };
    this.#log.error(text, { hint, again: `${Math.round(again / 1000)}s` });
  }

  /** Something went wrong that does not change the state. Told once, as long as it stays the same. */
  troubled(text: string, hint: string): void {
    if (this.#course.lastError?.text !== text) this.#log.error(text, { hint });
    this.#course = { ...this.#course, lastError: { text, hint, at: this.#clock.now() } };
  }

  repaired(steps: readonly Step[]): void {
    const repairs = repairsIn(steps);
    if (repairs.length === 0) return;
    this.#log.warn("Putting back what somebody took away", { what: repairs.map(nameEffect).join(", ") });
  }
}

function kindOf(desired: Desired): string {
  return desired.state === "waiting" ? `waiting ${desired.reason}` : desired.state;
}

/** Equal lines are one line. */
function lineOf(desired: Desired): string {
  return JSON.stringify([kindOf(desired), fieldsOf(desired)]);
}

function fieldsOf(desired: Desired): LogFields {
  switch (desired.state) {
    case "active": {
      const { pref64, origin, engine, uplink, clatV4, clatV6, mtu } = desired;
      return { pref64, origin, engine, uplink, v4: clatV4, v6: clatV6, mtu: mtu.v6 };
    }
    case "waiting":
      return { reason: desired.reason, text: desired.text };
    case "stopping":
      return {};
  }
}
