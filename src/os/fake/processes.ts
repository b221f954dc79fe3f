// Processes of the model: those that one driver has started, the devices that came with them, and how they ended.

import type { Effect } from "../effect.js";
import type { FakeKernel } from "./kernel.js";
import { addLink, removeLink } from "./links.js";
import { type FakeNetns, Refusal } from "./state.js";

interface Running {
  readonly ns: FakeNetns;
  readonly link: string | undefined;
}

export class FakeProcesses {
  readonly #kernel: FakeKernel;
  readonly #running = new Map<string, Running>();
  readonly #ends = new Map<string, string>();

  constructor(kernel: FakeKernel) {
    this.#kernel = kernel;
  }

  start(key: string, ns: FakeNetns, { link }: Effect & { do: "process.start" }): void {
    if (this.#running.has(key)) throw new Refusal("exists", "it runs already");
    if (link !== undefined) addLink(this.#kernel, ns, { name: link, kind: "tun" });
    this.#ends.delete(key);
    this.#running.set(key, { ns, link });
  }

  /** One that has ended already is fine, and its end is forgotten. */
  stop(key: string): void {
    this.#ends.delete(key);
    this.#drop(key);
  }

  /** It comes to an end that nobody had asked for. */
  end(key: string, why: string): void {
    const ns = this.#running.get(key)?.ns;
    if (ns === undefined) throw new Error(`Cannot end process "${key}": it does not run`);
    this.#ends.set(key, why);
    this.#drop(key);
    this.#kernel.tell(ns, "process");
  }

  isRunning(key: string): boolean {
    return this.#running.has(key);
  }

  endOf(key: string): string | undefined {
    return this.#ends.get(key);
  }

  /** SIGKILL of their parent. */
  killAll(): void {
    for (const key of [...this.#running.keys()]) this.#drop(key);
  }

  #drop(key: string): void {
    const running = this.#running.get(key);
    this.#running.delete(key);
    if (running?.link !== undefined && running.ns.links.has(running.link)) {
      removeLink(this.#kernel, running.ns, running.link);
    }
  }
}
