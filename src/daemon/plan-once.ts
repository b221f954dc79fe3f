// `clatd plan`: looks at the system and at the sources once, and says what the daemon would do. Touches nothing.

import type { Config } from "../config/key-table.js";
import type { Pref64Source } from "../discovery/source.js";
import type { Clock, Random } from "../os/clock.js";
import type { Applied, OsDriver } from "../os/driver.js";
import { desire } from "../plan/desire.js";
import type { Desired } from "../plan/desired.js";
import { EngineContest, type EngineField } from "./engine-choice.js";
import { gatherFacts } from "./gather.js";
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
}

/** How long the sources may take, in milliseconds. */
const patience = 3000;

/** The desired state as of now; its effects are all there would be (`describeEffect` says them as commands). */
export async function planOnce(config: Config, parts: PlanParts, signal: AbortSignal): Promise<Desired> {
  const { os, clock, random, log } = parts;
  const sources = new Sources(parts.sources);
  const bell = new WakeUp();
  const watching = new AbortController();
  const stop = (): void => watching.abort();
  signal.addEventListener("abort", stop);
  sources.watch({ clock, log, bell }, watching.signal);
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
    pref64: sources.merged(),
    random: octets,
    // The delay is for a host that comes up; a person who asks has waited.
    uptime: Number.POSITIVE_INFINITY,
    failure: undefined,
  });
  stop();
  signal.removeEventListener("abort", stop);
  await sources.ended();
  const { engine } = await new EngineContest({ ...parts.engines, os }).choose();
  return desire(facts, engine);
}
