// The report: Markdown for people, JSON for programs.

import { cpus, release } from "node:os";
import type { Outcome, Part } from "./campaign.js";
import { deviationLine, deviationsOf } from "./deviations.js";
import { summaryOf } from "./figures.js";
import { type Goal, goalLine, goalsOf, judge, type Verdict } from "./goals.js";
import { howToRead, roundsText } from "./how-to-read.js";
import { type LinkKind, linkSentence } from "./links.js";
import type { Profile } from "./profiles.js";
import { durationText } from "./remaining.js";
import { otherPeers, type Subject, selfTest, subjects } from "./subjects.js";
import { markdownTable } from "./table.js";

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
    `${machine()}. Profile \`${profile.name}\`${scaleText(profile)}: ${roundsText(profile)}. It took ${durationText(outcome.took)}.`,
    "",
    ...howToRead(profile),
    "",
    ...subjectList(subjects.filter(({ name }) => isMeasured(outcome, name))),
    ...kinds.flatMap((kind) => linkSection(outcome, kind, profile)),
    ...(outcome.links.size === 0 ? [] : selfSection(self)),
    ...(chain === undefined ? [] : apartSection("The full chain of 464XLAT", chainText, chain, outcome)),
    ...(relays === undefined ? [] : apartSection("SIIT-DC, Border Relay and Edge Relay", relayText, relays, outcome)),
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

  function selfSection(own: Part): string[] {
    return [
      "## The tester itself",
      "",
      `${selfTest.what}. Measured before the others, ${profile.selfTests === 1 ? "once" : `${profile.selfTests} times`}; its best figures are the limits above.`,
      "",
      ...tablesOf(own, { ...outcome, caps: new Map() }),
      ...trouble(own),
    ];
  }

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
      ...goalSection(verdictsOf(outcome, kind, by).filter(({ goal }) => isAsked(outcome, part, goal))),
    ];
  }
}

const scaleText = ({ scale }: Profile): string =>
  scale === undefined ? "" : ` with trials ${scale} times as long (figures that mean little)`;

function subjectList(measured: readonly Subject[]): string[] {
  const lines = measured.map(({ name, what }) => `- \`${name}\`: ${what}`);
  return lines.length === 0 ? [] : ["Who is measured:", "", ...lines, ""];
}

const isMeasured = ({ links }: Outcome, name: string): boolean =>
  [...links.values()].some(({ subjects: some }) => some.includes(name));

/** Whether both sides of it were to be measured. */
function isAsked({ measures }: Outcome, part: Part, { measure, subject, against }: Goal): boolean {
  return (
    measures.some(({ name }) => name === measure) && part.subjects.includes(subject) && part.subjects.includes(against)
  );
}

function goalSection(verdicts: readonly Verdict[]): string[] {
  return verdicts.length === 0 ? [] : ["Goals:", "", ...verdicts.map(goalLine), ""];
}

const chainText =
  "The CLAT and a NAT64 behind it, so that the slower of the two decides: TAYGA, or the lab's own PLAT on clatd's translator (builtin). Links are veth.";
const relayText =
  "clatd as Edge Relay, and the lab's own Border Relay (builtin) before it: two translations. Up is from the IPv4 server to the IPv4 client. Links are veth.";

function apartSection(title: string, text: string, part: Part, outcome: Outcome): string[] {
  return [`## ${title}`, "", text, "", ...tablesOf(part, outcome), ...trouble(part)];
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
