import { describe, expect, it } from "vitest";
import { type Chosen, chosenActivities, planText, totalSeconds } from "../../../../lab/bench/estimate.js";
import { linkKinds } from "../../../../lab/bench/links.js";
import { partNames } from "../../../../lab/bench/parts.js";
import { profileNames, profiles, scaled, withRounds } from "../../../../lab/bench/profiles.js";
import { subjects } from "../../../../lab/bench/subjects.js";
import { usage } from "../../../../lab/bench/usage.js";

const all: Chosen = {
  profile: profiles.quick,
  links: linkKinds,
  subjects: subjects.map(({ name }) => name),
  parts: partNames,
};

describe("totalSeconds()", () => {
  it("keeps quick below twelve minutes", () => expect(totalSeconds(all)).toBeLessThan(12 * 60));

  it("lets one table of rfc8219 be done in an evening", () => {
    const { rfc8219: profile } = profiles;
    const table: Chosen = { ...all, profile, links: ["veth"], parts: ["links"], measures: /^UDP up, 64 octets$/ };
    expect(totalSeconds(table)).toBeLessThan(3 * 3600);
    expect(totalSeconds({ ...all, profile })).toBeLessThan(48 * 3600);
  });

  it("is less with fewer subjects, links, measures, parts, rounds or shorter trials", () => {
    const whole = totalSeconds(all);
    const fewer: Partial<Chosen>[] = [
      { subjects: ["plain", "ebpf"] },
      { links: ["wire"] },
      { measures: /TCP/ },
      { parts: ["links"] },
      { profile: withRounds(profiles.quick, 2) },
    ];
    for (const one of fewer) expect(totalSeconds({ ...all, ...one })).toBeLessThan(whole * 0.9);
    const long = { ...all, profile: profiles.rfc8219 };
    expect(totalSeconds({ ...all, profile: scaled(profiles.rfc8219, 0.01) })).toBeLessThan(totalSeconds(long) / 5);
  });
});

describe("planText()", () => {
  it("has a line for each activity of each part, and the whole", () => {
    const lines = planText({ ...all, measures: /^round trips$/, parts: ["links", "chain"] }).split("\n");
    expect(lines.map((line) => line.replace(/[0-9.]+ \w+$/, "…"))).toEqual([
      "self-test: round trips: …",
      "links: round trips: …",
      "chain: round trips: …",
      "Profile quick, altogether: …",
      "",
    ]);
  });
});

describe("chosenActivities()", () => {
  it("are those whose names match", () =>
    expect(chosenActivities({ profile: profiles.quick, measures: /^UDP up, 64 octets$/ })).toHaveLength(1));
});

describe("usage()", () => {
  it("tells how long each profile takes", () => {
    for (const name of profileNames)
      expect(usage()).toMatch(new RegExp(`${name} \\([^;)]+; some [0-9.]+ (s|min|h|days)\\)`));
  });
});

describe("scaled()", () => {
  it("makes nothing shorter than it can be measured", () => {
    const { tcp, search, connect, roundTrips, rounds } = scaled(profiles.rfc8219, 0.001);
    expect(tcp).toBe(1);
    expect(search).toMatchObject({ trial: 0.05, final: 0.06, resolution: 0.01 });
    expect(connect).toBe(profiles.ci.connect);
    expect(roundTrips).toBe(profiles.ci.roundTrips);
    expect(rounds).toBe(20);
  });

  it("keeps what there is none of", () => expect(scaled(profiles.quick, 10).search.final).toBe(0));
  it("is the profile itself by 1", () => expect(scaled(profiles.quick, 1)).toBe(profiles.quick));
  it("keeps whole seconds of TCP, since iperf3 takes no others", () =>
    expect(scaled(profiles.rfc8219, 0.25).tcp).toBe(3));
});

describe("withRounds()", () => {
  it("is at most so many of each kind", () =>
    expect(withRounds(profiles.rfc8219, 3)).toMatchObject({ rounds: 3, throughputs: 3, selfTests: 3, apart: 3 }));
  it("makes more of what all subjects do", () =>
    expect(withRounds(profiles.quick, 9)).toMatchObject({ rounds: 9, selfTests: 2, apart: 2 }));
});
