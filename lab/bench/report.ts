// The report: Markdown for people, JSON for programs.

import { cpus, release } from "node:os";
import type { Outcome, Part } from "./campaign.js";
import { deviationLine, deviationsOf } from "./deviations.js";
import { summaryOf } from "./figures.js";
import { goalLine, goalsOf, judge, type Verdict } from "./goals.js";
import { type LinkKind, linkSentence } from "./links.js";
import type { Profile } from "./profiles.js";
import { otherPeers, selfTest, subjects } from "./subjects.js";
import { CAPPED, markdownTable } from "./table.js";

export const reportVersion = 1;

const machine = (): string =>
  `${cpus().length} cores (${cpus()[0]?.model ?? "unknown"}), Linux ${release()}, Node ${process.versions.node}`;

export function verdictsOf(outcome: Outcome, kind: LinkKind, profile: Profile): Verdict[] {
  const part = outcome.links.get(kind);
  if (part === undefined) return [];
  return goalsOf(kind, profile).map((goal) => judge(goal, outcome.measures, part.figures, outcome.caps));
}

export function markdownReport(outcome: Outcome, profile: Profile): string {
  const { self, chain, relays, tables } = outcome;
  const kinds = [...outcome.links.keys()];
  return [
    "# Benchmark",
    "",
    `${machine()}. Profile \`${profile.name}\`: medians of ${profile.rounds} interleaved ${profile.rounds === 1 ? "round" : "rounds"} [1st to 99th percentile], then the ratio to untranslated IPv6. It took ${(outcome.took / 60).toFixed(0)} min.`,
    "The server owns the embedded IPv6 address: there is no PLAT. CPU is processor time of the whole machine, by 10^9 octets (GB) or datagram that arrived.",
    "Round trips have client, server and engine on one core.",
    `${CAPPED}: better than what the tester reached back to back, which stands there instead.`,
    "",
    ...subjects.map(({ name, what }) => `- \`${name}\`: ${what}`),
    "",
    ...kinds.flatMap((kind) => linkSection(outcome, kind, profile)),
    "## The tester itself",
    "",
    `${selfTest.what}. ${profile.selfTests} rounds before the others; its best figures are the limits above.`,
    "",
    ...tablesOf(self, { ...outcome, caps: new Map() }),
    ...trouble(self),
    ...(chain === undefined ? [] : apartSection("The full chain of 464XLAT", chain, outcome)),
    ...(relays === undefined ? [] : apartSection("SIIT-DC, Border Relay and Edge Relay", relays, outcome)),
    ...(tables === undefined ? [] : [tables.replace(/^# /, "## ").trimEnd(), ""]),
    "## Others",
    "",
    "What else Debian 12 has, and why it is not measured:",
    "",
    ...otherPeers.map((line) => `- ${line}`),
    "",
    "## Where this is not RFC 8219",
    "",
    ...deviationsOf(profile).map(deviationLine),
    "",
  ].join("\n");

  function linkSection({ links }: Outcome, kind: LinkKind, by: Profile): string[] {
    const part = links.get(kind);
    if (part === undefined) return [];
    return [
      `## Links: ${kind}`,
      "",
      linkSentence[kind],
      "",
      ...tablesOf(part, outcome, "plain"),
      ...trouble(part),
      "Goals:",
      "",
      ...verdictsOf(outcome, kind, by).map(goalLine),
      "",
    ];
  }
}

function apartSection(title: string, part: Part, outcome: Outcome): string[] {
  return [`## ${title}`, "", ...tablesOf(part, outcome), ...trouble(part)];
}

/** What is reached, and what it costs. */
function tablesOf({ figures, subjects: shown }: Part, { measures, caps }: Outcome, baseline?: string): string[] {
  const costs = measures.filter(({ unit }) => unit === "s/GB" || unit === "µs/packet");
  const rest = measures.filter((measure) => !costs.includes(measure));
  return [rest, costs]
    .filter((some) => some.length > 0)
    .flatMap((some) => [markdownTable(figures, shown, some, caps, baseline), ""]);
}

/** What is missing from a table, and why. */
function trouble({ missing, failures }: Part): string[] {
  const lines = [
    ...missing.map(({ subject, why }) => `- \`${subject}\` is left out: ${why}`),
    ...failures.map(({ subject, what, why }) => `- \`${subject}\`, ${what}, failed once: ${why}`),
  ];
  return lines.length === 0 ? [] : [...lines, ""];
}

export function jsonReport(outcome: Outcome, profile: Profile): object {
  const { measures, self, chain, relays } = outcome;
  const part = (one: Part): object => ({
    subjects: Object.fromEntries(
      one.subjects.map((name) => [
        name,
        Object.fromEntries(
          measures.flatMap((measure) => {
            const summary = summaryOf(one.figures, name, measure.name);
            return summary === undefined ? [] : [[measure.name, { unit: measure.unit, ...summary }]];
          }),
        ),
      ]),
    ),
    missing: one.missing,
    failures: one.failures,
  });
  return {
    version: reportVersion,
    machine: machine(),
    seconds: Math.round(outcome.took),
    profile,
    selfTest: part(self),
    caps: Object.fromEntries(outcome.caps),
    links: Object.fromEntries(
      [...outcome.links].map(([kind, one]) => [kind, { ...part(one), goals: verdictsOf(outcome, kind, profile) }]),
    ),
    ...(chain === undefined ? {} : { chain: part(chain) }),
    ...(relays === undefined ? {} : { relays: part(relays) }),
    deviations: deviationsOf(profile),
  };
}
