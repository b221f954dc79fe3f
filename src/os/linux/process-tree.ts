// `nsenter -p` must fork, and then the process that we started is not the one that runs the command.

import { readdir, readFile } from "node:fs/promises";

/** The process that runs the command: the child of `nsenter` where that waits for one, else the process itself. */
export async function behindNsenter(pid: number): Promise<number> {
  const name = await readFile(`/proc/${pid}/comm`, "utf8").catch(() => "");
  if (name.trim() !== "nsenter") return pid;
  for (const entry of await readdir("/proc")) {
    if (/^\d+$/.test(entry) && (await parentOf(Number(entry))) === pid) return Number(entry);
  }
  return pid;
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
