// Files of effects: made where there was none, taken away where they are still ours.

import { access, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { cannot } from "../describe.js";
import { OsError } from "../driver.js";
import type { Effect } from "../effect.js";

type FileEffect = Effect & { do: "file.write" };

export async function fileExists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** @param root of the place, put before the path */
export async function createFile(root: string, effect: FileEffect): Promise<void> {
  const path = root + effect.path;
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, effect.text, { flag: effect.keep === true ? "w" : "wx", mode: effect.mode ?? 0o644 });
  } catch (cause) {
    const [code, why] = reasonOf(cause);
    throw new OsError(code, cannot(effect, why), { cause });
  }
}

/** A file that somebody else changed is theirs; one that holds the beginning of our text was being written when we died. */
export async function removeOwnFile(root: string, effect: FileEffect): Promise<void> {
  const path = root + effect.path;
  const text = await readFile(path, "utf8").catch(() => undefined);
  if (text !== undefined && effect.text.startsWith(text)) await rm(path, { force: true });
}

function reasonOf(error: unknown): [OsError["code"], string] {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "EEXIST") return ["exists", "it exists; it will not be overwritten"];
  if (code === "EACCES" || code === "EPERM") return ["denied", "permission denied"];
  if (code === "EROFS") return ["denied", "the file system is read-only"];
  return ["failed", error instanceof Error ? error.message : String(error)];
}
