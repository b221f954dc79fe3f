// Which engine does the work, and why: the plan asks it for effects, `status` shows the reason. The best that this host can
// run; where it turns out that it cannot do it after all, the next takes its place.

import type { Engine, EngineName } from "../engine/engine.js";
import type { OsDriver } from "../os/driver.js";

export interface EngineChoice {
  readonly engine: Engine;
  /** Why this one, for people. */
  readonly why: string;
}

/** Who may do it. */
export interface EngineField {
  readonly wanted: "auto" | EngineName;
  /** From the best to the last resort. */
  readonly engines: readonly Engine[];
}

export interface EngineContestParts extends EngineField {
  readonly os: OsDriver;
  /** Takes what a kernel had to say at length about an engine that lost. */
  readonly onLog?: (engine: EngineName, log: string) => void;
}

interface Loss {
  readonly engine: Engine;
  readonly reason: string;
}

export class EngineContest {
  readonly #parts: EngineContestParts;
  readonly #candidates: readonly Engine[];
  #lost: Loss[] = [];
  #choice: EngineChoice | undefined;

  constructor(parts: EngineContestParts) {
    this.#parts = parts;
    this.#candidates = parts.engines.filter(({ name }) => parts.wanted === "auto" || parts.wanted === name);
  }

  /** The one that does it, as long as there has been a choice. */
  get choice(): EngineChoice | undefined {
    return this.#choice;
  }

  /** Throws, with a message for people, where none can run. The next call asks all of them anew. */
  async choose(): Promise<EngineChoice> {
    this.#choice ??= await this.#elect();
    return this.#choice;
  }

  /**
   * The one that was chosen cannot do it after all. True where another may take its place; false where it was the last: then
   * all of them get another chance.
   */
  lose(reason: string, log?: string): boolean {
    const loser = this.#choice?.engine;
    if (loser === undefined) return false;
    this.#losing({ engine: loser, reason }, log);
    this.#choice = undefined;
    const left = this.#candidates.some((engine) => !this.#hasLost(engine));
    if (!left) this.#lost = [];
    return left;
  }

  async #elect(): Promise<EngineChoice> {
    for (const engine of this.#candidates) {
      if (this.#hasLost(engine)) continue;
      const probe = await engine.probe(this.#parts.os);
      if (probe.ok !== false) return { engine, why: this.#why(engine, probe.ok === true ? undefined : probe.reason) };
      this.#losing({ engine, reason: probe.reason }, probe.log);
    }
    const lost = this.#lost;
    this.#lost = [];
    throw new Error(noneLeft(this.#parts.wanted, lost));
  }

  #losing(loss: Loss, log: string | undefined): void {
    this.#lost.push(log === undefined ? loss : { ...loss, reason: `${loss.reason} (${endOf(log)})` });
    if (log !== undefined) this.#parts.onLog?.(loss.engine.name, log);
  }

  #hasLost(engine: Engine): boolean {
    return this.#lost.some((loss) => loss.engine === engine);
  }

  #why({ way }: Engine, doubt: string | undefined): string {
    const asked = this.#parts.wanted === "auto" ? "the best that this host can run" : "as engine= says";
    const why = way === undefined ? asked : `${asked}, ${way}`;
    const others = this.#lost.length === 0 ? [] : [`not ${lossTexts(this.#lost).join("; not ")}`];
    const doubts = doubt === undefined ? [] : [`unsure: ${doubt}`];
    return [why, ...others, ...doubts].join("; ");
  }
}

function noneLeft(wanted: EngineField["wanted"], lost: readonly Loss[]): string {
  if (wanted !== "auto")
    return `Cannot translate with engine=${wanted}: ${[...new Set(lost.map(({ reason }) => reason))].join("; ")}`;
  const reasons = lossTexts(lost).join("; ");
  return `Cannot translate: no engine can run on this host (${reasons}); clatd needs root and /dev/net/tun`;
}

/** What keeps several from it is told once. */
function lossTexts(lost: readonly Loss[]): readonly string[] {
  const reasons = new Set(lost.map(({ reason }) => reason));
  return [...reasons].map((reason) => {
    const losers = lost.filter((loss) => loss.reason === reason);
    return `${losers.map(({ engine }) => nameOf(engine)).join(", ")}: ${reason}`;
  });
}

function nameOf({ name, way }: Engine): string {
  return way === undefined ? name : `${name} ${way}`;
}

const lastLines = 3;

/** A verifier says at the end what it does not like. */
function endOf(log: string): string {
  const lines = log
    .split("\n")
    .filter((line) => line.trim() !== "" && !/^(processed|verification time|stack depth)/.test(line));
  return lines.slice(-lastLines).join(" / ");
}
