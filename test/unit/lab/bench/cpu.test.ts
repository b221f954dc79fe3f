import { describe, expect, it } from "vitest";
import { parseBusy } from "../../../../lab/bench/cpu.js";

describe("parseBusy()", () => {
  it("adds user, nice, system, irq and softirq; not idle, iowait, steal and guest", () => {
    const stat = "cpu  100 20 300 5000 700 40 60 8000 90000 1000\ncpu0 1 1 1 1 1 1 1 1 1 1\n";
    expect(parseBusy(stat)).toBeCloseTo((100 + 20 + 300 + 40 + 60) / 100);
  });
});
