import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decidedRate, highestRate } from "../../../../lab/bench/search.js";

/** A device that loses nothing up to `limit`, and what was tried of it. */
function device(limit: number): { tried: number[]; trial: (rate: number) => Promise<boolean> } {
  const tried: number[] = [];
  return {
    tried,
    trial: async (rate) => {
      tried.push(rate);
      return rate <= limit;
    },
  };
}

describe("highestRate() (RFC 2544 §26.1)", () => {
  it("finds the limit within the resolution, from any guess, in few trials", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.double({ min: 0.02, max: 1, noNaN: true }),
        fc.double({ min: 0.02, max: 1, noNaN: true }),
        async (limit, guess) => {
          const { tried, trial } = device(limit * 1e6);
          const found = await highestRate({ guess: guess * 1e6, ceiling: 1.05e6, resolution: 0.05, trial });
          expect(found).toBeLessThanOrEqual(limit * 1e6);
          expect(found).toBeGreaterThanOrEqual(limit * 1e6 * 0.94);
          expect(tried.length).toBeLessThanOrEqual(24);
        },
      ),
    );
  });

  it("needs six trials where the guess is good", async () => {
    const { tried, trial } = device(100_000);
    await highestRate({ guess: 95_000, ceiling: 400_000, resolution: 0.05, trial });
    expect(tried.length).toBeLessThanOrEqual(6);
  });

  it("never tries what is known to fail", async () => {
    const { tried, trial } = device(900);
    await highestRate({ guess: 5000, ceiling: 1000, resolution: 0.01, trial });
    expect(Math.max(...tried)).toBeLessThan(1000);
  });

  it("gives up with 0 where everything fails", async () => {
    const { tried, trial } = device(0);
    expect(await highestRate({ guess: 1000, ceiling: 2000, resolution: 0.05, trial })).toBe(0);
    expect(tried.length).toBeLessThan(20);
  });
});

describe("decidedRate() (RFC 2544 §24: the final trial decides)", () => {
  it("keeps what passes", async () => {
    expect(await decidedRate(1000, 0.01, device(1000).trial)).toBe(1000);
  });

  it("goes down in steps that double until the long trial passes", async () => {
    const { tried, trial } = device(985);
    expect(await decidedRate(1000, 0.01, trial)).toBeCloseTo(970.2);
    expect(tried.map(Math.round)).toEqual([1000, 990, 970]);
  });

  it("is 0 where not even half of it passes", async () => {
    expect(await decidedRate(1000, 0.1, device(10).trial)).toBe(0);
  });
});
