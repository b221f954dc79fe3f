// Children of a process, by /proc: `nsenter -p` must fork, and then the process that we started is not the one that runs
// the command.

import { readdir, readFile } from "node:fs/promises";

/** The innermost of a chain of single children; the process itself where it has none. */
export async function innermost(pid: number): Promise<number> {
  const parents = new Map<number, number>();
  for (const name of await readdir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const parent = await parentOf(Number(name));
    if (parent !== undefined) parents.set(parent, Number(name));
  }
  let at = pid;
  for (let child = parents.get(at); child !== undefined; child = parents.get(at)) at = child;
  return at;
}

async function parentOf(pid: number): Promise<number | undefined> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, "latin1");
    // The name stands in parentheses and may hold anything, so count from the last one.
    return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
  } catch {
    return undefined;
  }
}
