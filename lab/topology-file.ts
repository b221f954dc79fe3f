// Finds topologies: those that are shipped by their name, others by their path.

import { readdir, readFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { projectDirectory } from "./programs.js";
import { instead } from "./schema/mistake.js";
import { readTopology } from "./schema/read-topology.js";
import type { Topology } from "./topology.js";

const directory = join(projectDirectory, "lab", "topologies");

/** Names of the shipped topologies. */
export async function topologyNames(): Promise<string[]> {
  const files = await readdir(directory);
  return files
    .filter((file) => file.endsWith(".yml"))
    .map((file) => basename(file, ".yml"))
    .sort();
}

const isAPath = (nameOrPath: string): boolean => nameOrPath.includes("/") || /\.ya?ml$/.test(nameOrPath);

/** A name as it is, a path as an absolute one. */
export const whereIs = (nameOrPath: string): string => (isAPath(nameOrPath) ? resolve(nameOrPath) : nameOrPath);

/** Rejects with a TopologyError where it has mistakes. */
export async function loadTopology(nameOrPath: string): Promise<Topology> {
  const isPath = isAPath(nameOrPath);
  const file = isPath ? nameOrPath : join(directory, `${nameOrPath}.yml`);
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (cause) {
    if (isPath) throw new Error(`Cannot read topology "${nameOrPath}": ${whyUnread(cause)}`, { cause });
    throw new Error(`Cannot find topology "${nameOrPath}": ${instead(nameOrPath, await topologyNames())}`, { cause });
  }
  return readTopology(isPath ? nameOrPath : `${nameOrPath}.yml`, text);
}

function whyUnread(cause: unknown): string {
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  if (code === "ENOENT") return "there is no such file";
  if (code === "EISDIR") return "it is a directory; a YAML file is wanted";
  if (code === "EACCES") return "this user may not read it";
  return cause instanceof Error ? cause.message : String(cause);
}
