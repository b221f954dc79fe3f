// The benchmark as a whole: the tester's own test, the interleaved rounds on both kinds of links, and what is measured apart.

import { cpus, release } from "node:os";
import type { Activity } from "./activities.js";
import { apartActivities, chainSettings, relaySettings } from "./apart.js";
import { type Caps, capped, capsOf } from "./caps.js";
import { measureTables } from "./eam-bench.js";
import { chosenActivities, legSeconds, legsOf } from "./estimate.js";
import { type Failure, type Figures, type Measure, summaryOf } from "./figures.js";
import { keptIn, keptNowhere } from "./kept.js";
import type { LinkKind } from "./links.js";
import { type Missing, OpenLab, type Setting } from "./open-lab.js";
import type { Options } from "./options.js";
import type { PartName } from "./parts.js";
import type { Profile } from "./profiles.js";
import { Remaining } from "./remaining.js";
import { measureInTurn, type Run, type Say } from "./rounds.js";
import { selfTest, subjects } from "./subjects.js";

/** Rounds of the tester's own test where somebody did better than it. */
const AGAIN = 3;

/** What was measured side by side. */
export interface Part {
  readonly subjects: readonly string[];
  readonly figures: Figures;
  readonly failures: readonly Failure[];
  readonly missing: readonly Missing[];
}

export interface Outcome {
  readonly measures: readonly Measure[];
  readonly self: Part;
  readonly caps: Caps;
  readonly links: ReadonlyMap<LinkKind, Part>;
  /** Undefined: the profile leaves it out. */
  readonly chain: Part | undefined;
  readonly relays: Part | undefined;
  /** Markdown. */
  readonly tables: string | undefined;
  /** Seconds. */
  readonly took: number;
}

export async function runCampaign(options: Options, say: Say): Promise<Outcome> {
  const begin = performance.now();
  const { profile, parts } = options;
  const activities = chosenActivities(options);
  const measures = activities.flatMap((activity) => [...activity.measures]);
  const run = startRun(options);
  const sides = parts.includes("links") ? await measureSides(options, activities, run, say) : nothing;
  const caps = capsOf(sides.self.figures, selfTest.name, measures);
  const apart = async (part: PartName, settings: readonly Setting[]): Promise<Part | undefined> =>
    profile.apart === 0 || settings.length === 0 || !parts.includes(part)
      ? undefined
      : measureApart(settings, activities, run, say);
  const chain = await apart("chain", chainSettings(options.subjects));
  const relays = await apart("relays", relaySettings(options.subjects));
  const hasTables = profile.tables > 0 && parts.includes("tables");
  if (hasTables) say("tables of 1, 10,000 and 1,000,000 mappings");
  const tables = hasTables ? measureTables(profile.tables) : undefined;
  return { ...sides, measures, caps, chain, relays, tables, took: (performance.now() - begin) / 1000 };
}

const nothing: Pick<Outcome, "self" | "links"> = {
  self: { subjects: [selfTest.name], figures: new Map(), failures: [], missing: [] },
  links: new Map(),
};

function startRun(options: Options): Run {
  const { profile, keep } = options;
  const remaining = new Remaining();
  for (const leg of legsOf(options)) remaining.plan(legSeconds(leg, profile));
  const machine = [cpus().length, cpus()[0]?.model, release(), process.versions.node];
  const kept = keep === undefined ? keptNowhere : keptIn(keep, { trials: trialsOf(profile), machine });
  return { profile, remaining, kept };
}

/** How many rounds there are to be may change: more of them are figures of the same kind. */
function trialsOf({ tcp, tcpRuns, search, blast, roundTrips, connect }: Profile): object {
  return { tcp, tcpRuns, search, blast, roundTrips, connect };
}

