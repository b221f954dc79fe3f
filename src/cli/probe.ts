// `clatd probe`: which engines this host can run, from the best to the last resort, and why not the others. Changes nothing.

import { readFile } from "node:fs/promises";
import type { Config } from "../config/key-table.js";
import type { Engine, EngineName, Probe } from "../engine/engine.js";
import type { OsDriver } from "../os/driver.js";
import type { Invocation } from "./arguments.js";
import { engineField } from "./choose-engine.js";
import { linuxOs } from "./compose.js";
import { exitCodes } from "./exit-code.js";
import { runtimeDir } from "./runtime-dir.js";
import { type Styles, styles, type Terminal } from "./terminal.js";

/** `unsure`: it may work; nothing but trying tells. */
export interface EngineReport {
  readonly engine: EngineName;
  /** Where the engine has several ways to do the same. */
  readonly way?: string;
  readonly runs: "yes" | "no" | "unsure";
  readonly reason?: string;
}

export async function probe(config: Config, { json }: Invocation, terminal: Terminal): Promise<number> {
  await using os = linuxOs(config);
  const { engines } = engineField(config, await runtimeDir(process.env));
  const reports = await probeAll(engines, os, await mayAdminister());
  terminal.out(json ? `${JSON.stringify(reports, undefined, 2)}\n` : probeText(reports, terminal.colours));
  return reports.some(({ runs }) => runs !== "no") ? exitCodes.ok.code : exitCodes.failed.code;
}

/**
 * One after the other: a probe may load a program into the kernel.
 * @param privileged whether the network may be changed; else what an engine says that it can is worth little
 */
export async function probeAll(
  engines: readonly Engine[],
  os: OsDriver,
  privileged: boolean,
): Promise<readonly EngineReport[]> {
  const reports: EngineReport[] = [];
  for (const engine of engines) {
    const answer = await answerOf(engine, os);
    const doubtful = answer.ok === true && !privileged;
    reports.push(reportOf(engine, doubtful ? { ok: "unknown", reason: withoutRoot } : answer));
  }
  return reports;
}

const withoutRoot = "only root, or who has CAP_NET_ADMIN, can tell for sure";

/** CAP_NET_ADMIN is bit 12 of the effective capabilities (capabilities(7)). */
async function mayAdminister(): Promise<boolean> {
  const text = await readFile("/proc/self/status", "utf8").catch(() => "");
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(text)?.[1];
  return effective !== undefined && ((BigInt(`0x${effective}`) >> 12n) & 1n) === 1n;
}

/** An engine that cannot even be asked is one that cannot run. */
async function answerOf(engine: Engine, os: OsDriver): Promise<Probe> {
  try {
    return await engine.probe(os);
  } catch (error) {
    return { ok: false, reason: error instanceof Error ? error.message : String(error) };
  }
}

function reportOf({ name, way }: Engine, answer: Probe): EngineReport {
  const engine = way === undefined ? { engine: name } : { engine: name, way };
  switch (answer.ok) {
    case true:
      return { ...engine, runs: "yes" };
    case false:
      return { ...engine, runs: "no", reason: answer.reason };
    case "unknown":
      return { ...engine, runs: "unsure", reason: answer.reason };
  }
}

export function probeText(reports: readonly EngineReport[], colours = false): string {
  const style = styles(colours);
  return reports.map((report) => `${lineOf(report, style)}\n`).join("");
}

function lineOf({ engine, way, runs, reason }: EngineReport, style: Styles): string {
  const word = runs === "no" ? style.bad(runs) : style.good(runs);
  return `${style.title(engine)}${way === undefined ? "" : ` ${way}`}: ${word}${reason === undefined ? "" : `: ${reason}`}`;
}
