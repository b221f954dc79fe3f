import { describe, expect, it } from "vitest";
import { compare } from "../../../../lab/bench/comparison.js";
import { tcpUp } from "./sample.js";

const never = Number.NaN;
const figures = (plain: number[], ebpf: number[]) =>
  new Map([
    ["plain", new Map([[tcpUp.name, plain]])],
    ["ebpf", new Map([[tcpUp.name, ebpf]])],
  ]);

describe("compare()", () => {
  it("compares within each round: a drift of the machine falls out", () => {
    const drifting = figures([10, 20, 40, 20, 10], [9, 18, 36, 18, 9]);
    expect(compare(drifting, ["ebpf", "plain"], tcpUp, new Map())).toMatchObject({
      median: 0.9,
      low: 0.9,
      high: 0.9,
      rounds: 5,
    });
  });

  it("leaves out rounds that one of the two has not", () => {
    const some = figures([10, never, 10, 10], [9, 9, never, 8]);
    expect(compare(some, ["ebpf", "plain"], tcpUp, new Map())).toMatchObject({ low: 0.8, high: 0.9, rounds: 2 });
    expect(compare(figures([10], [never]), ["ebpf", "plain"], tcpUp, new Map())).toBeUndefined();
    expect(compare(some, ["tayga", "plain"], tcpUp, new Map())).toBeUndefined();
  });

  it("takes differences where it is told to", () => {
    expect(compare(figures([10, 10], [11, 13]), ["ebpf", "plain"], tcpUp, new Map(), "difference")).toMatchObject({
      median: 2,
      low: 1,
      high: 3,
    });
  });

  it("puts the tester's limit in the place of what is beyond it", () => {
    expect(compare(figures([10], [30]), ["ebpf", "plain"], tcpUp, new Map([[tcpUp.name, 20]]))?.median).toBe(2);
  });

  it("compares the best rounds of what has states, whichever they are", () => {
    const swinging = figures([50, 20, 22, 51, 21], [20, 49, 21, 22, 48]);
    const ratio = compare(swinging, ["ebpf", "plain"], { ...tcpUp, states: true }, new Map());
    expect(ratio).toMatchObject({ median: 49 / 51, low: 48 / 51, high: 49 / 50, rounds: 5 });
    const cost = { ...tcpUp, better: "less", states: true } as const;
    expect(compare(swinging, ["ebpf", "plain"], cost, new Map())?.median).toBe(20 / 20);
    expect(compare(figures([never], [1]), ["ebpf", "plain"], cost, new Map())).toBeUndefined();
  });

  it("has no range but itself with a single round", () => {
    const ratio = compare(figures([50], [40]), ["ebpf", "plain"], { ...tcpUp, states: true }, new Map());
    expect(ratio).toMatchObject({ median: 0.8, low: 0.8, high: 0.8, rounds: 1 });
  });
});
