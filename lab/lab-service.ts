// One service of a node, stopped and started as a whole: its effects undone and done again.

import { readFile, writeFile } from "node:fs/promises";
import type { Applied, OsDriver } from "../src/os/driver.js";
import { nodeFile, type Service } from "./kinds/service.js";

export class LabService {
  readonly node: string;
  readonly name: string;
  readonly what: string;
  readonly #applied: readonly Applied[];
  readonly #os: OsDriver & { isRunning(name: string, netns?: string): boolean };
  readonly #root: string;
  #done: Applied[] = [];

  constructor(
    service: Service & { readonly node: string },
    applied: readonly Applied[],
    os: OsDriver & { isRunning(name: string, netns?: string): boolean },
    root: string,
  ) {
    this.node = service.node;
    this.name = service.name;
    this.what = service.what;
    this.#applied = applied;
    this.#os = os;
    this.#root = root;
  }

  /** Whether it has been started and its processes still run. */
  get running(): boolean {
    return (
      this.#done.length > 0 &&
      this.#done.every(({ effect }) => effect.do !== "process.start" || this.#os.isRunning(effect.name, effect.in))
    );
  }

  /** Resolves when it is ready. One that runs is left alone. */
  async start(): Promise<void> {
    if (this.#done.length > 0) return;
    for (const applied of this.#applied) {
      await this.#os.perform(applied);
      this.#done.push(applied);
    }
  }

  /** Goes on past what cannot be undone; the first reason is thrown, and another call tries those again. */
  async stop(): Promise<void> {
    const last = this.#done.toReversed();
    const errors = await this.#os.revertEach(last);
    this.#done = last.filter((_applied, index) => errors[index] !== undefined).reverse();
    for (const error of errors) if (error !== undefined) throw error;
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  /** Rewrites the configuration of a service of our own; it takes it up by itself. */
  async update(change: (configuration: unknown) => unknown): Promise<void> {
    const file = this.#root + nodeFile(this.node, `${this.name}.json`);
    const configuration: unknown = JSON.parse(await readFile(file, "utf8"));
    await writeFile(file, `${JSON.stringify(change(configuration), undefined, 2)}\n`);
  }
}
