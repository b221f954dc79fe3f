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
