// The translator of this process and the scripts around it: script-up before translation starts, script-down when it
// has ended. Knows nothing of effects; the reconciler calls it when they are in place, and before they go.

import { scriptEnvironment } from "../config/environment.js";
import type { Config } from "../config/key-table.js";
import type { RunningTranslator, TranslatorHost } from "../engine/engine.js";
import type { Desired } from "../plan/desired.js";
import { addCounters, type CounterValues } from "../xlat/counters.js";
import { SpecError } from "../xlat/spec-error.js";
import { TranslatorFailed } from "./blame.js";
import type { Log } from "./log.js";
import { messageOf } from "./words.js";

type Active = Extract<Desired, { state: "active" }>;

/**
 * Runs a line in the system's shell; rejects, with a message for people, where it fails. Once the signal aborts, it is
 * ended, and what it has started with it.
 */
export type RunScript = (
  line: string,
  environment: Readonly<Record<string, string>>,
  signal?: AbortSignal,
) => Promise<void>;

/** A failure of script-up ends the daemon, as it did in the Perl clatd. */
export class ScriptUpFailed extends Error {
  constructor(cause: unknown) {
    super(`Cannot start translation: script-up failed: ${messageOf(cause)}; append "|| true" where that is no matter`, {
      cause,
    });
    this.name = "ScriptUpFailed";
  }
}

export interface TranslationParts {
  readonly config: Config;
  readonly translators: TranslatorHost;
  /** Absent: scripts are not run (the simulation has no shell). */
  readonly runScript?: RunScript;
  readonly log: Log;
  /** Called when the translator has ended without having been asked. */
  readonly onEnd: () => void;
}

export class Translation {
  readonly #parts: TranslationParts;
  #config: Config;
  #running: { readonly translator: RunningTranslator; wanted: string } | undefined;
  #environment: Readonly<Record<string, string>> | undefined;
  #ended: Error | undefined;
  #scriptDownFailed = false;
  #restarts = 0;
  /** What translators counted that run no more. */
  #past: CounterValues | undefined;

  constructor(parts: TranslationParts) {
    this.#parts = parts;
    this.#config = parts.config;
  }

  /** Scripts that run from now on are those of this one. */
  set config(config: Config) {
    this.#config = config;
  }

  get scriptDownFailed(): boolean {
    return this.#scriptDownFailed;
  }

  /** Why the translator ended without having been asked; absent while it runs, and while none is wanted. */
  get ended(): Error | undefined {
    return this.#ended;
  }

  /** How often it has ended without having been asked. */
  get restarts(): number {
    return this.#restarts;
  }

  /** Of all translators since the start, so that they never fall. */
  counters(): CounterValues | undefined {
    return together(this.#past, this.#running?.translator.counters());
  }

  /**
   * Starts, or gives the running one its new specification. The effects of `active` stand already.
   *
   * @param signal cuts script-up short, which fails then
   * @param anew it has lost something that it stands on: it is given the same specification once more
   */
  async bring(active: Active, signal: AbortSignal, anew = false): Promise<void> {
    await this.#scriptUp(active, signal);
    const wanted = active.plan.translator;
    if (wanted === undefined) return;
    const { dev, spec, fastPath } = wanted;
    const text = JSON.stringify({ spec, fastPath });
    if (this.#running !== undefined) {
      if (anew || this.#running.wanted !== text) await this.#trying(this.#running.translator.update(spec, fastPath));
      this.#running.wanted = text;
      return;
    }
    const translator = await this.#trying(this.#parts.translators.start(dev, spec, fastPath));
    this.#running = { translator, wanted: text };
    void translator.ended.then((error) => this.#onEnded(translator, error));
  }

  /** Stops what runs; never fails: what can't be stopped in order is told. */
  async stop(): Promise<void> {
    const running = this.#running;
    const before = this.#past;
    this.#past = this.counters();
    this.#running = undefined;
    this.#ended = undefined;
    try {
      await running?.translator.stop();
      // It has translated and counted until then.
      if (running !== undefined) this.#past = together(before, running.translator.counters());
    } catch (error) {
      this.#parts.log.warn(`The translator did not stop in order: ${messageOf(error)}`);
    }
    await this.#scriptDown();
  }

  /** A specification that is wrong is so for every translator. */
  async #trying<T>(work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (cause) {
      throw cause instanceof SpecError ? cause : new TranslatorFailed(messageOf(cause), { cause });
    }
  }

  #onEnded(translator: RunningTranslator, error: Error | undefined): void {
    if (this.#running?.translator !== translator) return;
    this.#ended = error ?? new Error("it ended without an error");
    this.#restarts += 1;
    this.#parts.onEnd();
  }

  async #scriptUp(active: Active, signal: AbortSignal): Promise<void> {
    if (this.#environment !== undefined) return;
    const { runScript } = this.#parts;
    const environment = scriptEnvironment(this.#config, active.inUse);
    const line = this.#config["script-up"];
    if (line !== undefined && signal.aborted) throw new ScriptUpFailed(signal.reason);
    // From here on script-down is owed, also where script-up did half of its work.
    this.#environment = environment;
    if (line === undefined || runScript === undefined) return;
    try {
      await runScript(line, environment, signal);
    } catch (error) {
      throw new ScriptUpFailed(error);
    }
  }

  async #scriptDown(): Promise<void> {
    const environment = this.#environment;
    if (environment === undefined) return;
    this.#environment = undefined;
    const { runScript, log } = this.#parts;
    const line = this.#config["script-down"];
    if (line === undefined || runScript === undefined) return;
    try {
      await runScript(line, environment);
    } catch (error) {
      this.#scriptDownFailed = true;
      log.error(`script-down failed: ${messageOf(error)}; clatd cleans up all the same`);
    }
  }
}

function together(past: CounterValues | undefined, now: CounterValues | undefined): CounterValues | undefined {
  return past === undefined || now === undefined ? (past ?? now) : addCounters(past, now);
}
