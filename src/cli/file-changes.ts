// Tells when a file has changed, whoever changed it and however: written over, replaced, its link turned to another one.
// What is still being written is not read: it has to rest for a moment.

import { type FSWatcher, statSync, watch } from "node:fs";
import { dirname } from "node:path";
import { WakeUp } from "../daemon/wake-up.js";
import { pause } from "../discovery/pause.js";
import type { Clock } from "../os/clock.js";

/** Milliseconds. */
const times = {
  /** So long unchanged, and it is whole. */
  rest: 200,
  /** Where the system does not notify (a file system of another machine): a look now and then. */
  look: 5000,
} as const;

/** What a file looked like. Differs where the file does. */
export type FileSight = string;

/**
 * Yields after each change, until the signal aborts. That there is no file any more is a change too.
 *
 * @param since what it looked like before it was read: what happened to it until now counts as well
 */
export async function* fileChanges(
  path: string,
  since: FileSight,
  clock: Clock,
  signal: AbortSignal,
): AsyncGenerator<void> {
  const bell = new WakeUp();
  const watcher = watchFolder(dirname(path), () => bell.ring());
  try {
    let last = since;
    while (!signal.aborted) {
      if (lookAt(path) === last) {
        await bell.wait(clock, times.look, signal);
        continue;
      }
      last = await restOf(path, clock, signal);
      if (!signal.aborted) yield;
    }
  } finally {
    watcher?.close();
  }
}

/** The folder, since a file that takes the place of another one is none that was watched. */
function watchFolder(folder: string, changed: () => void): FSWatcher | undefined {
  try {
    const watcher = watch(folder, { persistent: false }, changed);
    watcher.on("error", () => watcher.close());
    return watcher;
  } catch {
    // No such folder, or no more watches to have: the look now and then has to do.
    return undefined;
  }
}

async function restOf(path: string, clock: Clock, signal: AbortSignal): Promise<FileSight> {
  for (let before = lookAt(path); ; ) {
    await pause(clock, times.rest, signal);
    const now = lookAt(path);
    if (now === before || signal.aborted) return now;
    before = now;
  }
}

export function lookAt(path: string): FileSight {
  try {
    const { ino, size, mtimeNs, ctimeNs } = statSync(path, { bigint: true });
    return `${ino} ${size} ${mtimeNs} ${ctimeNs}`;
  } catch {
    return "none";
  }
}
