// One subject against another, round by round: both were measured within seconds of each other there, so that what drifts from
// one round to the next falls out of it.

import { type Caps, capped } from "./caps.js";
import type { Figures, Measure } from "./figures.js";
import { type MedianRange, median, medianRange } from "./statistics.js";

export interface Comparison extends Pick<MedianRange, "low" | "high"> {
  /** Of the rounds; of what has states: that of the best rounds. */
  readonly median: number;
  /** Rounds that have both. */
  readonly rounds: number;
}

export type How = "ratio" | "difference";

/**
 * The best round of either. The range is what it were without the best round of the one or of the other. Five rounds of two runs
 * each, drawn at random from runs of 16 streams back to back, and compared with five others: the median of the rounds' ratios was
 * 0.76 to 1.30 in nine cases of ten, that of the best rounds 0.97 to 1.04.
 */
function compareBest(own: readonly number[], others: readonly number[], better: Measure["better"]): Comparison {
  const sort = (figures: readonly number[]): number[] =>
    figures.toSorted((a, b) => (better === "more" ? b - a : a - b));
  const [[best = Number.NaN, second = best], [other = Number.NaN, otherSecond = other]] = [sort(own), sort(others)];
  const ends = [second / other, best / otherSecond];
  return {
    median: best / other,
    low: Math.min(...ends),
    high: Math.max(...ends),
    rounds: Math.min(own.length, others.length),
  };
}

/** Undefined: no round has both. What is beyond the tester counts as the tester's own limit. */
export function compare(
  figures: Figures,
  [subject, against]: readonly [string, string],
  measure: Measure,
  caps: Caps,
  how: How = "ratio",
): Comparison | undefined {
  const [own = [], others = []] = [subject, against].map((name) => figures.get(name)?.get(measure.name));
  const within = (figure: number | undefined): number => capped(figure ?? Number.NaN, measure, caps).figure;
  const both = own
    .map((figure, round) => [within(figure), within(others[round])] as const)
    .filter((pair) => !pair.some(Number.isNaN));
  if (measure.states && both.length > 0)
    return compareBest(
      both.map(([one]) => one),
      both.map(([, other]) => other),
      measure.better,
    );
  const pairs = both.map(([one, other]) => (how === "ratio" ? one / other : one - other)).filter(Number.isFinite);
  if (pairs.length === 0) return undefined;
  const { low, high } = medianRange(pairs);
  return { median: median(pairs), low, high, rounds: pairs.length };
}
