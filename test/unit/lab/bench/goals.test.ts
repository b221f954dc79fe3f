import { describe, expect, it } from "vitest";
import { activitiesOf } from "../../../../lab/bench/activities.js";
import { type Goal, goalLine, goalsOf, judge } from "../../../../lab/bench/goals.js";
import { linkKinds } from "../../../../lab/bench/links.js";
import { profiles } from "../../../../lab/bench/profiles.js";
import { subjects } from "../../../../lab/bench/subjects.js";
import { cpuTcp, figures, roundTrip, tcpUp } from "./sample.js";

const line = (goal: Partial<Goal>, caps: ReadonlyMap<string, number> = new Map()): string =>
  goalLine(
    judge(
      { measure: tcpUp.name, subject: "ebpf", against: "plain", how: "at-least", limit: 1, ...goal },
      [tcpUp, roundTrip, cpuTcp],
      figures,
      caps,
    ),
  );

describe("goalLine()", () => {
  it.each([
    [{ limit: 0.98 }, "- TCP up, 1 stream: ebpf is 1.35 × plain (1.25–1.42); goal at least 0.98 ×: reached"],
    [
      { limit: 1.4 },
      "- TCP up, 1 stream: ebpf is 1.35 × plain (1.25–1.42); goal at least 1.40 ×: missed by 3 %, but too close to be sure",
    ],
    [{ limit: 1.5 }, "- TCP up, 1 stream: ebpf is 1.35 × plain (1.25–1.42); goal at least 1.50 ×: missed by 10 %"],
    [
      { how: "at-most", limit: 1.05 },
      "- TCP up, 1 stream: ebpf is 1.35 × plain (1.25–1.42); goal at most 1.05 ×: missed by 29 %",
    ],
    [
      { measure: roundTrip.name, how: "at-most-more", limit: 0.6 },
      "- round trip, median: ebpf is 0.5 µs more than plain (0.4–0.7); goal at most 0.6 µs more: reached, but too close to be sure",
    ],
    [
      { measure: roundTrip.name, how: "at-most-more", limit: 0.1 },
      "- round trip, median: ebpf is 0.5 µs more than plain (0.4–0.7); goal at most 0.1 µs more: missed by 0.4 µs",
    ],
    [
      { measure: cpuTcp.name, how: "at-most", limit: 1.05 },
      "- CPU, TCP up, 1 stream: ebpf against plain; goal at most 1.05 ×: not measured",
    ],
  ] as const)("of %j", (goal, text) => expect(line(goal)).toBe(text));

  it("compares the tester's limit where a figure is beyond it", () => {
    expect(line({ limit: 1.2 }, new Map([[tcpUp.name, 17]]))).toContain(
      "is 1.00 × plain (1.00–1.06); goal at least 1.20 ×: missed",
    );
  });
});

describe("goalsOf()", () => {
  it.each(linkKinds)("asks only for what is measured, of who is measured: %s", (kind) => {
    const measured = activitiesOf(profiles.quick).flatMap(({ measures }) => measures.map(({ name }) => name));
    const known = subjects.map(({ name }) => name);
    for (const { measure, subject, against } of goalsOf(kind, profiles.quick)) {
      expect(measured).toContain(measure);
      expect(known).toContain(subject);
      expect(known).toContain(against);
    }
  });

  it("asks less of the userspace engine on a wire, where a packet is 1500 octets", () => {
    const limits = linkKinds.map(
      (kind) =>
        goalsOf(kind, profiles.quick).find(({ subject, against }) => subject === "userspace" && against === "plain")
          ?.limit,
    );
    expect(limits).toEqual([1.3, 0.85]);
  });
});
