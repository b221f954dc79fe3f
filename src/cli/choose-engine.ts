// Which engine does the work: the one that is asked for, or the best that this host can run.

import type { EngineChoice } from "../daemon/engine-choice.js";
import type { Engine } from "../engine/engine.js";
import { userspaceEngine } from "../engine/userspace/plan.js";
import type { OsDriver } from "../os/driver.js";

/** From the best to the last resort. */
const engines: readonly Engine[] = [userspaceEngine];

/** Throws, with a message for people, where none can run. */
export async function chooseEngine(wanted: "auto" | Engine["name"], os: OsDriver): Promise<EngineChoice> {
  const lost: string[] = [];
  for (const engine of engines) {
    if (wanted !== "auto" && wanted !== engine.name) continue;
    const probe = await engine.probe(os);
    if (probe.ok !== false) return { engine, why: reason(wanted, lost, probe.ok === true ? undefined : probe.reason) };
    lost.push(`${engine.name}: ${probe.reason}`);
  }
  throw new Error(
    `Cannot translate: no engine can run on this host (${lost.join("; ")}); clatd needs root and /dev/net/tun`,
  );
}

function reason(wanted: string, lost: readonly string[], doubt: string | undefined): string {
  const why = wanted === "auto" ? "the best that this host can run" : "as engine= says";
  const others = lost.length === 0 ? [] : [`not ${lost.join("; not ")}`];
  const doubts = doubt === undefined ? [] : [`unsure: ${doubt}`];
  return [why, ...others, ...doubts].join("; ");
}
