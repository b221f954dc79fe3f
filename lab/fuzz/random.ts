// Numbers that look random and are the same for the same seed.

export class Random {
  #state: number;

  constructor(seed: number) {
    // Zero would stay zero, and neighbouring seeds should not begin alike.
    this.#state = Math.imul(seed | 0, 0x9e3779b1) ^ 0x6a09e667 || 1;
    for (let index = 0; index < 8; index++) this.word();
  }

  /** 32 bits, signed (xorshift, Marsaglia 2003). */
  word(): number {
    let state = this.#state;
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    this.#state = state;
    return state;
  }

  /** From 0 to `limit` - 1. */
  below(limit: number): number {
    return Math.floor(((this.word() >>> 0) / 2 ** 32) * limit);
  }

  /** True once in `times`. */
  once(times: number): boolean {
    return this.below(times) === 0;
  }

  pick<T>(list: readonly [T, ...T[]]): T {
    return list[this.below(list.length)] ?? list[0];
  }
}
