// The door to systemd-networkd: what `networkctl` prints. It is read in discovery/networkd-answer.ts.

import { OsError } from "../driver.js";
import { oneLine } from "./kernel-words.js";
import { run } from "./run.js";

/**
 * Never rejects. `problem` continues "systemd-networkd …".
 * @param patience milliseconds; a networkd that hangs must not hang us
 */
export async function networkctlStatus(
  command: string,
  patience = 5000,
): Promise<{ readonly ok: true; readonly text: string } | { readonly ok: false; readonly problem: string }> {
  try {
    const { code, stdout, stderr } = await run([command, "--json=short", "status"], { timeout: patience });
    if (code === 0) return { ok: true, text: stdout };
    return { ok: false, problem: `does not answer (${command}: ${oneLine(stderr) || `exit code ${code}`})` };
  } catch (error) {
    if (!(error instanceof OsError)) throw error;
    return { ok: false, problem: error.code === "missing" ? "is not installed" : `does not answer (${error.message})` };
  }
}
