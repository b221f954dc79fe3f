// Time for the bounds that an issue names. They are clatd's, not those of a busy machine: what somebody waited for a
// processor does not count (PSI, Documentation/accounting/psi.rst), nor what a hypervisor took away (proc_stat(5), steal).

import { readFileSync } from "node:fs";

/** Started now; each call says how many milliseconds have gone by. */
export function stopwatch(): () => number {
  const [started, waited] = [performance.now(), waitedForProcessors()];
  return () => performance.now() - started - (waitedForProcessors() - waited);
}

/** Milliseconds since the machine started. */
function waitedForProcessors(): number {
  const microseconds = Number(/^some .*total=(\d+)$/m.exec(read("/proc/pressure/cpu"))?.[1] ?? 0);
  const stolenTicks = Number(/^cpu +(?:\d+ ){7}(\d+)/.exec(read("/proc/stat"))?.[1] ?? 0);
  return microseconds / 1000 + stolenTicks * 10;
}

/** Empty where a kernel does not tell: then all of the time counts. */
function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
