import { describe, expect, it } from "vitest";
import { capped, capsOf } from "../../../../lab/bench/caps.js";
import { cpuTcp, figures, roundTrip, tcpUp } from "./sample.js";

describe("capsOf()", () => {
  const caps = capsOf(figures, "plain", [tcpUp, roundTrip, cpuTcp]);

  it("takes the best figure of the self-test: the most, or the least where less is better", () => {
    expect(Object.fromEntries(caps)).toEqual({ [tcpUp.name]: 18, [roundTrip.name]: 4.9 });
  });

  it("has no limit for what is not the tester's: processor time", () => expect(caps.has(cpuTcp.name)).toBe(false));
});

describe("capped()", () => {
  const caps = new Map([
    [tcpUp.name, 20],
    [roundTrip.name, 5],
  ]);

  it.each([
    [tcpUp, 19, 19, false],
    [tcpUp, 21, 20, true],
    [roundTrip, 6, 6, false],
    [roundTrip, 4, 5, true],
    [cpuTcp, 0.1, 0.1, false],
  ])(
    "of $name %d is %d (RFC 8219 §9.2.1: the tester must do better than what it tests)",
    (measure, given, figure, isCapped) => {
      expect(capped(given, measure, caps)).toEqual({ figure, isCapped });
    },
  );
});
