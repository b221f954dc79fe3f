// The configuration of a command: the file is read here, judged by config/load.ts.

import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { type ConfigSources, eamFileOf, type Loaded, loadConfig } from "../config/load.js";
import type { Purpose } from "../config/without-effect.js";
import type { Invocation } from "./arguments.js";

export const defaultFile = "/etc/clatd.conf";

/** A file that cannot be read is a mistake like any other; that the default one is missing is none. */
export async function readConfig(
  invocation: Pick<Invocation, "file" | "settings">,
  purpose: Purpose = "daemon",
): Promise<Loaded> {
  const name = invocation.file ?? defaultFile;
  const read = await readText(name);
  const bare = { arguments: invocation.settings, purpose };
  if (read.ok) return loadConfig(await withEamFile({ ...bare, file: { name, text: read.text } }));
  if (invocation.file === undefined && read.missing) return loadConfig(await withEamFile(bare));
  const place = { in: "arguments" } as const;
  const mistake = { severity: "error", place, text: `cannot read ${name}: ${read.problem}` } as const;
  const rest = loadConfig(await withEamFile(bare));
  return { ok: false, mistakes: [mistake, ...(rest.ok ? rest.warnings : rest.mistakes)] };
}

/** Relative to the folder of the file that names it; on the command line, to the current one. */
async function withEamFile(sources: ConfigSources): Promise<ConfigSources> {
  const wanted = eamFileOf(sources);
  if (wanted === undefined) return sources;
  const { path, place } = wanted;
  const name = place.in === "file" ? resolve(dirname(place.file), path) : path;
  const read = await readText(name);
  return { ...sources, eamFile: read.ok ? { name, text: read.text } : { name, problem: read.problem } };
}

type ReadText =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly missing: boolean; readonly problem: string };

async function readText(name: string): Promise<ReadText> {
  try {
    return { ok: true, text: await readFile(name, "utf8") };
  } catch (error) {
    const code = error instanceof Error && "code" in error ? `${error.code}` : "";
    return { ok: false, missing: code === "ENOENT", problem: sentences[code] ?? `${error}` };
  }
}

const sentences: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  EACCES: "this user may not read it",
  EISDIR: "it is a directory; a file is wanted",
  ENOTDIR: "a part of its path is not a directory",
};
