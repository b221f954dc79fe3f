// A command in a node: how it is given, and what comes of it.

export type Command = string | readonly string[];

export interface ExecOptions {
  /** Given to its standard input. */
  readonly input?: string;
  /** Milliseconds; it is killed then. */
  readonly timeout?: number;
  /** It is killed when this is aborted. */
  readonly signal?: AbortSignal;
  readonly env?: Readonly<Record<string, string>>;
}

export interface ExecResult {
  /** 124 where it ran out of time, as timeout(1) says it. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A shell line as a command: `sh -c` only where it needs a shell. */
export function readCommand(given: Command): [string, ...string[]] {
  if (typeof given !== "string") return [given[0] ?? "true", ...given.slice(1)];
  if (/["'\\$`|&;<>*?(){}[\]~#\n]/.test(given)) return ["sh", "-c", given];
  const [program = "true", ...rest] = given.trim().split(/\s+/);
  return [program, ...rest];
}
