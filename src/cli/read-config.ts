// The configuration of a command: the file is read here, judged by config/load.ts.

import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { type ConfigSources, eamFileOf, type Loaded, loadConfig } from "../config/load.js";
import type { Mistake } from "../config/mistake.js";
import type { Purpose } from "../config/without-effect.js";
import type { Invocation } from "./arguments.js";
import { type FileSight, lookAt } from "./file-changes.js";
import { errorCode, fileProblem } from "./file-problem.js";

export const defaultFile = "/etc/clatd.conf";

/** What a command's configuration is made of, as it was read. */
export interface ReadSources {
  readonly sources: ConfigSources;
  /** What the eam-file looked like just before. */
  readonly eamFileSight?: FileSight;
  /** Why the file could not be read. */
  readonly problem?: Mistake;
}

export async function readConfig(
  invocation: Pick<Invocation, "file" | "settings">,
  purpose: Purpose = "daemon",
): Promise<Loaded> {
  return judge(await readSources(invocation, purpose));
}

/** A file that cannot be read is a mistake like any other; that the default one is missing is none. */
export async function readSources(
  invocation: Pick<Invocation, "file" | "settings">,
  purpose: Purpose = "daemon",
  byDefault = defaultFile,
): Promise<ReadSources> {
  const name = invocation.file ?? byDefault;
  const read = await readText(name);
  const bare = { arguments: invocation.settings, purpose };
  if (read.ok) return withEamFile({ ...bare, file: { name, text: read.text } });
  const withoutFile = await withEamFile(bare);
  if (invocation.file === undefined && read.missing) return withoutFile;
  return { ...withoutFile, problem: unreadable(invocation.file, byDefault, read.problem) };
}

/** Nobody has named the default file, so it is nothing that is wrong on the command line. */
function unreadable(named: string | undefined, byDefault: string, problem: string): Mistake {
  return named === undefined
    ? { severity: "error", place: { in: "whole-file", file: byDefault }, text: `cannot read the file: ${problem}` }
    : { severity: "error", place: { in: "arguments" }, text: `cannot read ${named}: ${problem}` };
}

/** The same with its eam-file read anew. */
export async function rereadEamFile({ sources, problem }: ReadSources): Promise<ReadSources> {
  const { eamFile: _before, ...bare } = sources;
  return { ...(await withEamFile(bare)), ...(problem === undefined ? {} : { problem }) };
}

export function judge({ sources, problem }: ReadSources): Loaded {
  const loaded = loadConfig(sources);
  if (problem === undefined) return loaded;
  return { ok: false, mistakes: [problem, ...(loaded.ok ? loaded.warnings : loaded.mistakes)] };
}

/** Relative to the folder of the file that names it; on the command line, to the current one. */
async function withEamFile(sources: ConfigSources): Promise<ReadSources> {
  const wanted = eamFileOf(sources);
  if (wanted === undefined) return { sources };
  const { path, place } = wanted;
  const name = place.in === "file" ? resolve(dirname(place.file), path) : path;
  const eamFileSight = lookAt(name);
  const read = await readText(name);
  const eamFile = read.ok ? { name, text: read.text } : { name, problem: read.problem };
  return { sources: { ...sources, eamFile }, eamFileSight };
}

type ReadText =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly missing: boolean; readonly problem: string };

async function readText(name: string): Promise<ReadText> {
  try {
    return { ok: true, text: await readFile(name, "utf8") };
  } catch (error) {
    return { ok: false, missing: errorCode(error) === "ENOENT", problem: fileProblem(error) };
  }
}
