// When to ask again. Eager while something may be coming up, so that a CLAT is active within 2 s of the DNS64 answering
// for the first time, the pass and a late answer included; at leisure afterwards. Pure; milliseconds throughout.

export const retry = {
  /** A server that stays silent this long has not answered. */
  answerWithin: 1000,
  /** The next server is asked as well when the one before it has been silent this long. */
  nextServerAfter: 250,
  first: 250,
  most: 1000,
  /** For so long after a change of the network. */
  eagerFor: 10 * 60_000,
  leisurely: 30_000,
  /** A TTL below this is too short to hurry for, above it too long to believe. */
  leastTtl: 30_000,
  mostTtl: 24 * 3600_000,
  /** RFC 7050 §3: repeat the discovery ten seconds before the TTL runs out. */
  refreshBefore: 10_000,
  /** A prefix stays for so long after its TTL where the servers are silent and the network has not changed. */
  staleFor: 3600_000,
} as const;

/** From the start of one attempt to the start of the next. `failures` counts from 1. */
export function retryDelay(failures: number, sinceWake: number): number {
  if (sinceWake >= retry.eagerFor) return retry.leisurely;
  return Math.min(retry.first * 2 ** Math.min(failures - 1, 10), retry.most);
}

/** How long an answer holds. */
export function clampTtl(seconds: number): number {
  return Math.min(Math.max(seconds * 1000, retry.leastTtl), retry.mostTtl);
}
