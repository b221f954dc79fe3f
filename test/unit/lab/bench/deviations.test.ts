import { describe, expect, it } from "vitest";
import { deviationLine, deviationsOf } from "../../../../lab/bench/deviations.js";
import { profileNames, profiles } from "../../../../lab/bench/profiles.js";

const line = (name: (typeof profileNames)[number], asked: string): string =>
  deviationsOf(profiles[name])
    .filter((one) => one.asked.includes(asked))
    .map(deviationLine)
    .join();

describe("deviationsOf() (RFC 8219)", () => {
  it.each(profileNames)("speaks of each section with tests or set-ups: %s", (name) => {
    const sections = deviationsOf(profiles[name])
      .map(({ section }) => section)
      .join(" ");
    for (const section of [
      "§4",
      "§5.1.1",
      "§5.2",
      "§5.3",
      "§7.1",
      "§7.2",
      "§7.3",
      "§7.4",
      "§7.5",
      "§7.6",
      "§7.7",
      "§8",
      "§9",
      "§10",
      "§12",
    ])
      expect(sections).toContain(section);
  });

  it("tells the profile's own figures", () => {
    expect(line("quick", "at least 60 s")).toContain(`trials of ${profiles.quick.search.trial} s decide`);
    expect(line("rfc8219", "at least 60 s")).toContain(
      "trials of 60 s decide, after shorter ones: 1 s while searching",
    );
    expect(line("quick", "lost frame")).toContain("tried once more");
    expect(line("rfc8219", "lost frame")).not.toContain("once more");
  });
});

describe("profiles", () => {
  it("rfc8219 repeats as often and decides as long as the RFCs say", () => {
    expect(profiles.rfc8219.rounds).toBeGreaterThanOrEqual(20);
    expect(line("rfc8219", "several repetitions")).toContain("20 repetitions, of the throughput 5;");
    expect(profiles.rfc8219.search.final).toBeGreaterThanOrEqual(60);
  });

  it("quick has at least five rounds", () => expect(profiles.quick.rounds).toBeGreaterThanOrEqual(5));
});
