// Where the socket and the journal of a daemon are. A device's name is unique in its network namespace only, and /run is
// often the same in several (`ip netns exec`), so namespaces other than the system's own get a directory each.

import { readlink } from "node:fs/promises";
import { join } from "node:path";

const systemDir = "/run/clatd";

/** `$RUNTIME_DIRECTORY` (which systemd sets), else /run/clatd, with the network namespace where it is not the system's. */
export async function runtimeDir(environment: Readonly<Record<string, string | undefined>>): Promise<string> {
  // systemd separates several by colons; ours is the first.
  const dir = environment["RUNTIME_DIRECTORY"]?.split(":")[0] || systemDir;
  const [own, system] = await Promise.all([namespace("self"), namespace("1")]);
  // Where process 1 cannot be looked at (not root), this is taken for the system's own.
  return own === undefined || system === undefined || own === system ? dir : join(dir, `netns-${own}`);
}

/** The number in `net:[4026531840]`. */
async function namespace(process: string): Promise<string | undefined> {
  try {
    return /\d+/.exec(await readlink(`/proc/${process}/ns/net`))?.[0];
  } catch {
    return undefined;
  }
}

export function journalPath(dir: string, clatDev: string): string {
  return join(dir, `${clatDev}.journal`);
}
