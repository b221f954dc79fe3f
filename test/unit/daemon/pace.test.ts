import { describe, expect, it } from "vitest";
import { Pace, type PassResult } from "../../../src/daemon/pace.js";

function delays(results: readonly PassResult[], quiet: number): number[] {
  let now = 0;
  const pace = new Pace({ now: () => now, sleep: () => Promise.resolve() });
  return results.map((result) => {
    pace.passed(result);
    const delay = pace.delay(quiet);
    now += delay + quiet;
    return delay;
  });
}

const times = (count: number, result: PassResult): PassResult[] => Array.from({ length: count }, () => result);

describe("Pace", () => {
  it("delay() grows to half a second while a restless system's changes are none of ours", () => {
    expect(delays(times(8, "nothing"), 10)).toEqual([50, 50, 50, 100, 200, 400, 500, 500]);
  });

  it("delay() is short again after a rest, and after a pass with something to do", () => {
    expect(delays(times(6, "nothing"), 1000)).toEqual(times(6, "nothing").map(() => 50));
    expect(delays([...times(6, "nothing"), "something"], 10).at(-1)).toBe(50);
  });

  it("delay() grows to ten seconds while somebody undoes each repair at once", () => {
    expect(delays(times(12, "repair"), 0)).toEqual([50, 50, 50, 100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000]);
  });

  it("delay() is short again when there was peace for a minute", () => {
    expect(delays([...times(9, "repair"), "nothing"], 60_000).every((delay) => delay === 50)).toBe(true);
  });
});
