// `clatd plan`: looks at the system and at the sources once, and says what the daemon would do. Touches nothing.

import type { Config } from "../config/key-table.js";
import { childOf } from "../discovery/pause.js";
import type { Pref64Source } from "../discovery/source.js";
import type { Clock, Random } from "../os/clock.js";
import type { Applied, OsDriver } from "../os/driver.js";
import { desire } from "../plan/desire.js";
import type { Desired } from "../plan/desired.js";
import { EngineContest, type EngineField } from "./engine-choice.js";
import { gatherFacts, type OtherClatds } from "./gather.js";
import type { Log } from "./log.js";
import { Sources } from "./services.js";
import { WakeUp } from "./wake-up.js";

export interface PlanParts {
  readonly os: OsDriver;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly sources: readonly Pref64Source[];
  readonly engines: EngineField;
  /** What a running daemon has applied. */
  readonly applied?: readonly Applied[];
  readonly others?: OtherClatds;
}

/** How long the sources may take, in milliseconds. */
const patience = 3000;

/** The desired state as of now; its effects are all there would be (`describeEffect` says them as commands). */
export async function planOnce(config: Config, parts: PlanParts, signal: AbortSignal): Promise<Desired> {
  const { os, clock, random, log } = parts;
  const sources = new Sources(parts.sources);
  const bell = new WakeUp();
  const { controller, release } = childOf(signal);
  sources.watch({ clock, log, bell }, controller.signal);
  try {
    const until = clock.now() + patience;
    while (sources.merged()?.found !== true && clock.now() < until && !signal.aborted) {
      await bell.wait(clock, until - clock.now(), signal);
    }
    const octets = new Uint8Array(16);
    random.fill(octets);
    const facts = await gatherFacts({
      os,
      config,
      applied: parts.applied ?? [],
      others: parts.others,
      pref64: sources.merged(),
      random: octets,
      // The delay is for a host that comes up; a person who asks has waited.
      uptime: Number.POSITIVE_INFINITY,
      failure: undefined,
    });
    const { engine } = await new EngineContest({ ...parts.engines, os }).choose();
    return desire(facts, engine);
  } finally {
    // Also where the system cannot be looked at: who is still asked would keep the process from ending.
    controller.abort();
    release();
    await sources.ended();
  }
}
