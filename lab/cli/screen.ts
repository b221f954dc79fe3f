// How wide the terminal is that we write to.

/** What everything is laid out for; a wider terminal gets no more. */
const USUAL = 80;
/** Narrower than that, lines are left to break. */
const LEAST = 40;

/** In columns. */
export function outputWidth(): number {
  return Math.min(USUAL, Math.max(LEAST, process.stdout.columns ?? USUAL));
}
