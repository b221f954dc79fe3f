// Runs script-up and script-down. Their output is clatd's own, as the manual page says.

import { spawn } from "node:child_process";
import { setTimeout } from "node:timers/promises";
import type { RunScript } from "../daemon/translation.js";

/** Milliseconds. */
const times = {
  /** So long a script that is to end may take to put things in order. */
  grace: 2000,
  look: 20,
} as const;

/**
 * By the system's shell. Waits for the shell, not for what it leaves running in the background; where it is cut short,
 * that is ended too.
 */
export const runScript: RunScript = (line, environment, signal) =>
  new Promise((resolve, reject) => {
    const child = spawn("/bin/sh", ["-c", line], {
      env: { ...process.env, ...environment },
      stdio: ["ignore", "inherit", "inherit"],
      // A group of its own can be ended as a whole. One that nobody cuts short stays with the terminal, and Ctrl-C ends it.
      detached: signal !== undefined,
    });
    let ended: Promise<void> | undefined;
    const cut = (): void => {
      if (child.pid !== undefined) ended = endGroup(child.pid);
    };
    signal?.addEventListener("abort", cut, { once: true });
    child.on("error", (cause) => {
      signal?.removeEventListener("abort", cut);
      reject(new Error(`Cannot run /bin/sh: ${cause.message}`, { cause }));
    });
    child.on("exit", async (code, killedBy) => {
      signal?.removeEventListener("abort", cut);
      await ended;
      if (code === 0) resolve();
      else reject(new Error(killedBy === null ? `exit code ${code}` : `killed by ${killedBy}`));
    });
  });

/** Resolves when there is nobody of it any more, or nobody who could still do anything. */
async function endGroup(leader: number): Promise<void> {
  const killAt = performance.now() + times.grace;
  let there = tell(leader, "SIGTERM");
  while (there && performance.now() < killAt) {
    await setTimeout(times.look);
    there = tell(leader, 0);
  }
  if (there) tell(leader, "SIGKILL");
}

/** False where there is no such group any more. */
function tell(leader: number, what: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-leader, what);
  } catch {
    return false;
  }
}
