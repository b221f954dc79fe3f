// How many ICMP errors of our own may go out: a token bucket, as RFC 4443 §2.4 (f) recommends it for IPv6 and RFC 1812
// §4.3.2.8 asks of IPv4. It lets a burst pass (a traceroute, the flows of a path that has shrunk) and holds back a flood.

export interface RateLimit {
  /** Errors on average. */
  readonly perSecond: number;
  /** Errors at once. */
  readonly burst: number;
}

/**
 * For each family. More than the 10 that RFC 4443 thinks of for small devices, since each of thousands of flows through
 * a relay needs its own Packet Too Big; far below what the packets that cause them may be.
 */
export const defaultRateLimit: RateLimit = { perSecond: 1000, burst: 250 };

export class TokenBucket {
  readonly #perMillisecond: number;
  readonly #burst: number;
  readonly #now: () => number;
  #tokens: number;
  #since: number;

  /** `now`: milliseconds on a clock that never goes back. */
  constructor({ perSecond, burst }: RateLimit, now: () => number) {
    this.#perMillisecond = perSecond / 1000;
    this.#burst = burst;
    this.#now = now;
    this.#tokens = burst;
    this.#since = now();
  }

  /** Whether one more may go now. */
  take(): boolean {
    const now = this.#now();
    this.#tokens = Math.min(this.#burst, this.#tokens + (now - this.#since) * this.#perMillisecond);
    this.#since = now;
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }
}
