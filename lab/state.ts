// Which labs are kept (`clatlab up`): a file for each, with the process that keeps it. A process id alone could mean
// another process by now, so its start time stands beside it.

import { link, lstat, mkdir, readdir, readFile, rm, rmdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startTimeOf } from "../src/os/linux/process-stat.js";

export interface KeptLab {
  /** The topology's name; there is one kept lab of each. */
  readonly name: string;
  /** What `up` was told: a name or an absolute path. */
  readonly topology: string;
  readonly keeper: ProcessMark;
  /** PID 1 of the lab, as seen from outside. */
  readonly holder: ProcessMark;
  readonly nodes: readonly string[];
}

export interface ProcessMark {
  readonly pid: number;
  /** Clock ticks since boot, from /proc/PID/stat. */
  readonly startTime: string;
}

export function stateDirectory(uid: number, runtime: string | undefined): string {
  if (uid === 0) return "/run/clatlab";
  return runtime === undefined ? `/tmp/clatlab-${uid}` : join(runtime, "clatlab");
}

/** In /tmp anybody may have made it before us, and what stands in it is what we end. */
export async function isOwnDirectory(path: string, uid: number): Promise<boolean> {
  const found = await lstat(path).catch(() => undefined);
  return found?.isDirectory() === true && found.uid === uid;
}

const ownUid = (): number => process.getuid?.() ?? 0;
const directory = (): string => stateDirectory(ownUid(), process.env["XDG_RUNTIME_DIR"]);

const fileOf = (name: string): string => join(directory(), `${name}.json`);

/** Rejects where one of that name is up: two may have been begun at the same time. */
export async function writeState(lab: KeptLab): Promise<void> {
  // Tidies away what a killed one has left.
  await keptLab(lab.name);
  const draft = join(directory(), `${lab.name}.${process.pid}`);
  await mkdir(directory(), { recursive: true, mode: 0o700 });
  if (!(await isOwnDirectory(directory(), ownUid())))
    throw new Error(`Cannot keep lab "${lab.name}" in "${directory()}": somebody else owns that; set XDG_RUNTIME_DIR`);
  await writeFile(draft, `${JSON.stringify(lab, undefined, 2)}\n`, { mode: 0o600 });
  try {
    // Whole or not at all, and never in another's place.
    await link(draft, fileOf(lab.name));
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    throw new Error(`Cannot keep lab "${lab.name}": ${code === "EEXIST" ? "it is up already" : message}`, { cause });
  } finally {
    await rm(draft, { force: true });
  }
}

export async function removeState(name: string): Promise<void> {
  await rm(fileOf(name), { force: true });
  // The last one takes the directory with it; others keep it.
  await rmdir(directory()).catch(() => undefined);
}

/** Undefined: there is none that still lives. What a killed one has left is tidied away. */
export async function keptLab(name: string): Promise<KeptLab | undefined> {
  if (!(await isOwnDirectory(directory(), ownUid()))) return undefined;
  const text = await readFile(fileOf(name), "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  const lab = JSON.parse(text) as KeptLab;
  if (lives(lab.keeper) && lives(lab.holder)) return lab;
  await removeState(name);
  return undefined;
}

export async function keptLabs(): Promise<KeptLab[]> {
  const files = await readdir(directory()).catch(() => []);
  const labs = await Promise.all(
    files.filter((file) => file.endsWith(".json")).map((file) => keptLab(file.slice(0, -".json".length))),
  );
  return labs.flatMap((lab) => lab ?? []);
}

export function markProcess(pid: number): ProcessMark {
  const startTime = startTimeOf(pid);
  if (startTime === undefined) throw new Error(`Cannot note process ${pid}: it has ended`);
  return { pid, startTime };
}

export const lives = ({ pid, startTime }: ProcessMark): boolean => startTimeOf(pid) === startTime;
