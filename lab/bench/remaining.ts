// How long a run still takes: what has been estimated of the rest, corrected by how far the estimate was off until now.

export class Remaining {
  /** Estimated seconds. */
  #ahead = 0;
  #done = 0;
  /** What they really took. */
  #took = 0;

  plan(seconds: number): void {
    this.#ahead += seconds;
  }

  /** Of what was planned, `seconds` are over: they took `took`. Without it: they were spared. */
  did(seconds: number, took?: number): void {
    this.#ahead = Math.max(0, this.#ahead - seconds);
    if (took === undefined) return;
    this.#done += seconds;
    this.#took += took;
  }

  get seconds(): number {
    return this.#ahead * (this.#done > 0 ? this.#took / this.#done : 1);
  }
}

/** `40 s`, `7 min`, `3.5 h`, `2.1 days`: as exact as an estimate is. */
export function durationText(seconds: number): string {
  if (seconds < 100) return `${Math.ceil(seconds)} s`;
  if (seconds < 100 * 60) return `${Math.ceil(seconds / 60)} min`;
  if (seconds < 48 * 3600) return `${(seconds / 3600).toFixed(1)} h`;
  return `${(seconds / 86_400).toFixed(1)} days`;
}
