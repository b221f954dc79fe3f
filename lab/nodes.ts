// Commands in the nodes of a lab that is up, ours or somebody else's.

import { execa } from "execa";
import { dieWithParent } from "../src/os/linux/die-with-parent.js";
import type { Place } from "../src/os/linux/place.js";
import { childOf } from "../src/os/linux/process-stat.js";
import { type Command, type ExecOptions, type ExecResult, readCommand } from "./command.js";

/** Milliseconds, on the slowest machine. */
const STARTS_WITHIN = 30_000;

export class Nodes {
  readonly place: Place;
  readonly names: ReadonlySet<string>;

  constructor(place: Place, names: Iterable<string>) {
    this.place = place;
    this.names = new Set(names);
  }

  /** The whole command line as it is run from here. A string is split at blanks, or given to `sh -c` where it needs a shell. */
  commandLine(node: string, command: Command): [string, ...string[]] {
    if (!this.names.has(node))
      throw new Error(
        `Cannot run anything in "${node}": there is no such node; there are ${[...this.names].join(", ")}`,
      );
    const [nsenter = "nsenter", ...words] = this.place.inside(node);
    // Behind the fork of nsenter a command would outlive it.
    return [nsenter, ...words, ...dieWithParent, ...readCommand(command)];
  }

  /** Runs a command to its end. Never rejects for what the command says. */
  async exec(node: string, command: Command, options: ExecOptions = {}): Promise<ExecResult> {
    const [file, ...words] = this.commandLine(node, command);
    const result = await execa(file, words, {
      reject: false,
      ...(options.input === undefined ? { stdin: "ignore" as const } : { input: options.input }),
      ...(options.timeout === undefined ? {} : { timeout: options.timeout }),
      ...(options.signal === undefined ? {} : { cancelSignal: options.signal }),
      killSignal: "SIGKILL",
      env: { LC_ALL: "C", ...options.env },
      maxBuffer: 64 * 1024 * 1024,
    });
    const code = result.timedOut ? 124 : (result.exitCode ?? 128);
    return { code, stdout: result.stdout, stderr: result.timedOut ? `${result.stderr}\ntimed out` : result.stderr };
  }

  /** Starts a command and comes back at once. */
  spawn(node: string, command: Command, options: Pick<ExecOptions, "env"> = {}): NodeProcess {
    const [file, ...words] = this.commandLine(node, command);
    return new NodeProcess(command, launch(file, words, options.env ?? {}));
  }

  /** With our own terminal. */
  async attach(node: string, command: Command): Promise<number> {
    const [file, ...words] = this.commandLine(node, command);
    const result = await execa(file, words, { reject: false, stdio: "inherit" });
    return result.exitCode ?? 128;
  }
}

const launch = (file: string, words: readonly string[], env: Readonly<Record<string, string>>) =>
  execa(file, words, { reject: false, buffer: false, all: true, stdin: "ignore", env });
type Child = ReturnType<typeof launch>;

/** A command that runs in a node. Disposing kills it. */
export class NodeProcess {
  readonly #child: Child;
  readonly #command: Command;
  readonly #lines: string[] = [];
  readonly #waiting = new Set<() => void>();
  #ended = false;
  /** Resolves with the exit code; 128 where a signal ended it. */
  readonly exited: Promise<number>;

  constructor(command: Command, child: Child) {
    this.#command = command;
    this.#child = child;
    const read = this.#read();
    this.exited = this.#end(read);
  }

  /** What it has said so far, both streams. */
  get output(): string {
    return this.#lines.join("\n");
  }

  /** The command's own process id, as seen from here: nsenter waits above it. */
  async pid(): Promise<number> {
    const { pid: nsenter } = this.#child;
    // Between its start and its fork nsenter has no child yet.
    const deadline = performance.now() + STARTS_WITHIN;
    while (nsenter !== undefined && !this.#ended && performance.now() < deadline) {
      const pid = await childOf(nsenter);
      if (pid !== undefined) return pid;
      await this.#news(10);
    }
    throw new Error(`Cannot find ${String(this.#command)}: ${this.#ended ? "it has ended" : "it did not start"}`);
  }

  async kill(signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
    if (this.#ended) return;
    try {
      process.kill(await this.pid(), signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
  }

  /** Resolves with the first line that matches; rejects when it ends without one or after `within` milliseconds. */
  async line(pattern: string | RegExp, within = 60_000): Promise<string> {
    const matches = (line: string): boolean =>
      typeof pattern === "string" ? line.includes(pattern) : pattern.test(line);
    const deadline = performance.now() + within;
    for (;;) {
      const found = this.#lines.find(matches);
      if (found !== undefined) return found;
      const left = deadline - performance.now();
      if (this.#ended || left <= 0) {
        const why = this.#ended ? "it has ended" : `not within ${within / 1000} s`;
        throw new Error(
          `Cannot see ${String(pattern)} from ${String(this.#command)}: ${why}; it said:\n${this.output}`,
        );
      }
      await this.#news(left);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill("SIGKILL");
    await this.exited;
  }

  #news(within: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(done);
        resolve();
      };
      const timer = setTimeout(done, within);
      this.#waiting.add(done);
    });
  }

  #tell(): void {
    for (const done of [...this.#waiting]) done();
  }

  async #read(): Promise<void> {
    for await (const line of this.#child.iterable({ from: "all" })) {
      this.#lines.push(String(line));
      this.#tell();
    }
  }

  async #end(read: Promise<void>): Promise<number> {
    const result = await this.#child;
    // A stream that breaks off is no news here: the exit code is.
    await read.catch(() => undefined);
    this.#ended = true;
    this.#tell();
    return result.exitCode ?? 128;
  }
}
