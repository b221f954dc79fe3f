// Waiting that a signal may cut short, without an exception.

import type { Clock } from "../os/clock.js";

/** Sleeps `ms`, or until the signal aborts. */
export async function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  try {
    await clock.sleep(ms, signal);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/** A controller that aborts with `parent` too. `release` when it is done with: a parent may live for days. */
export function childOf(parent: AbortSignal): { controller: AbortController; release(): void } {
  const controller = new AbortController();
  const abort = (): void => controller.abort(parent.reason);
  if (parent.aborted) abort();
  else parent.addEventListener("abort", abort, { once: true });
  return { controller, release: () => parent.removeEventListener("abort", abort) };
}
