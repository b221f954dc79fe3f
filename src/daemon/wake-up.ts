// A bell that many ring and one waits for: rings while nobody listens are kept, as one.

import { childOf, pause } from "../discovery/pause.js";
import type { Clock } from "../os/clock.js";

export class WakeUp {
  #rung = false;
  #listener: (() => void) | undefined;

  ring(): void {
    this.#rung = true;
    this.#listener?.();
  }

  /** True after a ring, false when `ms` have passed without one, or the signal has aborted. Takes the ring. */
  async wait(clock: Clock, ms: number, signal: AbortSignal): Promise<boolean> {
    if (!this.#rung) {
      const { controller, release } = childOf(signal);
      this.#listener = () => controller.abort();
      await pause(clock, ms, controller.signal);
      this.#listener = undefined;
      release();
    }
    return this.take();
  }

  /** Whether it has rung since it was taken last. */
  take(): boolean {
    const rung = this.#rung;
    this.#rung = false;
    return rung;
  }
}
