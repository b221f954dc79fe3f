// What the daemon remembers of its own course, for `status`, and the log line of each change of it.

import type { Clock } from "../os/clock.js";
import { nameEffect } from "../os/describe.js";
import type { Effect } from "../os/effect.js";
import type { Desired } from "../plan/desired.js";
import { waitingForStart } from "../plan/waiting.js";
import type { Log, LogFields } from "./log.js";
import type { Course } from "./status.js";

export class CourseLog {
  readonly #log: Log;
  readonly #clock: Clock;
  #course: Course;
  #stuck: ReadonlySet<string> = new Set();
  #notes: ReadonlySet<string> = new Set();
  /** The text of the last error, where that was a configuration that was refused. */
  #refused: string | undefined;

  constructor(log: Log, clock: Clock) {
    this.#log = log;
    this.#clock = clock;
    this.#course = { desired: waitingForStart(), since: clock.now(), reloads: { taken: 0, refused: 0 } };
  }

  get course(): Course {
    return this.#course;
  }

  reached(desired: Desired): void {
    const before = this.#course.desired;
    const sameState = kindOf(before) === kindOf(desired);
    this.#course = { ...this.#course, desired, ...(sameState ? {} : { since: this.#clock.now() }) };
    if (lineOf(before) !== lineOf(desired)) this.#tell(desired, sameState);
    if (desired.state === "active") this.#note(desired.notes);
  }

  /** A configuration that was read anew is not taken; all goes on with the one before. */
  refused(cause: string, lines: readonly string[], hint: string): void {
    const [first = "it is wrong", ...more] = lines;
    const text = `Cannot take the configuration anew (${cause}): ${first}; the one before stays`;
    this.#log.error(text, { hint, mistakes: lines.length });
    for (const line of more) this.#log.error(line);
    this.#refused = text;
    const { taken, refused } = this.#course.reloads;
    this.#course = {
      ...this.#course,
      reloads: { taken, refused: refused + 1 },
      refused: text,
      lastError: { text, hint, at: this.#clock.now() },
    };
  }

  /** A configuration that was read anew holds from now on. */
  taken(cause: string, warnings: readonly string[], changed: boolean): void {
    for (const warning of warnings) this.#log.warn(warning);
    if (changed) this.#log.info("takes the new configuration", { cause });
    else this.#log.debug("the configuration is the same", { cause });
    const { refused: _mended, ...kept } = this.#course;
    this.#course = { ...kept, reloads: { ...kept.reloads, taken: kept.reloads.taken + 1 } };
    if (this.#course.lastError?.text !== this.#refused || this.#refused === undefined) return;
    this.#refused = undefined;
    const { lastError: _gone, ...course } = this.#course;
    this.#course = course;
  }

  #note(notes: readonly string[]): void {
    for (const note of notes) if (!this.#notes.has(note)) this.#log.warn(note);
    this.#notes = new Set(notes);
  }

  #tell(desired: Desired, sameState: boolean): void {
    // The words may change with every look (which server was silent); the reason is what counts.
    if (desired.state === "waiting" && sameState) this.#log.debug("still waiting", fieldsOf(desired));
    else this.#log.info(desired.state, fieldsOf(desired));
  }

  failed(text: string, hint: string, again: number): void {
    const now = this.#clock.now();
    const desired: Desired = { state: "waiting", reason: "failed", text, lookAgainIn: again };
    const before = this.#course.desired;
    const sameState = kindOf(before) === kindOf(desired);
    const told = lineOf(before) === lineOf(desired);
    this.#course = {
      ...this.#course,
      desired,
      since: sameState ? this.#course.since : now,
      lastError: { text, hint, at: now },
    };
    const fields = { hint, again: `${Math.round(again / 1000)}s` };
    if (told) this.#log.debug(`once more: ${text}`, fields);
    else this.#log.error(text, fields);
  }

  /** Something went wrong that does not change the state. Told once, as long as it stays the same. */
  troubled(text: string, hint: string): void {
    if (this.#course.lastError?.text !== text) this.#log.error(text, { hint });
    this.#course = { ...this.#course, lastError: { text, hint, at: this.#clock.now() } };
  }

  /** One line for all that somebody took away. */
  repairing(effects: readonly Effect[]): void {
    if (effects.length === 0) return;
    this.#log.warn("Putting back what somebody took away", { what: effects.map(nameEffect).join(", ") });
  }

  /** What could not be undone, and is tried again with each pass: told when it begins. */
  stuckWith(texts: readonly string[]): void {
    for (const text of texts) if (!this.#stuck.has(text)) this.#log.warn(`${text}; clatd tries again`);
    this.#stuck = new Set(texts);
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
      const { pref64, origin, engine, uplink, clatV4, clatV6, mtu, relay } = desired;
      const addresses = { v4: clatV4, v6: clatV6, mtu: mtu.v6 };
      const { mappings, behind = [] } = relay ?? {};
      const devices = behind.length === 0 ? undefined : behind.join(",");
      return { pref64, origin, engine, uplink, ...addresses, mappings, behind: devices };
    }
    case "waiting":
      return { reason: desired.reason, text: desired.text };
    case "stopping":
      return {};
  }
}
