// The daemon's one loop: events → facts → desired state → difference → effects (DESIGN §2, idea 2). Events only ring; a
// pass looks at everything anew, so a new prefix, a lost uplink and "somebody deleted our route" take the same path.
// One pass at a time. A pass that changes nothing logs nothing.

import type { Config } from "../config/key-table.js";
import { pause } from "../discovery/pause.js";
import type { Pref64Source } from "../discovery/source.js";
import type { TranslatorHost } from "../engine/engine.js";
import type { Clock, Random } from "../os/clock.js";
import type { OsDriver } from "../os/driver.js";
import type { Journal } from "../os/journal.js";
import type { NetSnapshot } from "../os/snapshot.js";
import { desire } from "../plan/desire.js";
import type { Desired } from "../plan/desired.js";
import { type Difference, diff } from "../plan/diff.js";
import type { Facts } from "../plan/facts.js";
import { repairsIn } from "../plan/repairs.js";
import { uplinkPrint } from "../plan/uplink-print.js";
import { Backoff } from "./backoff.js";
import type { ConfigFeed, ConfigNews } from "./config-feed.js";
import { CourseLog } from "./course-log.js";
import { endingOf } from "./ending.js";
import type { EngineChoice } from "./engine-choice.js";
import { gatherFacts } from "./gather.js";
import { hintFor } from "./hints.js";
import { type Ledger, takeSteps, undoAll } from "./ledger.js";
import type { Log } from "./log.js";
import { Pace, type PassResult } from "./pace.js";
import { asksOthers, judgeNews, sameConfig } from "./reload.js";
import { Sources, watchConfig, watchSystem } from "./services.js";
import { type StatusRecord, statusOf } from "./status.js";
import { type RunScript, ScriptUpFailed, Translation } from "./translation.js";
import { WakeUp } from "./wake-up.js";
import { messageOf } from "./words.js";

export interface ReconcilerParts {
  readonly config: Config;
  readonly os: OsDriver;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly sources: readonly Pref64Source[];
  readonly engine: EngineChoice;
  readonly translators: TranslatorHost;
  readonly runScript?: RunScript;
  /** Absent: the configuration never changes. */
  readonly feed?: ConfigFeed;
  readonly pid: number;
}

/** Milliseconds. */
const times = {
  /** Sysctls have no notification, so there is a look now and then although nothing happened. */
  slowLook: 30_000,
  lookAfterTrouble: 1000,
} as const;

