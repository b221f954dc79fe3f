// What the main thread and the worker share: memory for counters and for the wish to stop, and messages for the rest.

import { COUNTERS_LENGTH } from "../../xlat/counters.js";
import type { TranslationSpec } from "../../xlat/spec.js";
import { engineReasons } from "./engine-drops.js";
import type { PumpOptions } from "./pump.js";

/** Bits of `commands[0]`, set by the main thread, taken by the worker. */
export const COMMAND_MESSAGE = 1;
export const COMMAND_STOP = 2;
/** To one that stands by: it is its turn. */
export const COMMAND_GO = 4;

/** Crosses to the worker when it starts; its arrays lie on shared memory. `fd` is the worker's own: it closes it. */
export interface WorkerStart extends PumpOptions {
  readonly dev: string;
  readonly spec: TranslationSpec;
  /** The translator's. */
  readonly counters: Float64Array;
  /** Makes itself ready and takes no packet until it is told to. */
  readonly standsBy: boolean;
}

/** To the worker. */
export interface UpdateRequest {
  readonly id: number;
  readonly spec: TranslationSpec;
}

/** From the worker: answers to the start (id 0) and to updates. */
export interface Answer {
  readonly id: number;
  /** What is wrong with the specification. */
  readonly specError?: string;
}

export type SharedArrays = Pick<WorkerStart, "commands" | "counters" | "drops">;

const doubleOctets = 8;

export function newSharedArrays(): SharedArrays {
  const doubles = (length: number) => new Float64Array(new SharedArrayBuffer(length * doubleOctets));
  return {
    commands: new Int32Array(new SharedArrayBuffer(4)),
    counters: doubles(COUNTERS_LENGTH),
    drops: doubles(2 * engineReasons.length),
  };
}
