import { describe, expect, it } from "vitest";
import type { Outcome, Part } from "../../../../lab/bench/campaign.js";
import { linkKinds } from "../../../../lab/bench/links.js";
import { profiles, scaled } from "../../../../lab/bench/profiles.js";
import { jsonReport, markdownReport } from "../../../../lab/bench/report.js";
import { figures, roundTrip, tcpUp } from "./sample.js";

const part: Part = {
  subjects: ["plain", "ebpf", "tayga"],
  figures,
  failures: [{ subject: "plain", what: "connections", why: "Cannot measure connections: 3 of 9 could not be opened" }],
  missing: [{ subject: "tayga", why: "tayga is not installed (apt-get install tayga)" }],
};
const outcome: Outcome = {
  measures: [tcpUp, roundTrip],
  self: {
    subjects: ["direct"],
    figures: new Map([["direct", new Map([[tcpUp.name, [22]]])]]),
    failures: [],
    missing: [],
  },
  caps: new Map([[tcpUp.name, 22]]),
  links: new Map(linkKinds.map((kind) => [kind, part])),
  chain: part,
  relays: undefined,
  tables: "# Mapping tables (RFC 7757)\n\ntext\n",
  took: 61,
};

describe("markdownReport()", () => {
  const text = markdownReport(outcome, profiles.quick);

  it("has a section for each part that was measured, and its deviations from RFC 8219", () => {
    expect(text.split("\n").filter((line) => line.startsWith("#"))).toEqual([
      "# Benchmark",
      "## Links: veth",
      "## Links: wire",
      "## The tester itself",
      "## The full chain of 464XLAT",
      "## Mapping tables (RFC 7757)",
      "## Others",
      "## Where this is not RFC 8219",
    ]);
  });

  it("says who is left out and what failed, and why", () => {
    expect(text).toContain("- `tayga` is left out: tayga is not installed (apt-get install tayga)");
    expect(text).toContain(
      "- `plain`, connections, failed once: Cannot measure connections: 3 of 9 could not be opened",
    );
  });

  it("marks what is beyond the tester, in the goals too", () => {
    expect(text).toContain("≥ 22.0 †");
    expect(text).toContain("- TCP up, 1 stream: ebpf is 1.25 × plain (1.22–1.29); goal at least 0.98 ×: reached");
  });
});

describe("markdownReport() tells what its figures are", () => {
  const head = (profile: (typeof profiles)["quick"]): string =>
    markdownReport(outcome, profile).split("\n## ")[0] ?? "";

  it("with the confidence of its ratios", () => {
    expect(head(profiles.quick)).toContain(
      "(0.95–1.00)` is the median of 5 interleaved rounds [1st to 99th percentile]",
    );
    expect(head(profiles.quick)).toContain("with a confidence of 93 %");
    expect(head(profiles.ci)).not.toMatch(/confidence|percentile|\[/);
  });

  it("with the rounds and the scale of long trials", () => {
    expect(head(profiles.rfc8219)).toContain("median of 20 interleaved rounds (5 of single datagrams)");
    expect(head(scaled(profiles.rfc8219, 0.01))).toContain("with trials 0.01 times as long (figures that mean little)");
  });

  it("with what each row of the tables is", () => {
    for (const word of [
      "Up is",
      "TCP is",
      "no loss:",
      "Blast:",
      "Trains:",
      "Round trips are",
      "TCP connections are",
      "CPU is",
    ])
      expect(head(profiles.quick)).toContain(word);
    expect(head(profiles.quick)).toContain("With several streams");
    expect(head(profiles.ci)).not.toContain("several streams");
  });

  it("with what stands behind the CLAT where more is measured than that", () => {
    const [, chain] = markdownReport(outcome, profiles.quick).split("## The full chain of 464XLAT\n\n");
    expect(chain).toMatch(/^The CLAT and a NAT64 behind it/);
  });

  it("without a section for what was not measured", () => {
    const { links: _, ...rest } = outcome;
    expect(markdownReport({ ...rest, links: new Map() }, profiles.quick)).not.toContain("## The tester itself");
    expect(head(profiles.quick)).toContain("Who is measured:\n\n- `plain`");
    expect(markdownReport({ ...rest, links: new Map() }, profiles.quick)).not.toContain("Who is measured");
  });
});

describe("jsonReport()", () => {
  it("has the figures of each round, their summaries, the verdicts and the reasons", () => {
    const report = JSON.parse(JSON.stringify(jsonReport(outcome, profiles.quick)));
    expect(report).toMatchObject({
      version: 1,
      seconds: 61,
      profile: { name: "quick" },
      caps: { [tcpUp.name]: 22 },
      links: {
        wire: {
          subjects: {
            ebpf: { [tcpUp.name]: { unit: "Gbit/s", median: 23, p1: 20, p99: 25.5, figures: [20, 25.5, 23] } },
          },
          missing: part.missing,
          failures: part.failures,
        },
      },
    });
    expect(report.links.veth.goals[0]).toMatchObject({ goal: { subject: "ebpf", limit: 0.98 }, reached: true });
    expect(report.relays).toBeUndefined();
  });
});
