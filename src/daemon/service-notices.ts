// What a service manager hears from the daemon, in the words of sd_notify(3): that it is ready, what it does (STATUS=),
// that it takes its configuration anew, that it ends, and, for as long as its one loop turns, that it is alive (WATCHDOG=1).

import { pause } from "../discovery/pause.js";
import type { Clock } from "../os/clock.js";
import type { Desired } from "../plan/desired.js";
import type { Course } from "./status.js";

export interface NoticeParts {
  /** Hands over one message, `KEY=value` lines. False where it did not get through; that is no reason to fail. */
  send(message: string): boolean;
  /** Microseconds of CLOCK_MONOTONIC: systemd tells by it which READY=1 belongs to which reload. */
  monotonic(): bigint;
  /** Milliseconds between two signs of life; undefined: nobody waits for them. */
  readonly beatEvery?: number;
}

export class ServiceNotices {
  readonly #parts: NoticeParts;
  #ready = false;
  #reload: "none" | "asked" | "done" = "none";
  #status = "";
  /** What did not get through: it goes with the next message. */
  #unsent: readonly string[] = [];

  constructor(parts: NoticeParts) {
    this.#parts = parts;
  }

  get beatEvery(): number | undefined {
    return this.#parts.beatEvery;
  }

  /** The loop turns. */
  beat(): void {
    if (this.#parts.beatEvery !== undefined) this.#tell(["WATCHDOG=1"]);
  }

  /** Somebody wants the configuration to be read anew. */
  reloading(): void {
    this.#reload = "asked";
    this.#tell(["RELOADING=1", `MONOTONIC_USEC=${this.#parts.monotonic()}`]);
  }

  /** It has been read, and taken or refused. */
  reloaded(): void {
    if (this.#reload === "asked") this.#reload = "done";
  }

  /**
   * A pass is over. Ready is who knows how things stand, be it that it waits for a PLAT: what starts after clatd finds
   * IPv4 where there is any to be had, and no boot hangs where there is none.
   */
  passed(course: Course): void {
    const lines: string[] = [];
    if (this.#reload === "done" || (!this.#ready && isKnown(course.desired))) {
      lines.push("READY=1");
      this.#ready = true;
      this.#reload = "none";
    }
    const status = statusLine(course);
    if (status !== this.#status) lines.push(`STATUS=${status}`);
    this.#status = status;
    if (lines.length > 0) this.#tell(lines);
  }

  stopping(): void {
    this.#tell(["STOPPING=1", "STATUS=putting everything back"]);
  }

  #tell(lines: readonly string[]): void {
    // Signs of life are worth nothing later.
    const kept = this.#unsent.filter((line) => line !== "WATCHDOG=1");
    const all = [...kept, ...lines];
    this.#unsent = this.#parts.send(all.join("\n")) ? [] : all.slice(-8);
  }
}

/** Waits for somebody else's program, which may take its time: the loop is alive while it does. */
export async function beatWhile<T>(work: Promise<T>, clock: Clock, notices: ServiceNotices | undefined): Promise<T> {
  const every = notices?.beatEvery;
  if (every === undefined) return work;
  const over = new AbortController();
  const beating = (async () => {
    while (!over.signal.aborted) {
      notices?.beat();
      await pause(clock, every, over.signal);
    }
  })();
  try {
    return await work;
  } finally {
    over.abort();
    await beating;
  }
}

function isKnown(desired: Desired): boolean {
  return desired.state !== "waiting" || desired.reason !== "starting";
}

/** One line: `active, 2001:db8:64::/96 via eth0`. */
export function statusLine({ desired, refused }: Course): string {
  const note = refused === undefined ? "" : ` (${refused})`;
  return `${stateLine(desired)}${note}`.replace(/\s+/g, " ");
}

function stateLine(desired: Desired): string {
  switch (desired.state) {
    case "active":
      return `active, ${desired.pref64} via ${desired.uplink}`;
    case "waiting":
      return `waiting: ${desired.text}`;
    case "stopping":
      return "putting everything back";
  }
}
