// Whether a configuration that was read anew can take the place of the one that runs: whole or not at all.

import { type Config, type KeyName, keySpec } from "../config/key-table.js";
import { formatMistake } from "../config/mistake.js";
import { EamError } from "../net/eam.js";
import { desire, type PlanningEngine } from "../plan/desire.js";
import type { Facts } from "../plan/facts.js";
import { compileSpec } from "../xlat/compile.js";
import { SpecError } from "../xlat/spec-error.js";
import type { ConfigNews } from "./config-feed.js";

export type Judgement =
  | { readonly ok: true; readonly config: Config; readonly warnings: readonly string[] }
  /** `lines`: what is wrong, the first thing first. */
  | { readonly ok: false; readonly lines: readonly string[]; readonly hint: string };

/** What is settled when the process starts: its socket and journal, its engines and commands, its log. */
const settledKeys = [
  "clat-dev",
  "engine",
  "plumbing",
  "quiet",
  "debug",
  "metrics-listen",
  "cmd-ip",
  "cmd-nft",
  "cmd-networkctl",
  "cmd-tayga",
  "cmd-ufw",
  "tayga-conffile",
] as const satisfies readonly KeyName[];

const sourceKeys = [
  "plat-prefix",
  "plat-fallback-prefix",
  "dns64-servers",
  "plat-dev",
] as const satisfies readonly KeyName[];

/**
 * @param facts as they are, with the configuration that runs
 * @param engine absent: none can run here at the moment
 */
export function judgeNews({ loaded }: ConfigNews, facts: Facts, engine: PlanningEngine | undefined): Judgement {
  if (!loaded.ok) {
    return { ok: false, lines: loaded.mistakes.map(formatMistake), hint: "Mend the file; it is read again then" };
  }
  const { config } = loaded;
  const settled = settledKeys.filter((name) => differs(name, config, facts.config));
  if (settled.length > 0) {
    const line = `${settled.join(", ")} cannot change while clatd runs`;
    return { ok: false, lines: [line], hint: "Restart clatd for that" };
  }
  try {
    const { failure: _failure, ...rest } = facts;
    const desired = engine === undefined ? undefined : desire({ ...rest, config }, engine);
    if (desired?.state === "active" && desired.plan.translator !== undefined) compileSpec(desired.plan.translator.spec);
    return { ok: true, config, warnings: loaded.warnings.map(formatMistake) };
  } catch (error) {
    if (!(error instanceof SpecError || error instanceof EamError)) throw error;
    return { ok: false, lines: [error.message], hint: "Mend the mapping; the configuration is read again then" };
  }
}

/** Whether other sources have to be asked for the PREF64. */
export function asksOthers(before: Config, after: Config): boolean {
  return sourceKeys.some((name) => differs(name, before, after));
}

export function sameConfig(before: Config, after: Config): boolean {
  return (Object.keys(after) as KeyName[]).every((name) => !differs(name, before, after));
}

function differs<K extends KeyName>(name: K, a: Config, b: Config): boolean {
  return keySpec(name).type.format(a[name]) !== keySpec(name).type.format(b[name]);
}
