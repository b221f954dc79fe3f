// What a fast path in the kernel is made of, as plain data: this layer knows nothing of translation. See fast-path.ts.

import type { FastPathProgram } from "../../effect.js";

/** Bytes for the programs: their constants, and the contents of their maps. */
export interface FastPathImage {
  readonly rodata: Uint8Array;
  readonly maps: readonly FastPathMap[];
}

export interface FastPathMap {
  readonly name: string;
  readonly count: number;
  /** `count` keys one after the other, … */
  readonly keys: Uint8Array;
  /** … and as many values. */
  readonly values: Uint8Array;
  /** How many entries there may be; absent: `count`. */
  readonly size?: number;
}

export interface AttachPoint {
  readonly program: FastPathProgram;
  readonly dev: string;
  readonly hook: "ingress" | "egress";
  /** The network namespace of the device; absent: this process's own. */
  readonly netnsFile?: string;
}

interface Place {
  readonly dev: string;
  readonly ifindex: number;
  readonly hook: "ingress" | "egress";
}

/** A link, which goes with the process that holds it. */
export interface LinkRecord extends Place {
  readonly how: "tcx";
}

/** A filter, which stays until somebody takes it away. */
export interface FilterRecord extends Place {
  readonly how: "clsact";
  readonly handle: number;
  readonly priority: number;
  /** The qdisc was not there before. */
  readonly ownQdisc: boolean;
}

/** Where a program hangs, or will. Plain JSON: it goes into the journal. */
export type AttachRecord = LinkRecord | FilterRecord;

/** What a program made of a packet that was shown to it (BPF_PROG_TEST_RUN). */
export interface TestRun {
  /** What it returned: 7 where it sent the packet elsewhere. */
  readonly code: number;
  readonly packet: Uint8Array;
  /** Nanoseconds a run. */
  readonly duration: number;
}

export interface TestRunOptions {
  /** The device that the packet seems to be on; absent: lo. */
  readonly ifindex?: number;
  /** Octets of payload a segment, of a super-packet. */
  readonly gsoSize?: number;
  /** Words of the control block, where programs leave signs for each other; absent: zeros. */
  readonly controlBlock?: readonly number[];
  readonly repeat?: number;
}
