// A tester in a node of a lab, as the bench sees it: asked over pipes, so that a measurement costs no start of a process.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface, type Interface } from "node:readline";
import type { Lab } from "../lab.js";
import { programs } from "../programs.js";
import type { TesterAnswer, TesterRequest } from "./tester/protocol.js";

/** Milliseconds beyond what a request asks for, after which the tester is given up. */
const PATIENCE = 60_000;

export class TesterProcess {
  readonly node: string;
  readonly #child: ChildProcess;
  readonly #lines: Interface;
  readonly #answers: TesterAnswer[] = [];
  #said = "";
  #heard: (() => void) | undefined;

  constructor(lab: Lab, node: string) {
    this.node = node;
    const [file, ...words] = lab.nodes.commandLine(node, [
      programs.node,
      `${programs.dist}/lab/bench/tester/tester.js`,
    ]);
    this.#child = spawn(file, words, { stdio: ["pipe", "pipe", "pipe"], env: { ...process.env, LC_ALL: "C" } });
    this.#child.stdin?.on("error", () => undefined);
    this.#child.stderr?.on("data", (text: Buffer) => {
      this.#said += text.toString();
    });
    if (this.#child.stdout === null) throw new Error(`Cannot hear the tester in "${node}": it has no output`);
    this.#lines = createInterface(this.#child.stdout);
    this.#lines.on("line", (line) => {
      this.#answers.push(JSON.parse(line) as TesterAnswer);
      this.#heard?.();
    });
    this.#child.once("close", () => {
      this.#answers.push({ error: `it has ended${this.#said === "" ? "" : `: ${this.#said.trim()}`}` });
      this.#heard?.();
    });
  }

  /** Asks for something that ends by itself. */
  async ask<D>(request: TesterRequest): Promise<D> {
    this.#say(JSON.stringify(request));
    return this.#done<D>(request);
  }

  /** Asks for something that serves; what comes back ends it, and has its figures. */
  async serve<D>(request: TesterRequest): Promise<Serving<D>> {
    this.#say(JSON.stringify(request));
    const answer = await this.#answer(request);
    if ("error" in answer) throw this.#failure(request, answer.error);
    return {
      stop: async () => {
        this.#say("stop");
        return this.#done<D>(request);
      },
      done: () => this.#done<D>(request),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = once(this.#child, "close");
    // nsenter and setpriv pass on neither signals nor their end; the end of its input ends the tester.
    this.#child.stdin?.end();
    const force = setTimeout(() => this.#child.kill("SIGKILL"), 2000);
    await gone;
    clearTimeout(force);
  }

  #say(line: string): void {
    this.#child.stdin?.write(`${line}\n`);
  }

  async #done<D>(request: TesterRequest): Promise<D> {
    const answer = await this.#answer(request);
    if ("done" in answer) return answer.done as D;
    throw this.#failure(request, "error" in answer ? answer.error : "it said ready twice");
  }

  async #answer(request: TesterRequest): Promise<TesterAnswer> {
    const patience = PATIENCE + ("seconds" in request ? request.seconds * 1000 : 0);
    const deadline = performance.now() + patience;
    for (;;) {
      const answer = this.#answers.shift();
      if (answer !== undefined) return answer;
      const left = deadline - performance.now();
      if (left <= 0) throw this.#failure(request, `no answer within ${patience / 1000} s`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.#heard = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  #failure(request: TesterRequest, why: string): Error {
    return new Error(`Cannot measure ("${request.do}" in "${this.node}"): ${why}`);
  }
}

export interface Serving<D> {
  /** Tells it to stop. */
  stop(): Promise<D>;
  /** Waits for it to end by itself. */
  done(): Promise<D>;
}
