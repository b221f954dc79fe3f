// Effects done on a real kernel: many in a command where they follow each other, side by side where they do not meet.

import { cannot } from "../describe.js";
import { type Applied, OsError } from "../driver.js";
import type { Effect } from "../effect.js";
import { writeFeatures } from "./features.js";
import { createFile } from "./files.js";
import { type Group, groupEffects, lanesOf } from "./groups.js";
import { doLines } from "./ip-lines.js";
import { setJool } from "./jool.js";
import { codeOf, oneLine } from "./kernel-words.js";
import { makeNat46 } from "./nat46.js";
import { hasLink, type Parts, sysctlsOf } from "./parts.js";
import { run } from "./run.js";

/** Stops at the first that fails; the OsError tells how many were done. */
export async function doEffects(parts: Parts, applied: readonly Applied[]): Promise<void> {
  let done = 0;
  for (const lanes of lanesOf(groupEffects(applied))) {
    // What was done of lanes side by side cannot be told by a number; undefined says that any may have been.
    const count = (before: number): number | undefined => (lanes.length > 1 ? undefined : done + before);
    const ends = await Promise.allSettled(lanes.map((lane) => doLane(parts, lane, count)));
    for (const end of ends) if (end.status === "rejected") throw end.reason;
    done += lanes.flat().reduce((sum, group) => sum + group.members.length, 0);
  }
}

async function doLane(
  parts: Parts,
  lane: readonly Group[],
  count: (before: number) => number | undefined,
): Promise<void> {
  let before = 0;
  for (const group of lane) {
    try {
      await doGroup(parts, group);
    } catch (error) {
      const own = doneOf(error, group);
      throw counted(error, group, own === undefined ? undefined : count(before + own));
    }
    before += group.members.length;
  }
}

async function doGroup(parts: Parts, { tool, netns, members }: Group): Promise<void> {
  const { place } = parts;
  const effects = members.map(({ effect }) => effect);
  switch (tool) {
    case "netns": {
      const lines = effects.map((effect) => (effect.do === "netns.add" ? [`netns add ${effect.name}`] : []));
      return ipBatch(parts, place.inside(undefined), effects, lines);
    }
    case "ip":
    case "rule6": {
      const word = (name: string): string => place.netnsFile(name) ?? name;
      const lines = effects.map((effect) => doLines(effect, word) ?? []);
      return ipBatch(parts, place.network(netns), effects, lines, tool === "rule6" ? ["-6"] : []);
    }
    case "sysctl":
      return writeSysctls(parts, netns, effects);
    case "nft":
      return addTables(parts, netns, effects);
    case "alone":
      for (const applied of members) await doAlone(parts, applied);
  }
}

/** @param lines for each effect, its lines */
async function ipBatch(
  { ip }: Parts,
  prefix: readonly string[],
  effects: readonly Effect[],
  lines: readonly (readonly string[])[],
  words: readonly string[] = [],
): Promise<void> {
  const { code, stderr } = await run([...prefix, ip, ...words, "-batch", "-"], {
    input: `${lines.flat().join("\n")}\n`,
  });
  if (code === 0) return;
  const failedLine = Number(/^Command failed -:(\d+)$/m.exec(stderr)?.[1] ?? "1");
  const owners = lines.flatMap((own, index) => own.map(() => index));
  const done = owners[failedLine - 1] ?? 0;
  const effect = effects[done];
  const why = oneLine(stderr);
  throw new OsError(codeOf(why), effect === undefined ? why : cannot(effect, why), { done });
}

async function writeSysctls({ place }: Parts, netns: string | undefined, effects: readonly Effect[]): Promise<void> {
  const writes = effects.flatMap((effect) => (effect.do === "sysctl.set" ? [effect] : []));
  try {
    await sysctlsOf(place, netns).write(writes);
  } catch (error) {
    const done = error instanceof OsError ? (error.done ?? 0) : 0;
    const effect = effects[done];
    if (!(error instanceof OsError) || effect === undefined) throw error;
    throw error.with({ message: cannot(effect, error.message), done });
  }
}

/** All or nothing: one transaction. `create` refuses a table that is there, where `table` would add to it. */
async function addTables({ place, nft }: Parts, netns: string | undefined, effects: readonly Effect[]): Promise<void> {
  const tables = effects.flatMap((effect) => (effect.do === "nft.table" ? [effect] : []));
  const input = tables
    .map(({ family, name, body }) => `create table ${family} ${name}\ntable ${family} ${name} {\n${body}\n}\n`)
    .join("");
  const { code, stderr } = await run([...place.network(netns), nft, "-f", "-"], { input });
  const [effect] = effects;
  if (code !== 0 && effect !== undefined) {
    throw new OsError(codeOf(stderr), cannot(effect, oneLine(stderr)), { done: 0 });
  }
}

async function doAlone(parts: Parts, applied: Applied): Promise<void> {
  const { place } = parts;
  const { effect } = applied;
  switch (effect.do) {
    case "bpf.attach":
      return parts.fastPaths.attach(applied, place.netnsFile(effect.in));
    case "link.add": {
      parts.tuns.open(effect, place.netnsFile(effect.in));
      if (effect.mtu === undefined) return;
      const line = `link set dev ${effect.name} mtu ${effect.mtu}`;
      return ipBatch(parts, place.network(effect.in), [effect], [[line]]);
    }
    case "link.set": {
      const { features = {}, ...rest } = effect;
      const prefix = place.network(effect.in);
      const plain = doLines(rest, String) ?? [];
      if (/ (up|down|mtu|master)\b/.test(plain.join())) await ipBatch(parts, prefix, [effect], [plain]);
      return writeFeatures(prefix, effect.name, features);
    }
    case "ufw.route":
      return applied.undo["theirs"] === true ? undefined : parts.ufw?.add(effect);
    case "file.write":
      return createFile(place.root, effect);
    case "nat46.device":
      return makeNat46(place.root, effect, () => hasLink(parts, effect.name, effect.in));
    case "jool.instance":
      return setJool(place.network(effect.in), effect);
    case "process.start": {
      const { link } = effect;
      return parts.processes.start(effect, async () => link !== undefined && (await hasLink(parts, link, effect.in)));
    }
    default:
      throw new RangeError(`${effect.do} belongs to a command`);
  }
}

/** Of several in one command that was ended by somebody, nobody knows. */
function doneOf(error: unknown, group: Group): number | undefined {
  const done = error instanceof OsError ? error.done : undefined;
  return done ?? (group.members.length === 1 ? 0 : undefined);
}

/** The same error with the count of the whole list. */
function counted(error: unknown, group: Group, done: number | undefined): OsError {
  if (error instanceof OsError) return error.with({ done });
  const [first] = group.members;
  const why = error instanceof Error ? error.message : String(error);
  return new OsError("failed", first === undefined ? why : cannot(first.effect, why), { cause: error, done });
}
