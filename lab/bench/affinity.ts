// Threads that stay on one processor: round trips between two processors are bimodal, by whether the other one sleeps.

import { readdirSync } from "node:fs";
import koffi from "koffi";

const libc = koffi.load(null);
const sched_setaffinity: (thread: number, size: number, mask: Uint8Array) => number = libc.func(
  "int sched_setaffinity(int thread, size_t size, const void *mask)",
);
const sched_getaffinity: (thread: number, size: number, mask: Uint8Array) => number = libc.func(
  "int sched_getaffinity(int thread, size_t size, void *mask)",
);

/** Octets of a mask: room for 1024 processors. */
const MASK = 128;

/**
 * Puts threads on one processor, and back where they were when it is disposed.
 * @param threads their numbers; 0 is the caller's own
 */
export function keepOn(core: number, threads: readonly number[]): Disposable {
  const mask = new Uint8Array(MASK);
  mask[core >> 3] = 1 << (core & 7);
  const moved = threads.map((thread) => {
    const before = new Uint8Array(MASK);
    sched_getaffinity(thread, MASK, before);
    // A thread that has ended meanwhile needs no place.
    sched_setaffinity(thread, MASK, mask);
    return { thread, before };
  });
  return {
    [Symbol.dispose]: () => {
      for (const { thread, before } of moved) sched_setaffinity(thread, MASK, before);
    },
  };
}

/** All threads of a process. */
export function threadsOf(pid: number): number[] {
  return readdirSync(`/proc/${pid}/task`).map(Number);
}