export class Reconciler {
  readonly #parts: ReconcilerParts;
  readonly #ledger: Ledger;
  readonly #sources: Sources;
  readonly #translation: Translation;
  readonly #course: CourseLog;
  readonly #backoff: Backoff;
  readonly #pace: Pace;
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
    this.#ledger = { os, journal, log };
    this.#sources = new Sources(parts.sources);
    this.#translation = new Translation({
      config,
      translators,
      log,
      onEnd: () => this.#bell.ring(),
      ...(runScript === undefined ? {} : { runScript }),
    });
    this.#start = clock.now();
    this.#course = new CourseLog(log, clock);
    this.#backoff = new Backoff(clock);
    this.#pace = new Pace(clock);
    parts.random.fill(this.#random);
  }

  status(): StatusRecord {
    const { clock, engine, journal, pid } = this.#parts;
    const counters = this.#translation.counters();
    return statusOf(this.#course.course, clock.now(), {
      pid,
      clatDev: this.#config["clat-dev"],
      engineWhy: engine.why,
      applied: journal.entries,
      ...(counters === undefined ? {} : { counters }),
    });
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
        const lookAgainIn = await this.#pass();
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
    if (!(await this.#bell.wait(clock, ms, signal))) return;
    await pause(clock, this.#pace.delay(clock.now() - since), signal);
    this.#bell.take();
  }

  /** Returns after how many milliseconds to look again although nothing happened. */
  async #pass(): Promise<number> {
    const seen = await this.#look();
    if (seen === undefined) return times.lookAfterTrouble;
    const facts = this.#takeNews(seen);
    try {
      this.#refuseDeadTranslator(facts);
      const desired = desire(facts, this.#parts.engine.engine);
      this.#ending = endingOf(desired, this.#config);
      this.#pace.passed(await this.#reach(desired, facts.snapshot));
      const { lookAgainIn = times.slowLook } = desired.state === "waiting" ? desired : {};
      return Math.min(lookAgainIn, times.slowLook);
    } catch (error) {
      return await this.#fail(error);
    }
  }

  /** The facts with the configuration that holds from now on. */
  #takeNews(facts: Facts): Facts {
    const news = this.#news;
    const { engine, feed } = this.#parts;
    if (news === undefined || feed === undefined) return facts;
    this.#news = undefined;
    const judgement = judgeNews(news, facts, engine.engine);
    if (!judgement.ok) {
      this.#course.refused(news.cause, judgement.lines, judgement.hint);
      return facts;
    }
    const before = this.#config;
    const { config } = judgement;
    this.#course.taken(news.cause, judgement.warnings, !sameConfig(before, config));
    this.#config = config;
    this.#translation.config = config;
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
      return undefined;
    }
  }

  async #gather(): Promise<Facts> {
    const { os, clock, journal } = this.#parts;
    const facts = await gatherFacts({
      os,
      config: this.#config,
      applied: journal.entries,
      pref64: this.#sources.merged(),
      random: this.#random,
      uptime: clock.now() - this.#start,
      failure: this.#backoff.failure,
    });
    this.#lookForChangedUplink(facts.snapshot);
    return facts;
  }

  /** Another uplink may have another PLAT: the sources are asked at once, not when their time comes. */
  #lookForChangedUplink(snapshot: NetSnapshot): void {
    const print = uplinkPrint(snapshot, this.#config["clat-dev"]);
    if (this.#uplinkPrint !== undefined && this.#uplinkPrint !== print) this.#sources.wake();
    this.#uplinkPrint = print;
  }

  /** A translator whose TUN was deleted has ended rightly: the difference brings both back. One that ended by itself is a failure. */
  #refuseDeadTranslator({ snapshot }: Facts): void {
    const { ended } = this.#translation;
    const dev = this.#config["clat-dev"];
    if (ended === undefined || !snapshot.links.some(({ name }) => name === dev)) return;
    throw new Error(`The translator on ${dev} has ended: ${ended.message}`, { cause: ended });
  }

  async #reach(desired: Desired, snapshot: NetSnapshot): Promise<PassResult> {
    const wanted = desired.state === "active" ? desired.plan.effects : [];
    const difference = diff(this.#parts.journal.entries, wanted, snapshot);
    const repairs = repairsIn(difference.make);
    if (desired.state !== "active" || this.#losesTun(difference)) await this.#translation.stop();
    this.#course.repairing(repairs);
    const stuck = [...(await takeSteps(this.#ledger, difference.make))];
    if (desired.state === "active") {
      await this.#translation.bring(desired);
      this.#backoff.succeeded();
    }
    stuck.push(...(await takeSteps(this.#ledger, difference.clear)));
    this.#course.stuckWith(stuck);
    this.#course.reached(desired);
    if (repairs.length > 0) return "repair";
    return difference.make.length + difference.clear.length > 0 ? "something" : "nothing";
  }

  /** The translator has the TUN open: it must let go before another one comes under that name. */
  #losesTun({ make, clear }: Difference): boolean {
    return [...make, ...clear].some((step) => step.do === "undo" && step.applied.effect.do === "link.add");
  }

  /** The CLAT is there whole or not at all: what stands of it goes, and there is another attempt later. */
  async #fail(error: unknown): Promise<number> {
    await this.#translation.stop();
    const stuck = await undoAll(this.#ledger);
    const again = this.#backoff.failed(messageOf(error));
    this.#course.failed(messageOf(error), hintFor(error), again);
    this.#course.stuckWith(stuck);
    if (error instanceof ScriptUpFailed || this.#config.once) this.#ending = 1;
    return again;
  }

  async #stop(): Promise<number> {
    this.#course.reached({ state: "stopping" });
    await this.#translation.stop();
    const stuck = await undoAll(this.#ledger);
    for (const text of stuck) {
      this.#parts.log.error(`${text}; \`clatd cleanup\` tries again`);
    }
    const failed = stuck.length > 0 || this.#translation.scriptDownFailed;
    return this.#ending !== undefined && this.#ending !== 0 ? this.#ending : failed ? 1 : 0;
  }
}
