// Processes as /proc/PID/stat shows them (proc_pid_stat(5)).

import { readFileSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";

/** When it started, in the kernel's ticks since the boot: a process id alone is used again. Undefined where it has ended. */
export function startTimeOf(pid: number): string | undefined {
  try {
    const fields = statFields(readFileSync(`/proc/${pid}/stat`, "latin1"));
    // A zombie has ended: it only waits for its parent to notice.
    return fields[0] === "Z" ? undefined : fields[19];
  } catch {
    return undefined;
  }
}

/** A child of the process: of nsenter and unshare, which fork once, the only one. Undefined where it has none. */
export async function childOf(parent: number): Promise<number | undefined> {
  for (const name of await readdir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    // One may end between the listing and the reading.
    const stat = await readFile(`/proc/${name}/stat`, "latin1").catch(() => "");
    if (Number(statFields(stat)[1]) === parent) return Number(name);
  }
  return undefined;
}

/** From the third field (the state) on: the second, the command's name, may hold anything, blanks and parentheses too. */
function statFields(stat: string): string[] {
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
}
