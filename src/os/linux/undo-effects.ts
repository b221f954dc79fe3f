// Effects undone on a real kernel. What is gone already counts as undone; what somebody else changed since stays theirs.

import { cannotUndo } from "../describe.js";
import { type Applied, OsError } from "../driver.js";
import type { Effect } from "../effect.js";
import { localTableNeeded, localTableStays } from "../local-table.js";
import { revertOneByOne } from "../revert-one-by-one.js";
import { readFeatures, writeFeatures } from "./features.js";
import { removeOwnFile } from "./files.js";
import { undoLines } from "./ip-lines.js";
import { removeJool } from "./jool.js";
import { codeOf, meansGone, oneLine } from "./kernel-words.js";
import { lookLink, lookRules } from "./look.js";
import { removeNat46 } from "./nat46.js";
import { type Parts, sightOf, sysctlsOf } from "./parts.js";
import { type Finished, run } from "./run.js";
import { restoreSysctl } from "./sysctl-undo.js";
import { failedLines, ipWords, undoRuns } from "./undo-runs.js";

/** @throws OsError */
export async function undoEffect(parts: Parts, applied: Applied): Promise<void> {
  try {
    await undo(parts, applied);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new OsError(cause instanceof OsError ? cause.code : "failed", cannotUndo(applied.effect, why), { cause });
  }
}

/** In the order given, past failures; at the place of each effect that could not be undone is why. */
export async function undoEffects(parts: Parts, applied: readonly Applied[]): Promise<readonly (Error | undefined)[]> {
  const revert = (one: Applied): Promise<void> => undoEffect(parts, one);
  const errors: (Error | undefined)[] = [];
  for (const batch of undoRuns(applied)) {
    errors.push(...(batch.length === 1 ? await revertOneByOne({ revert }, batch) : await undoBatch(parts, batch)));
  }
  return errors;
}

async function undo(parts: Parts, applied: Applied): Promise<void> {
  const { place, ip, nft } = parts;
  const { effect } = applied;
  switch (effect.do) {
    case "netns.add":
      return undoBy([...place.inside(undefined), ip, "netns", "del", effect.name]);
    case "nft.table":
      return undoBy([...place.network(effect.in), nft, "delete", "table", effect.family, effect.name]);
    case "sysctl.set":
      return restoreSysctl(sysctlsOf(place, effect.in), applied);
    case "process.start":
      return parts.processes.stop(effect);
    case "bpf.attach":
      return parts.fastPaths.detach(applied, place.netnsFile(effect.in));
    case "nat46.device":
      return removeNat46(place.root, effect);
    case "jool.instance":
      return removeJool(place.network(effect.in), effect);
    case "ufw.route":
      return applied.undo["theirs"] === true ? undefined : parts.ufw?.remove(effect);
    case "file.write":
      return effect.keep === true ? undefined : removeOwnFile(place.root, effect);
    case "link.add":
      return effect.link.kind === "tun" ? parts.tuns.close(effect) : undoByIp(parts, applied);
    case "link.set":
      return undoLinkSet(parts, applied, effect);
    case "rule.add":
      if (effect.rule.table === 255) await keepLocalTable(parts, effect);
      return undoByIp(parts, applied);
    default:
      return undoByIp(parts, applied);
  }
}

/** Effects that one line of `ip` undoes each, all of one namespace and family. */
async function undoBatch({ place, ip }: Parts, batch: readonly Applied[]): Promise<readonly (Error | undefined)[]> {
  const [first] = batch;
  const lines = batch.flatMap((applied) => undoLines(applied, undefined) ?? []);
  const words = first === undefined ? [] : ipWords(first);
  const command = [...place.network(first?.effect.in), ip, ...words, "-force", "-batch", "-"];
  const { code, stderr } = await runAny(command, `${lines.join("\n")}\n`);
  if (code === 0) return batch.map(() => undefined);
  const said = failedLines(stderr);
  return batch.map(({ effect }, index) => {
    // Where no line failed, the command itself did.
    const why = said.size === 0 ? stderr : said.get(index + 1);
    if (why === undefined || isUndone(why)) return undefined;
    return new OsError(codeOf(why), cannotUndo(effect, oneLine(why)));
  });
}

/** One that cannot be run has failed like any other: what comes after it is undone all the same. */
async function runAny(command: readonly string[], input: string): Promise<Pick<Finished, "code" | "stderr">> {
  try {
    return await run(command, { input });
  } catch (error) {
    if (!(error instanceof OsError)) throw error;
    return { code: -1, stderr: error.message };
  }
}

async function undoByIp(parts: Parts, applied: Applied): Promise<void> {
  const { effect } = applied;
  for (const line of undoLines(applied, undefined) ?? []) await undoLine(parts, effect.in, line, ipWords(applied));
}

async function undoLine(
  { place, ip }: Parts,
  netns: string | undefined,
  line: string,
  words: readonly string[] = [],
): Promise<void> {
  const { code, stderr } = await run([...place.network(netns), ip, ...words, "-batch", "-"], { input: `${line}\n` });
  if (code !== 0 && !isUndone(stderr)) throw new OsError(codeOf(stderr), oneLine(stderr));
}

async function undoBy(command: readonly string[]): Promise<void> {
  const { code, stderr } = await run(command);
  if (code !== 0 && !meansGone(stderr)) throw new OsError(codeOf(stderr), oneLine(stderr));
}

/** The last rule that looks up the local table must not go (prepare.ts says why). */
async function keepLocalTable(parts: Parts, effect: Effect & { do: "rule.add" }): Promise<void> {
  const rules = await lookRules(sightOf(parts, effect.in), effect.rule.family);
  if (!localTableStays(rules, effect.rule)) {
    throw new OsError("denied", localTableNeeded);
  }
}

async function undoLinkSet(parts: Parts, applied: Applied, effect: Effect & { do: "link.set" }): Promise<void> {
  const sight = sightOf(parts, effect.in);
  const link = await lookLink(sight, effect.name);
  if (link === undefined) return;
  for (const line of undoLines(applied, link) ?? []) await undoLine(parts, effect.in, line);
  const before = applied.undo["features"];
  if (effect.features === undefined || typeof before !== "object" || before === null) return;
  const now = await readFeatures(sight.prefix, effect.name, Object.keys(effect.features));
  const ours = Object.entries(before).filter(
    ([name, value]) => now[name] === effect.features?.[name] && now[name] !== value,
  );
  if (ours.length > 0) await writeFeatures(sight.prefix, effect.name, Object.fromEntries(ours));
}

/** Gone already; or a withheld thing that is back already: somebody brought it back, or it never went. */
function isUndone(stderr: string): boolean {
  return meansGone(stderr) || /File exists/.test(stderr);
}
