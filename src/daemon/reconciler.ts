// The daemon's one loop: events → facts → desired state → difference → effects (DESIGN §2, idea 2). Events only ring; a
// pass looks at everything anew, so a new prefix, a lost uplink and "somebody deleted our route" take the same path.
// One pass at a time. A pass that changes nothing logs nothing.

import type { Config } from "../config/key-table.js";
import { pause } from "../discovery/pause.js";
import type { Pref64Source } from "../discovery/source.js";
import type { TranslatorHost } from "../engine/engine.js";
import type { Clock, Random } from "../os/clock.js";
import { type OsDriver, OsError } from "../os/driver.js";
import type { Journal } from "../os/journal.js";
import type { NetSnapshot } from "../os/snapshot.js";
import type { DeviceTraffic } from "../os/traffic.js";
import { desire } from "../plan/desire.js";
import type { Desired } from "../plan/desired.js";
import { detection } from "../plan/detection.js";
import { type Facts, withoutOurAddresses } from "../plan/facts.js";
import { uplinkPrint } from "../plan/uplink-print.js";
import { waiting } from "../plan/waiting.js";
import { Backoff } from "./backoff.js";
import { isEnginesFault, logOf } from "./blame.js";
import { Clat } from "./clat.js";
import type { ConfigFeed, ConfigNews } from "./config-feed.js";
import { CourseLog } from "./course-log.js";
import { endingOf } from "./ending.js";
import { EngineContest, type EngineField } from "./engine-choice.js";
import { gatherFacts, type OtherClatds } from "./gather.js";
import { hintFor } from "./hints.js";
import type { Log } from "./log.js";
import { Pace, type PassResult } from "./pace.js";
import { asksOthers, judgeNews, sameConfig } from "./reload.js";
import { Renewals } from "./renewals.js";
import { beatWhile, type ServiceNotices } from "./service-notices.js";
import { Sources, watchConfig, watchSystem } from "./services.js";
import { type Incumbent, type StatusRecord, statusOf } from "./status.js";
import { type RunScript, ScriptUpFailed } from "./translation.js";
import { WakeUp } from "./wake-up.js";
import { messageOf } from "./words.js";

export interface ReconcilerParts {
  readonly config: Config;
  readonly os: OsDriver;
  readonly journal: Journal;
  /** Absent: there are no others. */
  readonly others?: OtherClatds;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly sources: readonly Pref64Source[];
  readonly engines: EngineField;
  readonly translators: TranslatorHost;
  readonly runScript?: RunScript;
  /** What came out of a device. Absent: nobody counts (the simulation). */
  readonly deviceTraffic?: (dev: string) => DeviceTraffic | undefined;
  /** Absent: the configuration never changes. */
  readonly feed?: ConfigFeed;
  readonly pid: number;
  /** Absent: the clock's times are taken for times of day (the simulation has no other). */
  readonly about?: Omit<Incumbent, "pid">;
  /** Absent: no service manager listens. */
  readonly notices?: ServiceNotices;
}

/** Milliseconds. */
const times = {
  /** Sysctls have no notification, so there is a look now and then although nothing happened. */
  slowLook: 30_000,
  lookAfterTrouble: 1000,
} as const;

export class Reconciler {
  readonly #parts: ReconcilerParts;
  readonly #sources: Sources;
  readonly #clat: Clat;
  readonly #course: CourseLog;
  readonly #backoff: Backoff;
  readonly #pace: Pace;
  readonly #engines: EngineContest;
  readonly #renewals: Renewals;
  readonly #bell = new WakeUp();
  readonly #random = new Uint8Array(16);
  readonly #start: number;
  #config: Config;
  /** A configuration that was read anew and not judged yet. */
  #news: ConfigNews | undefined;
  #uplinkPrint: string | undefined;
  #ending: number | undefined;

