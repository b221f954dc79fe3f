// Processes as /proc shows them.

import { readdir, readFile } from "node:fs/promises";

/** A child of the process: of nsenter and unshare, which fork once, the only one. Undefined where it has none. */
export async function childOf(parent: number): Promise<number | undefined> {
  for (const name of await readdir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const stat = await readFile(`/proc/${name}/stat`, "latin1").catch(() => "");
    if (Number(statFields(stat)[1]) === parent) return Number(name);
  }
  return undefined;
}

/** From the third field (the state) on: the second, the command's name, may hold anything, blanks and parentheses too. */
export function statFields(stat: string): string[] {
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
}
