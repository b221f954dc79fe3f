// Instances of Jool's stateless module, by its tool `jool_siit`: the whole configuration at once, or nothing of it.

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cannot, joolText } from "../describe.js";
import { OsError } from "../driver.js";
import type { Effect } from "../effect.js";
import { fileExists } from "./files.js";
import { codeOf, oneLine } from "./kernel-words.js";
import { run } from "./run.js";

type InstanceEffect = Effect & { do: "jool.instance" };

const tool = "jool_siit";
const kernelModule = "jool_siit";

/** Why it cannot be used here; undefined: it can. Loads nothing. */
export async function joolObstacle(): Promise<string | undefined> {
  if (!(await works([tool, "--version"]))) return `${tool} is not installed (package jool-tools)`;
  if (await isLoaded()) return undefined;
  if (await works(["modprobe", "--dry-run", "--quiet", kernelModule])) return undefined;
  return `the kernel has no module ${kernelModule} (package jool-dkms)`;
}

/**
 * Makes the instance, or changes it between two packets where it is there.
 * @param prefix words that put a command into the network namespace
 */
export async function setJool(prefix: readonly string[], effect: InstanceEffect): Promise<void> {
  if (!(await isLoaded())) await works(["modprobe", kernelModule]);
  // It wants to know the length of what it reads, which a pipe does not have.
  const folder = await mkdtemp(join(tmpdir(), "clatd-jool-"));
  try {
    const file = join(folder, "instance.json");
    await writeFile(file, joolText(effect));
    const { code, stdout, stderr } = await run([...prefix, tool, "file", "handle", file]);
    if (code === 0) return;
    const why = oneLine(stderr) || oneLine(stdout) || `exit code ${code}`;
    throw new OsError(codeOf(why), cannot(effect, why));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** One that is gone already, with its namespace, its module or by itself, is fine. */
export async function removeJool(prefix: readonly string[], effect: InstanceEffect): Promise<void> {
  if (!(await isLoaded())) return;
  const { code, stdout, stderr } = await run([...prefix, tool, "instance", "remove", effect.name]);
  if (code === 0) return;
  const said = `${oneLine(stderr)} ${oneLine(stdout)}`.trim();
  if (/does not exist|not found|No such|no such/.test(said)) return;
  throw new OsError(codeOf(said), said === "" ? `exit code ${code}` : said);
}

function isLoaded(): Promise<boolean> {
  return fileExists(`/sys/module/${kernelModule}`);
}

async function works(command: readonly string[]): Promise<boolean> {
  try {
    return (await run(command)).code === 0;
  } catch (error) {
    if (error instanceof OsError) return false;
    throw error;
  }
}
