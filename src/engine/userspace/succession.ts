// One translator out of several threads, one after the other. A thread that reads a table of ten thousand mappings takes no
// packets meanwhile (measured: 20 to 100 ms), and a TUN holds 500. So a large table is read by a second thread while the
// first goes on, and then the second takes its place, between two packets.

import { addCounters, type CounterValues, type DirectionCounters } from "../../xlat/counters.js";
import type { TranslationSpec } from "../../xlat/spec.js";
import type { RunningTranslator } from "../engine.js";
import type { TranslatorThread } from "./translator-thread.js";

/** Mappings. Fewer are read between two packets. */
const large = 200;

export class Succession implements RunningTranslator {
  readonly ended: Promise<Error | undefined>;
  readonly #successor: (spec: TranslationSpec) => TranslatorThread;
  #current: TranslatorThread;
  /** Threads that have been stopped and may still count their last packets. */
  readonly #retiring = new Set<TranslatorThread>();
  /** Of those that have ended. */
  #past: CounterValues = { v4ToV6: none, v6ToV4: none };
  #end: (error: Error | undefined) => void = () => {};

  /** @param successor makes a thread that stands by */
  constructor(first: TranslatorThread, successor: (spec: TranslationSpec) => TranslatorThread) {
    this.#successor = successor;
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    this.#current = first;
    this.#watch(first);
  }

  async update(spec: TranslationSpec): Promise<void> {
    if (spec.eams.length < large) return this.#current.update(spec);
    const next = this.#successor(spec);
    await next.ready;
    const before = this.#current;
    this.#current = next;
    this.#retiring.add(before);
    this.#watch(next);
    next.go();
    await before.stop();
  }

  counters(): CounterValues {
    return [...this.#retiring, this.#current].reduce((sum, thread) => addCounters(sum, thread.counters()), this.#past);
  }

  async stop(): Promise<void> {
    await this.#current.stop();
  }

  #watch(thread: TranslatorThread): void {
    void thread.ended.then((error) => {
      if (thread === this.#current) return this.#end(error);
      this.#retiring.delete(thread);
      this.#past = addCounters(this.#past, thread.counters());
    });
  }
}

const none: DirectionCounters = { packets: 0, octets: 0, drops: {} };
