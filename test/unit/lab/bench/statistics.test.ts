import { describe, expect, it } from "vitest";
import { median, medianRange, percentile } from "../../../../lab/bench/statistics.js";

describe("median()", () => {
  it.each([
    [[3, 1, 2], 2],
    [[4, 1, 2, 3], 2.5],
    [[7], 7],
  ])("of %j is %d", (list, middle) => expect(median(list)).toBe(middle));

  it("of nothing is no number", () => expect(median([])).toBeNaN());
});

describe("percentile() on the empirical distribution function (RFC 2330 §11.3)", () => {
  // The example of RFC 2330 §11.3: -2, 7, 7, 4, 18, -5.
  const example = [-2, 7, 7, 4, 18, -5];

  it.each([
    [100, 18],
    [84, 18],
    [83, 7],
    [50, 4],
    [25, -2],
    [10, -5],
  ])("the %dth of the RFC's sample is %d", (percent, figure) => expect(percentile(example, percent)).toBe(figure));

  it("takes the 999th of a thousand for 99.9 %", () => {
    const thousand = Array.from({ length: 1000 }, (_, index) => index + 1);
    expect(percentile(thousand, 99.9)).toBe(999);
  });

  it("is the least and the greatest for 1 % and 99 % of a few", () => {
    expect([1, 99].map((percent) => percentile([3, 9, 1, 7, 5], percent))).toEqual([1, 9]);
  });

  it("leaves the sample as it was", () => {
    const sample = [3, 1, 2];
    percentile(sample, 50);
    expect(sample).toEqual([3, 1, 2]);
  });

  it("of nothing is no number", () => expect(percentile([], 50)).toBeNaN());
});

describe("medianRange()", () => {
  // Binomial tables: P(at most k of n on one side) = sum of C(n, i) / 2^n.
  it.each([
    [2, 1, 2, 0.5],
    [4, 1, 4, 0.875],
    [5, 1, 5, 0.9375],
    [7, 1, 7, 1 - 2 / 128],
    [8, 2, 7, 1 - (2 * 9) / 256],
    [20, 6, 15, 1 - (2 * 21_700) / 1_048_576],
  ])("of %d samples holds the median between the %d. and the %d.", (length, low, high, confidence) => {
    const range = medianRange(Array.from({ length }, (_, index) => index + 1));
    expect({ low: range.low, high: range.high }).toEqual({ low, high });
    expect(range.confidence).toBeCloseTo(confidence, 9);
  });

  it("of one sample is sure of nothing", () => expect(medianRange([7])).toEqual({ low: 7, high: 7, confidence: 0 }));
});
