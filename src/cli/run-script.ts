// Runs script-up and script-down. Their output is clatd's own, as the manual page says; the terminal is theirs too.

import { spawn } from "node:child_process";
import type { RunScript } from "../daemon/translation.js";

/** By the system's shell. Waits for the shell, not for what it leaves running in the background. */
export const runScript: RunScript = (line, environment) =>
  new Promise((resolve, reject) => {
    const child = spawn("/bin/sh", ["-c", line], {
      env: { ...process.env, ...environment },
      stdio: ["ignore", "inherit", "inherit"],
    });
    child.on("error", (cause) => reject(new Error(`Cannot run /bin/sh: ${cause.message}`, { cause })));
    child.on("exit", (code, signal) => {
      if (code === 0) resolve();
      else reject(new Error(signal === null ? `exit code ${code}` : `killed by ${signal}`));
    });
  });
