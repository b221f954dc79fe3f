// One worker thread that translates on a TUN, as the main thread sees it: its commands, its counters, its end.

import { closeSync, writeSync } from "node:fs";
import { Worker } from "node:worker_threads";
import { duplicate, newWakeFd } from "../../os/linux/packet-calls.js";
import { type CounterValues, type DirectionCounters, readCounters } from "../../xlat/counters.js";
import type { TranslationSpec } from "../../xlat/spec.js";
import { SpecError } from "../../xlat/spec-error.js";
import type { RunningTranslator } from "../engine.js";
import { engineReasons } from "./engine-drops.js";
import {
  type Answer,
  COMMAND_GO,
  COMMAND_MESSAGE,
  COMMAND_STOP,
  newSharedArrays,
  type SharedArrays,
  type UpdateRequest,
  type WorkerStart,
} from "./thread-protocol.js";

const wakeUp = new Uint8Array(new BigUint64Array([1n]).buffer);

export interface ThreadParts {
  readonly program: URL;
  readonly dev: string;
  readonly spec: TranslationSpec;
  readonly tun: { readonly fd: number; readonly headerLength: number };
  /** It takes packets only after `go()`. */
  readonly standsBy: boolean;
}

export class TranslatorThread implements RunningTranslator {
  readonly ended: Promise<Error | undefined>;
  /** Rejects where the translator could not be started. */
  readonly ready: Promise<void>;
  readonly #worker: Worker;
  readonly #wakeFd: number = newWakeFd();
  readonly #shared: SharedArrays = newSharedArrays();
  readonly #waiting = new Map<number, { resolve(): void; reject(error: Error): void }>();
  #nextId = 1;
  #running = true;

  constructor({ program, dev, spec, tun, standsBy }: ThreadParts) {
    const { headerLength: vnetLength } = tun;
    const shared = { wakeFd: this.#wakeFd, ...this.#shared };
    // A descriptor of its own: when the device's owner closes his, the number may come to mean another file.
    const start: WorkerStart = { dev, spec, fd: duplicate(tun.fd), vnetLength, standsBy, ...shared };
    // The worker closes a descriptor that it has not opened itself, of which Node would warn.
    const options = { name: `clatd ${dev}`, workerData: start, execArgv: [], trackUnmanagedFds: false };
    this.#worker = new Worker(program, options);
    this.ready = this.#answerTo(0);
    this.ended = this.#end();
    this.#worker.on("message", (answer: Answer) => this.#take(answer));
    // Node waits for its workers when it exits, and one that blocks in poll(2) would never notice.
    process.on("exit", this.#stopNow);
  }

  async update(spec: TranslationSpec): Promise<void> {
    if (!this.#running) throw new Error("Cannot update the translation: the translator has ended; start it anew");
    const id = this.#nextId++;
    const answered = this.#answerTo(id);
    const request: UpdateRequest = { id, spec };
    this.#worker.postMessage(request);
    this.#command(COMMAND_MESSAGE);
    return answered;
  }

  /** It is its turn now. */
  go(): void {
    this.#command(COMMAND_GO);
  }

  counters(): CounterValues {
    const { v4ToV6, v6ToV4 } = readCounters(this.#shared.counters);
    return { v4ToV6: this.#withDrops(v4ToV6, 0), v6ToV4: this.#withDrops(v6ToV4, engineReasons.length) };
  }

  async stop(): Promise<void> {
    this.#stopNow();
    await this.ended;
  }

  readonly #stopNow = (): void => {
    if (this.#running) this.#command(COMMAND_STOP);
  };

  #command(command: number): void {
    Atomics.or(this.#shared.commands, 0, command);
    Atomics.notify(this.#shared.commands, 0);
    writeSync(this.#wakeFd, wakeUp);
  }

  #answerTo(id: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
    });
  }

  #take({ id, specError }: Answer): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (specError === undefined) waiting?.resolve();
    else waiting?.reject(new SpecError(specError));
  }

  #end(): Promise<Error | undefined> {
    return new Promise((resolve) => {
      let failure: Error | undefined;
      this.#worker.on("error", (error) => {
        failure = error;
      });
      this.#worker.on("exit", () => {
        this.#running = false;
        process.off("exit", this.#stopNow);
        closeSync(this.#wakeFd);
        for (const { reject } of this.#waiting.values()) {
          reject(failure ?? new Error("The translator has been stopped"));
        }
        this.#waiting.clear();
        resolve(failure);
      });
    });
  }

  #withDrops(counters: DirectionCounters, from: number): DirectionCounters {
    const drops = engineReasons.flatMap((reason, index): [string, number][] => {
      const count = this.#shared.drops[from + index] ?? 0;
      return count === 0 ? [] : [[reason, count]];
    });
    return drops.length === 0 ? counters : { ...counters, drops: { ...counters.drops, ...Object.fromEntries(drops) } };
  }
}
