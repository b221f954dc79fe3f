// Long-running processes of effects. They never outlive the driver: the kernel kills them when our process ends, however
// it ends (PR_SET_PDEATHSIG), and disposal kills them before that.

import { execa } from "execa";
import { cannot } from "../describe.js";
import { OsError } from "../driver.js";
import type { Effect } from "../effect.js";
import { dieWithParent, ownSession } from "./die-with-parent.js";
import type { Place } from "./place.js";
import { behindNsenter } from "./process-tree.js";

type StartEffect = Effect & { do: "process.start" };
type Child = ReturnType<typeof spawn>;

interface Running {
  readonly child: Child;
  readonly output: string[];
}

const readyWithin = 15_000;
const stopWithin = 3_000;
const keptLines = 40;

export class Processes {
  readonly #place: Place;
  readonly #running = new Map<string, Running>();

  constructor(place: Place) {
    this.#place = place;
  }

  /** Resolves when it is ready. */
  async start(effect: StartEffect): Promise<void> {
    const key = keyOf(effect);
    if (this.#running.has(key)) throw new OsError("exists", cannot(effect, "it runs already"));
    const inside = this.#place.inside(effect.in);
    const [file = "", ...words] = [
      ...dieWithParent,
      ...inside,
      // Behind a fork of nsenter the signal must be asked for again.
      ...(inside.length === 0 ? [] : dieWithParent),
      ...effect.command,
    ];
    const child = spawn(file, words, effect.env ?? {});
    const running: Running = { child, output: [] };
    this.#running.set(key, running);
    void child.then(() => {
      if (this.#running.get(key) === running) this.#running.delete(key);
    });
    try {
      await ready(effect, running);
    } catch (error) {
      await this.#end(running, stopWithin);
      throw error;
    }
  }

  /** Asks it to end, then makes it. One that has ended already is fine. */
  async stop(effect: StartEffect): Promise<void> {
    const running = this.#running.get(keyOf(effect));
    if (running !== undefined) await this.#end(running, stopWithin);
  }

  /** Whether it runs: it has been started and has not ended. */
  isRunning(name: string, netns?: string): boolean {
    return this.#running.has(`${netns ?? ""} ${name}`);
  }

  async killAll(): Promise<void> {
    await Promise.all([...this.#running.values()].map((running) => this.#end(running, 0)));
  }

  async #end({ child }: Running, grace: number): Promise<void> {
    const pid = child.pid;
    if (pid !== undefined && child.exitCode === null && child.signalCode === null) {
      const target = await behindNsenter(pid);
      if (grace > 0) signal(target, "SIGTERM");
      const timer = setTimeout(() => {
        signal(target, "SIGKILL");
        signal(pid, "SIGKILL");
      }, grace);
      await child;
      clearTimeout(timer);
      // What it started itself is of its session.
      signal(-pid, "SIGKILL");
    }
    await child;
  }
}

function spawn(file: string, words: readonly string[], env: Readonly<Record<string, string>>) {
  return execa(file, words, { ...ownSession, reject: false, buffer: false, all: true, stdin: "ignore", env });
}

function keyOf(effect: StartEffect): string {
  return `${effect.in ?? ""} ${effect.name}`;
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has ended meanwhile.
  }
}

/** Resolves at the line that was waited for (or as soon as it is known to run); rejects when it ends before. */
function ready(effect: StartEffect, { child, output }: Running): Promise<void> {
  const { promise, resolve, reject } = withResolvers();
  const fail = (why: string): void => {
    const said = output.length === 0 ? "" : `; it said:\n${output.join("\n")}`;
    reject(new OsError("failed", cannot(effect, `${why}${said}`)));
  };
  const timer = setTimeout(() => fail(`it was not ready within ${readyWithin / 1000} s`), readyWithin);
  void readLines(child, (line) => {
    output.push(line);
    if (output.length > keptLines) output.shift();
    if (effect.ready !== undefined && line.includes(effect.ready)) resolve();
  });
  void child.then((result) => {
    const missing = result.code === "ENOENT";
    fail(missing ? "setpriv is not installed (package util-linux)" : `it ended with ${endOf(result)}`);
  });
  if (effect.ready === undefined) {
    if (child.pid !== undefined) resolve();
  }
  return promise.finally(() => clearTimeout(timer));
}

function endOf(result: { readonly exitCode?: number; readonly signal?: string }): string {
  if (result.exitCode === 127) return "exit code 127 (no such command)";
  return result.signal === undefined ? `exit code ${result.exitCode ?? "?"}` : `signal ${result.signal}`;
}

async function readLines(child: Child, take: (line: string) => void): Promise<void> {
  try {
    for await (const line of child.iterable({ from: "all" })) take(String(line));
  } catch {
    // How it ended is told elsewhere.
  }
}

function withResolvers(): { promise: Promise<void>; resolve: () => void; reject: (error: Error) => void } {
  let resolve: () => void = () => {};
  let reject: (error: Error) => void = () => {};
  const promise = new Promise<void>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}
