// The CLAT as it stands on the host, its effects and its translator: brought to what is desired, and taken away whole. What
// is desired, when to try again and what people are told of it are the reconciler's matters.

import type { Config } from "../config/key-table.js";
import type { OsDriver } from "../os/driver.js";
import type { Effect } from "../os/effect.js";
import type { Journal } from "../os/journal.js";
import type { NetSnapshot } from "../os/snapshot.js";
import type { Desired } from "../plan/desired.js";
import { type Difference, diff } from "../plan/diff.js";
import type { Facts } from "../plan/facts.js";
import { repairsIn } from "../plan/repairs.js";
import type { CounterValues } from "../xlat/counters.js";
import { TranslatorFailed } from "./blame.js";
import { takeSteps, undoAll } from "./ledger.js";
import { Translation, type TranslationParts } from "./translation.js";

export interface ClatParts extends TranslationParts {
  readonly os: OsDriver;
  readonly journal: Journal;
  /** Called before what somebody took away is put back; also where that is nothing. */
  readonly onRepair: (effects: readonly Effect[]) => void;
}

export interface Reached {
  readonly difference: Difference;
  readonly repairs: readonly Effect[];
  /** What could not be undone, a line each. */
  readonly stuck: readonly string[];
}

export class Clat {
  readonly #parts: ClatParts;
  readonly #translation: Translation;
  #processEnds = 0;

  constructor(parts: ClatParts) {
    this.#parts = parts;
    this.#translation = new Translation(parts);
  }

  /** Scripts that run from now on are those of this one. */
  set config(config: Config) {
    this.#translation.config = config;
  }

  /** How often what translates has ended without having been asked. */
  get restarts(): number {
    return this.#translation.restarts + this.#processEnds;
  }

  get scriptDownFailed(): boolean {
    return this.#translation.scriptDownFailed;
  }

  counters(): CounterValues | undefined {
    return this.#translation.counters();
  }

  /** Throws where what translates has ended by itself. */
  refuseDead(facts: Facts): void {
    this.#refuseDeadTranslator(facts);
    this.#refuseDeadProcess(facts);
  }

  /**
   * Throws at the first effect that cannot be done, and what the translator and the scripts throw.
   *
   * @param signal cuts script-up short
   */
  async reach(desired: Desired, snapshot: NetSnapshot, signal: AbortSignal): Promise<Reached> {
    const wanted = desired.state === "active" ? desired.plan.effects : [];
    const difference = diff(this.#parts.journal.entries, wanted, snapshot);
    const repairs = repairsIn(difference.make);
    if (desired.state !== "active" || losesTun(difference)) await this.#translation.stop();
    this.#parts.onRepair(repairs);
    const stuck = [...(await takeSteps(this.#parts, difference.make))];
    if (desired.state === "active") await this.#translation.bring(desired, signal, attaches(difference));
    stuck.push(...(await takeSteps(this.#parts, difference.clear)));
    return { difference, repairs, stuck };
  }

  /** Returns why what stayed could not be undone, a line each. */
  async takeAway(): Promise<readonly string[]> {
    await this.#translation.stop();
    return undoAll(this.#parts);
  }

  /** A translator whose TUN was deleted has ended rightly: the difference brings both back. One that ended by itself is a failure. */
  #refuseDeadTranslator({ config, snapshot }: Facts): void {
    const { ended } = this.#translation;
    const dev = config["clat-dev"];
    if (ended === undefined || !snapshot.links.some(({ name }) => name === dev)) return;
    throw new TranslatorFailed(`The translator on ${dev} has ended: ${ended.message}`, { cause: ended });
  }

  /** An engine may be a program of others. One that ends by itself is begun again later, and nobody else takes its place. */
  #refuseDeadProcess({ applied }: Facts): void {
    for (const { effect } of applied) {
      if (effect.do !== "process.start") continue;
      const end = this.#parts.os.endOf(effect.name, effect.in);
      if (end === undefined) continue;
      this.#processEnds += 1;
      throw new Error(`The process "${effect.name}" has ended: ${end}`);
    }
  }
}

/** The translator has the TUN open: it must let go before another one comes under that name. */
function losesTun({ make, clear }: Difference): boolean {
  return [...make, ...clear].some((step) => step.do === "undo" && step.applied.effect.do === "link.add");
}

/** A device that has come anew is another one to the fast path, though its name is the same. */
function attaches({ make }: Difference): boolean {
  return make.some((step) => step.do === "apply" && step.effect.do === "bpf.attach");
}