async function measureSides(
  { links, subjects: chosen }: Options,
  activities: readonly Activity[],
  run: Run,
  say: Say,
): Promise<Pick<Outcome, "self" | "links">> {
  const { profile } = run;
  const wanted = subjects.filter(({ name }) => chosen.includes(name));
  const settings = links.map(
    (kind): Setting => ({
      label: kind,
      topology: "bench",
      links: kind,
      server: "server",
      // The self-test needs no kind of links: its own one stays as it is.
      subjects: kind === links[0] ? [selfTest, ...wanted] : wanted,
    }),
  );
  const labs = await openAll(settings, say);
  try {
    const places = labs.flatMap((lab) => lab.places);
    const isSelf = (place: (typeof places)[number]): boolean => place.stand.name === selfTest.name;
    const testSelf = (which: readonly Activity[], first: number, last: number): Promise<void> =>
      measureInTurn(places.filter(isSelf), which, run, { first, last }, (line) => say(`self-test: ${line}`));
    await testSelf(activities, 1, profile.selfTests);
    await measureInTurn(
      places.filter((place) => !isSelf(place)),
      activities,
      run,
      { first: 1, last: profile.rounds },
      say,
    );
    // In each of these rounds, however long it takes.
    const doubted = doubtedActivities(activities, labs).map(({ rounds: _, ...activity }) => activity);
    for (const activity of doubted) run.remaining.plan(AGAIN * activity.seconds(profile));
    await testSelf(doubted, profile.selfTests + 1, profile.selfTests + AGAIN);
    const parts = labs.map((lab, index) => partOf([lab], settings.slice(index, index + 1)));
    const [first] = parts;
    if (first === undefined) throw new Error("Cannot measure: there is no kind of links");
    return {
      self: partly(first, [selfTest.name]),
      links: new Map(
        links.map((kind, index) => [
          kind,
          partly(
            parts[index] ?? first,
            wanted.map(({ name }) => name),
          ),
        ]),
      ),
    };
  } finally {
    await closeAll(labs);
  }
}

/** Before a figure is refused the tester shows again what it can do: it may have had a bad moment. */
function doubtedActivities(activities: readonly Activity[], labs: readonly OpenLab[]): Activity[] {
  const figures = labs.map(({ notebook }) => notebook.results.figures);
  const [first = new Map()] = figures;
  return activities.filter(({ measures }) => {
    const caps = capsOf(first, selfTest.name, measures);
    return measures.some((measure) =>
      figures.some((own) =>
        [...own.keys()].some((name) => {
          const summary = summaryOf(own, name, measure.name);
          return name !== selfTest.name && summary !== undefined && capped(summary.median, measure, caps).isCapped;
        }),
      ),
    );
  });
}

async function measureApart(
  settings: readonly Setting[],
  activities: readonly Activity[],
  run: Run,
  say: Say,
): Promise<Part> {
  const labs = await openAll(settings, say);
  try {
    const places = labs.flatMap((lab) => lab.places);
    const some = activities.filter(({ name }) => apartActivities.test(name));
    await measureInTurn(places, some, run, { first: 1, last: run.profile.apart }, say);
    return partOf(labs, settings);
  } finally {
    await closeAll(labs);
  }
}

async function openAll(settings: readonly Setting[], say: Say): Promise<OpenLab[]> {
  const labs: OpenLab[] = [];
  try {
    for (const setting of settings) labs.push(await OpenLab.start(setting, say));
    return labs;
  } catch (error) {
    await closeAll(labs);
    throw error;
  }
}

async function closeAll(labs: readonly OpenLab[]): Promise<void> {
  for (const lab of labs) await lab[Symbol.asyncDispose]();
}

/** What of a part is about these subjects. */
function partly(part: Part, subjects: readonly string[]): Part {
  const isTheirs = ({ subject }: { readonly subject: string }): boolean => subjects.includes(subject);
  return {
    subjects,
    figures: new Map([...part.figures].filter(([subject]) => subjects.includes(subject))),
    failures: part.failures.filter(isTheirs),
    missing: part.missing.filter(isTheirs),
  };
}

function partOf(labs: readonly OpenLab[], settings: readonly Setting[]): Part {
  const results = labs.map(({ notebook }) => notebook.results);
  return {
    subjects: settings.flatMap((setting) => setting.subjects.map(({ name }) => name)),
    figures: new Map(results.flatMap(({ figures }) => [...figures])),
    failures: results.flatMap(({ failures }) => failures),
    missing: labs.flatMap(({ missing }) => missing),
  };
}
