// The configuration of a command: the file is read here, judged by config/load.ts.

import { readFile } from "node:fs/promises";
import { type Loaded, loadConfig } from "../config/load.js";
import type { Invocation } from "./arguments.js";

export const defaultFile = "/etc/clatd.conf";

/** A file that cannot be read is a mistake like any other; that the default one is missing is none. */
export async function readConfig(invocation: Pick<Invocation, "file" | "settings">): Promise<Loaded> {
  const name = invocation.file ?? defaultFile;
  const read = await readText(name);
  if (read.ok) return loadConfig({ file: { name, text: read.text }, arguments: invocation.settings });
  if (invocation.file === undefined && read.missing) return loadConfig({ arguments: invocation.settings });
  const place = { in: "arguments" } as const;
  const mistake = { severity: "error", place, text: `cannot read ${name}: ${read.problem}` } as const;
  const rest = loadConfig({ arguments: invocation.settings });
  return { ok: false, mistakes: [mistake, ...(rest.ok ? rest.warnings : rest.mistakes)] };
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
