// Medians and percentiles of samples, as RFC 2330 §11.3 defines them on the empirical distribution function.

/** The middle one, or the mean of both in the middle. NaN of an empty list. */
export function median(figures: readonly number[]): number {
  const sorted = figures.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const high = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? high : ((sorted[middle - 1] ?? Number.NaN) + high) / 2;
}

/**
 * The smallest figure that at least `percent` of all do not exceed. NaN of an empty list.
 * @param percent more than 0, up to 100
 */
export function percentile(figures: readonly number[], percent: number): number {
  const sorted = figures.toSorted((a, b) => a - b);
  // Without the small subtrahend, 99.9 % of 1000 would be 999.0000000000001 of them.
  const rank = Math.ceil((percent / 100) * sorted.length - 1e-9);
  return sorted[Math.max(0, rank - 1)] ?? Number.NaN;
}

export interface MedianRange {
  readonly low: number;
  readonly high: number;
  /** The probability that the median of all figures there could be lies between. */
  readonly confidence: number;
}

const ENOUGH = 0.9;

/**
 * The narrowest range between two samples, as many from either end, that holds the median with a confidence of 90 %; all of
 * them where they are too few for it (five suffice). Whatever the distribution: a sample is as likely below the median as above.
 */
export function medianRange(figures: readonly number[]): MedianRange {
  const sorted = figures.toSorted((a, b) => a - b);
  const { length } = sorted;
  let [cut, outside] = [0, 2 ** -length];
  // Of as many coin tosses, at most `cut` fall on one side: the sum of the binomial coefficients.
  for (let chance = outside * length; cut + 1 <= (length - 1) / 2 && 1 - 2 * (outside + chance) >= ENOUGH; ) {
    cut += 1;
    outside += chance;
    chance *= (length - cut) / (cut + 1);
  }
  return {
    low: sorted[cut] ?? Number.NaN,
    high: sorted[length - 1 - cut] ?? Number.NaN,
    confidence: Math.max(0, 1 - 2 * outside),
  };
}
