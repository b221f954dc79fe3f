// Undoing many effects by few commands: which go together in one `ip -force -batch`, and which of its lines failed. Pure.

import type { Applied } from "../driver.js";

/** In the order given, cut where two neighbours cannot be in one batch. */
export function undoRuns(applied: readonly Applied[]): readonly (readonly Applied[])[] {
  const runs: Applied[][] = [];
  let before: string | undefined;
  for (const one of applied) {
    const batch = batchOf(one);
    const last = runs.at(-1);
    if (last !== undefined && batch !== undefined && batch === before) last.push(one);
    else runs.push([one]);
    before = batch;
  }
  return runs;
}

/** Equal for those that go together; undefined for what goes alone. */
function batchOf(applied: Applied): string | undefined {
  const { effect } = applied;
  switch (effect.do) {
    case "address.add":
    case "route.add":
    case "route.withhold":
    case "neighbour.proxy":
    case "rule.withhold":
      return `${effect.in ?? ""} ${ipWords(applied).join(" ")}`;
    case "rule.add":
      // The last rule for the local table must not go, which has to be looked at.
      return effect.rule.table === 255 ? undefined : `${effect.in ?? ""} ${ipWords(applied).join(" ")}`;
    default:
      return undefined;
  }
}

/** A line about a rule names no family, so the command has to. */
export function ipWords({ effect }: Applied): readonly string[] {
  return "rule" in effect && effect.rule.family === 6 ? ["-6"] : [];
}

/** What was said about each line that failed, by its number (from 1). */
export function failedLines(stderr: string): ReadonlyMap<number, string> {
  const failed = new Map<number, string>();
  let said: string[] = [];
  for (const line of stderr.split("\n")) {
    const number = /^Command failed -:(\d+)$/.exec(line)?.[1];
    if (number === undefined) {
      said.push(line);
      continue;
    }
    failed.set(Number(number), said.join("\n"));
    said = [];
  }
  return failed;
}
