// Octets in and out of this process, for commands that work like a filter.

import { createReadStream, fstatSync } from "node:fs";

export interface Pipe {
  readonly input: AsyncIterable<Uint8Array>;
  /** Resolves when the octets are on their way: true; false when nobody reads any more. */
  write(octets: Uint8Array): Promise<boolean>;
}

/** Standard input and standard output. */
export function processPipe(): Pipe {
  return {
    get input() {
      return standardInput();
    },
    write: (octets) =>
      new Promise((resolve) => {
        // Called when the octets are written, so that a reader who is slow slows the reading of the input too.
        process.stdout.write(octets, (error) => resolve(error === undefined || error === null));
      }),
  };
}

/** Measured: in pieces of 64 KiB, as Node reads a file on standard input by itself, half of the time is waiting. */
const PIECE = 1 << 20;

/** A pipe gives what is there at once, so that a co-process gets its answer at once. */
function standardInput(): AsyncIterable<Uint8Array> {
  return isFile(0) ? createReadStream("", { fd: 0, autoClose: false, highWaterMark: PIECE }) : process.stdin;
}

function isFile(fd: number): boolean {
  try {
    return fstatSync(fd).isFile();
  } catch {
    // Closed: process.stdin copes with it.
    return false;
  }
}
