// The highest rate at which nothing is lost (throughput: RFC 2544 §26.1, RFC 8219 §7.1), searched by halving.

export interface RateSearch {
  /** The first rate to try. */
  readonly guess: number;
  /** A rate that is known to fail. */
  readonly ceiling: number;
  readonly resolution: number;
  /** Whether everything arrives at that rate. */
  readonly trial: (rate: number) => Promise<boolean>;
}

/** How far apart rates are tried until one that passes and one that fails are known. */
const STRIDE = 1.25;
/** Below this part of the guess there is no rate worth the name. */
const HOPELESS = 0.005;

/** 0 where not even a small part of the guess passes. */
export async function highestRate({ guess, ceiling, resolution, trial }: RateSearch): Promise<number> {
  let passes = 0;
  let fails = ceiling;
  let rate = Math.min(guess, ceiling / (1 + resolution));
  while (passes === 0 || (fails - passes) / fails > resolution) {
    if (await trial(rate)) passes = rate;
    else fails = rate;
    if (passes === 0 && fails < guess * HOPELESS) return 0;
    rate = nextRate(passes, fails, ceiling);
  }
  return passes;
}

/** In strides while only one side is known, then in the middle. */
function nextRate(passes: number, fails: number, ceiling: number): number {
  if (passes === 0) return fails / STRIDE ** 2;
  if (fails < ceiling || passes * STRIDE >= fails) return (passes + fails) / 2;
  return passes * STRIDE;
}

/**
 * The rate that also passes the decisive trial. Where it does not, lower ones are tried, in steps that double: each of these
 * trials is long.
 */
export async function decidedRate(
  found: number,
  resolution: number,
  trial: (rate: number) => Promise<boolean>,
): Promise<number> {
  for (let rate = found, step = resolution; rate > found / 2; rate *= 1 - step, step *= 2) {
    if (await trial(rate)) return rate;
  }
  return 0;
}
