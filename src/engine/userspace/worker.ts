// The worker thread of the userspace engine: a pump on a TUN, and the commands of the main thread between its bursts.
// It does not go back to Node's event loop while it runs: messages are fetched, not delivered. Throwing ends the thread,
// and the host hears of it.

import { closeSync, readSync } from "node:fs";
import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from "node:worker_threads";
import { makeNonBlocking } from "../../os/linux/packet-calls.js";
import type { TranslationSpec } from "../../xlat/spec.js";
import { SpecError } from "../../xlat/spec-error.js";
import { createTranslator, type Translator } from "../../xlat/translator.js";
import { Pump } from "./pump.js";
import { type Answer, COMMAND_STOP, type UpdateRequest, type WorkerStart } from "./thread-protocol.js";

function main(port: MessagePort, start: WorkerStart): void {
  const translator = translatorFor(start.spec, 0, port, start);
  if (translator === undefined) return;
  makeNonBlocking(start.fd);
  const pump = new Pump(translator, start);
  answer(port, { id: 0 });
  if (start.standsBy) Atomics.wait(start.commands, 0, 0);
  for (;;) {
    const end = pump.run();
    if (end.stopped === "read") throw new Error(describeEnd(start.dev, end.errno));
    const command = Atomics.exchange(start.commands, 0, 0);
    takeWakeUp(start.wakeFd);
    if ((command & COMMAND_STOP) !== 0) return;
    for (let got = receiveMessageOnPort(port); got !== undefined; got = receiveMessageOnPort(port)) {
      const { id, spec } = got.message as UpdateRequest;
      const next = translatorFor(spec, id, port, start);
      if (next === undefined) continue;
      pump.translator = next;
      answer(port, { id });
    }
  }
}

const wakeCount = new Uint8Array(8);

/** The main thread sets the command first and rings then: whoever looks in between finds nothing here, and is rung for later. */
function takeWakeUp(fd: number): void {
  try {
    readSync(fd, wakeCount);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
  }
}

/** Undefined where the specification is wrong; the main thread has its answer then. */
function translatorFor(
  spec: TranslationSpec,
  id: number,
  port: MessagePort,
  { counters }: WorkerStart,
): Translator | undefined {
  try {
    return createTranslator(spec, { counters, now: () => performance.now() });
  } catch (error) {
    if (!(error instanceof SpecError)) throw error;
    answer(port, { id, specError: error.message });
    return undefined;
  }
}

function answer(port: MessagePort, reply: Answer): void {
  port.postMessage(reply);
}

const EBADFD = 77;

function describeEnd(dev: string, errno: number): string {
  // EBADFD: the descriptor is there, the device that it stood for is not.
  const why = errno === EBADFD ? "the device is gone; somebody has deleted it" : `reading failed with errno ${errno}`;
  return `Cannot translate on TUN "${dev}": ${why}`;
}

if (parentPort !== null) {
  const start = workerData as WorkerStart;
  try {
    main(parentPort, start);
  } finally {
    closeSync(start.fd);
  }
}
