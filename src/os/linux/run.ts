// Runs commands to their end. The only way by which the driver does so.

import { execa } from "execa";
import { OsError } from "../driver.js";
import { ownSession } from "./die-with-parent.js";

export interface Finished {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Never rejects for what the command says, only where it could not be run (`missing`) or was killed. */
export async function run(
  command: readonly string[],
  options: {
    readonly input?: string;
    readonly env?: Readonly<Record<string, string>>;
    /** Milliseconds until it is killed. */
    readonly timeout?: number;
  } = {},
): Promise<Finished> {
  const [file, ...words] = command;
  if (file === undefined) throw new RangeError("run() needs a command");
  if (file === "") throw new OsError("missing", `Cannot run "${words.join(" ")}": the program's key is empty`);
  const result = await execa(file, words, {
    ...ownSession,
    reject: false,
    // `ip` and `nft` speak the user's language otherwise, and their words are read here. LANGUAGE goes before LC_ALL in Python
    // (ufw), though the C library leaves it alone where that is C.
    env: { LC_ALL: "C", LANGUAGE: "", ...options.env },
    ...(options.input === undefined ? { stdin: "ignore" as const } : { input: options.input }),
    ...(options.timeout === undefined ? {} : { timeout: options.timeout, killSignal: "SIGKILL" as const }),
    maxBuffer: 256 * 1024 * 1024,
  });
  if (result.exitCode === undefined) {
    const why = result.code === "ENOENT" ? "it is not installed" : (result.originalMessage ?? result.shortMessage);
    const code = result.code === "ENOENT" ? "missing" : "failed";
    throw new OsError(code, `Cannot run ${file}: ${why}`, { cause: result });
  }
  return { code: result.exitCode, stdout: result.stdout, stderr: result.stderr };
}
