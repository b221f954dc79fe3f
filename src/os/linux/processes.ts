// Long-running processes of effects. They never outlive the driver: the kernel kills them when our process ends, however
// it ends (PR_SET_PDEATHSIG), and disposal kills them before that.

import { setTimeout as sleep } from "node:timers/promises";
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
  state: "starting" | "started" | "stopping";
  /** How it ended. */
  end?: string;
}

const readyWithin = 15_000;
const linkLookEvery = 10;
const stopWithin = 3_000;
const keptLines = 40;

export interface ProcessesOptions {
  readonly place: Place;
  /** Called when one has ended without having been asked. */
  readonly onEnd: () => void;
}

export class Processes {
  readonly #place: Place;
  readonly #onEnd: () => void;
  readonly #running = new Map<string, Running>();
  /** How those ended that nobody had asked to. */
  readonly #ends = new Map<string, string>();

  constructor({ place, onEnd }: ProcessesOptions) {
    this.#place = place;
    this.#onEnd = onEnd;
  }

  /** Resolves when it is ready. @param hasLink whether the link that it is to make is there */
  async start(effect: StartEffect, hasLink: () => Promise<boolean>): Promise<void> {
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
    const running: Running = { child, output: [], state: "starting" };
    this.#running.set(key, running);
    this.#ends.delete(key);
    void child.then((result) => {
      if (this.#running.get(key) === running) this.#running.delete(key);
      running.end = `${endOf(result)}${saidBy(running)}`;
      if (running.state === "started") this.#tellEnd(key, running.end);
    });
    try {
      await ready(effect, running, hasLink);
      running.state = "started";
      // It may have said that it is ready and have ended at once.
      if (running.end !== undefined) this.#tellEnd(key, running.end);
    } catch (error) {
      await this.#end(running, stopWithin);
      throw error;
    }
  }

  /** Asks it to end, then makes it. One that has ended already is fine, and its end is forgotten. */
  async stop(effect: StartEffect): Promise<void> {
    const key = keyOf(effect);
    const running = this.#running.get(key);
    if (running !== undefined) await this.#end(running, effect.grace ?? stopWithin);
    this.#ends.delete(key);
  }

  /** How it ended without having been asked to. */
  endOf(name: string, netns?: string): string | undefined {
    return this.#ends.get(`${netns ?? ""} ${name}`);
  }

  /** Whether it runs: it has been started and has not ended. */
  isRunning(name: string, netns?: string): boolean {
    return this.#running.has(`${netns ?? ""} ${name}`);
  }

  async killAll(): Promise<void> {
    await Promise.all([...this.#running.values()].map((running) => this.#end(running, 0)));
  }

  #tellEnd(key: string, end: string): void {
    this.#ends.set(key, end);
    this.#onEnd();
  }

  async #end(running: Running, grace: number): Promise<void> {
    const { child } = running;
    running.state = "stopping";
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
    }
    await child;
  }
}

function spawn(file: string, words: readonly string[], env: Readonly<Record<string, string>>) {
  const child = execa(file, words, { ...ownSession, reject: false, buffer: false, all: true, stdin: "ignore", env });
  // What it started itself is of its session, and goes with it. It may hold the output, and execa waits for the end of that.
  child.once("exit", () => child.pid !== undefined && signal(-child.pid, "SIGKILL"));
  return child;
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
function ready(effect: StartEffect, running: Running, hasLink: () => Promise<boolean>): Promise<void> {
  const { child, output } = running;
  const { promise, resolve, reject } = withResolvers();
  let over = false;
  const fail = (why: string): void => {
    reject(new OsError("failed", cannot(effect, `${why}${saidBy(running)}`)));
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
  const lookForLink = async (): Promise<void> => {
    while (!over && !(await hasLink())) await sleep(linkLookEvery);
    resolve();
  };
  if (effect.ready === undefined && child.pid !== undefined) {
    if (effect.link === undefined) resolve();
    else void lookForLink().catch(reject);
  }
  return promise.finally(() => {
    over = true;
    clearTimeout(timer);
  });
}

function saidBy({ output }: Running): string {
  return output.length === 0 ? "" : `; it said:\n${output.join("\n")}`;
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
