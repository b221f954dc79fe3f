// `nsenter -p` must fork, and then the process that we started is not the one that runs the command.

import { readFile } from "node:fs/promises";
import { childOf } from "./process-stat.js";

/** The process that runs the command: the child of `nsenter` where that waits for one, else the process itself. */
export async function behindNsenter(pid: number): Promise<number> {
  const name = await readFile(`/proc/${pid}/comm`, "utf8").catch(() => "");
  return name.trim() === "nsenter" ? ((await childOf(pid)) ?? pid) : pid;
}