  constructor(parts: ReconcilerParts) {
    this.#parts = parts;
    const { config, os, journal, log, clock, translators, runScript } = parts;
    this.#config = config;
    this.#sources = new Sources(parts.sources);
    this.#clat = new Clat({
      config,
      os,
      journal,
      translators,
      log,
      onEnd: () => this.#bell.ring(),
      onRepair: (effects) => this.#course.repairing(effects),
      ...(runScript === undefined
        ? {}
        : { runScript: (...script) => beatWhile(runScript(...script), clock, parts.notices) }),
    });
    this.#start = clock.now();
    this.#course = new CourseLog(log, clock);
    this.#backoff = new Backoff(clock);
    this.#pace = new Pace(clock);
    this.#engines = new EngineContest({
      ...parts.engines,
      os,
      onLog: (engine, text) => {
        for (const line of text.split("\n")) log.debug(`${engine}: ${line}`);
      },
    });
    this.#renewals = new Renewals(clock);
    parts.random.fill(this.#random);
  }

  status(): StatusRecord {
    const { clock, journal } = this.#parts;
    const counters = this.#clat.counters();
    const translated = this.#translatedByOthers();
    return statusOf(this.#course.course, clock.now(), {
      ...incumbentOf(this.#parts),
      started: this.#start,
      restarts: this.#clat.restarts,
      clatDev: this.#config["clat-dev"],
      engineWhy: this.#engines.choice?.why ?? "",
      applied: journal.entries,
      ...(counters === undefined ? {} : { counters }),
      ...(translated === undefined ? {} : { translated }),
    });
  }

  /** Where another program translates, the kernel counts what comes out of its device. */
  #translatedByOthers(): DeviceTraffic | undefined {
    const { desired } = this.#course.course;
    if (desired.state !== "active" || desired.plan.translator !== undefined) return undefined;
    return this.#parts.deviceTraffic?.(this.#config["clat-dev"]);
  }

  /** Runs until the signal aborts, or until there is a reason to exit; then everything is back. Resolves with the exit code. */
  async run(signal: AbortSignal): Promise<number> {
    const services = new AbortController();
    const watching = { clock: this.#parts.clock, log: this.#parts.log, bell: this.#bell };
    const { os, feed } = this.#parts;
    this.#sources.watch(watching, services.signal);
    const running = [watchSystem(os, watching, services.signal)];
    if (feed !== undefined) running.push(watchConfig(feed, this.#hear, watching, services.signal));
    try {
      while (!signal.aborted && this.#ending === undefined) {
        this.#parts.notices?.beat();
        const lookAgainIn = await this.#pass(signal);
        this.#parts.notices?.passed(this.#course.course);
        if (this.#ending !== undefined) break;
        await this.#rest(lookAgainIn, signal);
      }
    } catch (error) {
      // Not a failure of an effect: the journal's disk is full, or a mistake of ours. Everything goes back all the same.
      this.#course.troubled(messageOf(error), hintFor(error));
      this.#ending = 1;
    }
    services.abort();
    const code = await this.#stop();
    await Promise.all([...running, this.#sources.ended()]);
    return code;
  }

  readonly #hear = (news: ConfigNews): void => {
    this.#news = news;
  };

  /** Until something happens and its swarm is over, or the time has come. */
  async #rest(ms: number, signal: AbortSignal): Promise<void> {
    const { clock } = this.#parts;
    const since = clock.now();
    if (!(await this.#wait(ms, signal))) return;
    await pause(clock, this.#pace.delay(clock.now() - since), signal);
    this.#bell.take();
  }

  /** For the bell, at most so long. A service manager hears meanwhile that the loop turns. */
  async #wait(ms: number, signal: AbortSignal): Promise<boolean> {
    const { clock, notices } = this.#parts;
    const until = clock.now() + ms;
    for (;;) {
      const slice = Math.min(until - clock.now(), notices?.beatEvery ?? Number.POSITIVE_INFINITY);
      if (await this.#bell.wait(clock, slice, signal)) return true;
      if (signal.aborted || clock.now() >= until) return false;
      notices?.beat();
    }
  }

  /** Returns after how many milliseconds to look again although nothing happened. */
  async #pass(signal: AbortSignal): Promise<number> {
    const seen = await this.#look();
    if (seen === undefined) return times.lookAfterTrouble;
    const facts = this.#takeNews(seen);
    let desired: Desired | undefined;
    try {
      this.#clat.refuseDead(facts);
      desired = await this.#desire(facts);
      this.#ending = endingOf(desired, this.#config);
      this.#pace.passed(await this.#reach(desired, facts.snapshot, signal));
      const { lookAgainIn = times.slowLook } = desired.state === "waiting" ? desired : {};
      return Math.min(lookAgainIn, times.slowLook, await this.#renew());
    } catch (error) {
      // Cut short since clatd is to end, and that puts everything back.
      if (error instanceof ScriptUpFailed && signal.aborted) return 0;
      return await this.#fail(error, desired);
    }
  }

  async #desire(facts: Facts): Promise<Desired> {
    const { failure } = facts;
    if (failure !== undefined) return waiting("failed", failure.text, failure.again);
    return desire(facts, (await this.#engines.choose()).engine);
  }

  /** Returns after how many milliseconds something has to be renewed. */
  async #renew(): Promise<number> {
    const { os, journal } = this.#parts;
    try {
      await this.#renewals.keep(os, journal.entries);
      return this.#renewals.dueIn(journal.entries) ?? times.slowLook;
    } catch (error) {
      this.#course.troubled(messageOf(error), hintFor(error));
      return times.lookAfterTrouble;
    }
  }

  /** The facts with the configuration that holds from now on. */
  #takeNews(facts: Facts): Facts {
    const news = this.#news;
    const { feed } = this.#parts;
    if (news === undefined || feed === undefined) return facts;
    this.#news = undefined;
    this.#parts.notices?.reloaded();
    const judgement = judgeNews(news, facts, this.#engines.choice?.engine);
    if (!judgement.ok) {
      this.#course.refused(news.cause, judgement.lines, judgement.hint);
      return facts;
    }
    const before = this.#config;
    const { config } = judgement;
    this.#course.taken(news.cause, judgement.warnings, !sameConfig(before, config));
    this.#config = config;
    this.#clat.config = config;
    this.#backoff.forget();
    if (asksOthers(before, config)) this.#sources.replace(feed.sources(config));
    const { failure: _mended, ...rest } = facts;
    return { ...rest, config };
  }

  /** Undefined where the system cannot be looked at: then nothing is touched, for what stands may well be right. */
  async #look(): Promise<Facts | undefined> {
    try {
      return await this.#gather();
    } catch (error) {
      this.#course.troubled(`Cannot look at the system: ${messageOf(error)}`, hintFor(error));
      // A command that is not installed does not come by waiting; one that goes while clatd runs is being replaced.
      const neverSeen = this.#uplinkPrint === undefined;
      const missing = error instanceof OsError && error.code === "missing";
      if (this.#config.once || (neverSeen && missing)) this.#ending = 1;
      return undefined;
    }
  }

  async #gather(): Promise<Facts> {
    const { os, clock, journal } = this.#parts;
    const facts = await gatherFacts({
      os,
      config: this.#config,
      applied: journal.entries,
      others: this.#parts.others,
      pref64: this.#sources.merged(),
      random: this.#random,
      uptime: clock.now() - this.#start,
      failure: this.#backoff.failure,
    });
    this.#lookForChangedUplink(withoutOurAddresses(facts).snapshot);
    return facts;
  }

  /** Another uplink may have another PLAT: the sources are asked at once, not when their time comes. */
  #lookForChangedUplink(snapshot: NetSnapshot): void {
    const print = uplinkPrint(snapshot, this.#config["clat-dev"]);
    if (this.#uplinkPrint !== undefined && this.#uplinkPrint !== print) this.#sources.wake();
    this.#uplinkPrint = print;
  }

  async #reach(desired: Desired, snapshot: NetSnapshot, signal: AbortSignal): Promise<PassResult> {
    const { difference, repairs, stuck } = await this.#clat.reach(desired, snapshot, signal);
    if (desired.state === "active") this.#backoff.succeeded();
    this.#course.stuckWith(stuck);
    const pending =
      desired.state === "active"
        ? detection(desired, difference.make, snapshot, this.#course.course.desired)
        : undefined;
    this.#course.reached(pending ?? desired);
    if (repairs.length > 0) return "repair";
    return difference.make.length + difference.clear.length > 0 ? "something" : "nothing";
  }

  /** The CLAT is there whole or not at all: what stands of it goes, and there is another attempt later. */
  async #fail(error: unknown, desired: Desired | undefined): Promise<number> {
    const stuck = await this.#clat.takeAway();
    if (this.#replaces(error, desired)) {
      this.#course.stuckWith(stuck);
      return 0;
    }
    const again = this.#backoff.failed(messageOf(error));
    if (error instanceof ScriptUpFailed || this.#config.once) {
      this.#course.troubled(messageOf(error), hintFor(error));
      this.#ending = 1;
    } else this.#course.failed(messageOf(error), `${hintFor(error)}; clatd tries again`, again);
    this.#course.stuckWith(stuck);
    return again;
  }

  /** Whether it was the engine's fault, and another one may try. */
  #replaces(error: unknown, desired: Desired | undefined): boolean {
    const loser = this.#engines.choice?.engine.name;
    const own = desired?.state === "active" ? desired.engineEffects : [];
    if (loser === undefined || !isEnginesFault(error, own)) return false;
    if (!this.#engines.lose(messageOf(error), logOf(error))) return false;
    this.#parts.log.warn(`The engine ${loser} cannot do it, another one takes over: ${messageOf(error)}`);
    return true;
  }

  async #stop(): Promise<number> {
    this.#course.reached({ state: "stopping" });
    this.#parts.notices?.stopping();
    const stuck = await this.#clat.takeAway();
    for (const text of stuck) {
      this.#parts.log.error(`${text}; \`clatd cleanup\` tries again`);
    }
    const failed = stuck.length > 0 || this.#clat.scriptDownFailed;
    return this.#ending !== undefined && this.#ending !== 0 ? this.#ending : failed ? 1 : 0;
  }
}

export function incumbentOf({ pid, about }: Pick<ReconcilerParts, "pid" | "about">): Incumbent {
  return { version: "unknown", timeOfDay: (ms) => ms, ...about, pid };
}
