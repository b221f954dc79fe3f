// Processor time of the whole machine, from /proc/stat: translation in the kernel is nobody's process.

import { readFileSync } from "node:fs";

/** USER_HZ, which Linux has fixed for all that it tells user space. */
const TICKS = 100;

/** Seconds that all processors have worked since the start. */
export function busySeconds(): number {
  return parseBusy(readFileSync("/proc/stat", "latin1"));
}

/** @param stat the text of /proc/stat: user nice system idle iowait irq softirq steal guest guest_nice */
export function parseBusy(stat: string): number {
  const [, user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0] = (stat.split("\n")[0] ?? "")
    .split(/\s+/)
    .map(Number);
  // What another guest of the same hardware stole was not worked here; guest time is in user time already.
  return (user + nice + system + irq + softirq) / TICKS;
}
