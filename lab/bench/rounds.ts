// Rounds over stands: each activity is done at all of them in turn before the next one, in the opposite order every other
// round, so that a drift favours nobody. What fails is noted and the rest goes on; a stand that fails the same thing twice in
// a row is spared it from then on.

import type { Activity } from "./activities.js";
import { figureText } from "./figure-text.js";
import type { Measure, Notebook } from "./figures.js";
import type { Kept, KeptResult } from "./kept.js";
import type { Profile } from "./profiles.js";
import { durationText, type Remaining } from "./remaining.js";
import type { Stand } from "./stand.js";

export interface Place {
  readonly stand: Stand;
  readonly notebook: Notebook;
  /** In progress lines: `veth` or `wire`. */
  readonly label: string;
  readonly only?: RegExp;
}

export type Say = (line: string) => void;

/** What all rounds of a run have in common. */
export interface Run {
  readonly profile: Profile;
  readonly kept: Kept;
  readonly remaining: Remaining;
}

export interface Rounds {
  readonly first: number;
  readonly last: number;
}

const TWICE = 2;

export async function measureInTurn(
  places: readonly Place[],
  activities: readonly Activity[],
  run: Run,
  { first, last }: Rounds,
  say: Say,
): Promise<void> {
  const failures = new Map<string, number>();
  for (let round = first; round <= last; round += 1) {
    for (const activity of activities.filter((one) => isIn(one, run.profile, round))) {
      for (const [label, group] of byLabel(places)) {
        const seen: string[] = [];
        for (const place of round % 2 === 0 ? group.toReversed() : group) {
          const key = `${label}/${place.stand.name}/${activity.name}`;
          if (!takesPart(place, activity)) continue;
          if ((failures.get(key) ?? 0) >= TWICE) {
            place.notebook.skip(place.stand.name, activity.measures);
            run.remaining.did(activity.seconds(run.profile));
            continue;
          }
          const result = await resultOf(place, activity, run, round);
          note(place, activity, result);
          failures.set(key, result.figures === undefined ? (failures.get(key) ?? 0) + 1 : 0);
          seen.push(`${place.stand.name} ${firstFigure(activity, result) ?? "failed"}`);
        }
        const left = durationText(run.remaining.seconds);
        say(`round ${round} of ${last}, ${label}: ${activity.name}: ${seen.join(", ")}; ${left} left`);
      }
    }
  }
}

export const takesPart = ({ only }: { readonly only?: RegExp }, { name }: Activity): boolean =>
  only?.test(name) ?? true;

/** Long activities are not done in every round. */
export const isIn = (activity: Activity, profile: Profile, round: number): boolean =>
  round <= (activity.rounds?.(profile) ?? round);

/** What an earlier run has kept of that round, or what it comes to now. */
async function resultOf(place: Place, activity: Activity, run: Run, round: number): Promise<KeptResult> {
  const { stand, label } = place;
  const key = { label, subject: stand.name, activity: activity.name };
  const estimate = activity.seconds(run.profile);
  const earlier = run.kept.of(key)[round - 1];
  if (earlier !== undefined) {
    run.remaining.did(estimate);
    return earlier;
  }
  const begin = performance.now();
  const result = { ...key, ...(await attempt(stand, activity, run.profile)) };
  run.remaining.did(estimate, (performance.now() - begin) / 1000);
  run.kept.add(result);
  return result;
}

async function attempt(
  stand: Stand,
  activity: Activity,
  profile: Profile,
): Promise<Pick<KeptResult, "figures"> | Pick<KeptResult, "why">> {
  try {
    const figures = await activity.run(stand, profile);
    return { figures: figures.map((figure) => (Number.isFinite(figure) ? figure : null)) };
  } catch (error) {
    return { why: error instanceof Error ? error.message : String(error) };
  }
}

function note({ stand, notebook }: Place, { name, measures }: Activity, { figures, why = "" }: KeptResult): void {
  if (figures === undefined) {
    notebook.skip(stand.name, measures);
    notebook.fail({ subject: stand.name, what: name, why });
    return;
  }
  for (const [index, measure] of measures.entries())
    notebook.add(stand.name, measure.name, figures[index] ?? Number.NaN);
}

/** Undefined: it failed. */
function firstFigure({ measures: [measure] }: Activity, { figures }: KeptResult): string | undefined {
  const figure = figures?.[0];
  return measure === undefined || typeof figure !== "number" ? undefined : figureWithUnit(measure, figure);
}

const figureWithUnit = ({ unit }: Measure, figure: number): string => `${figureText(figure, unit)} ${unit}`;

function byLabel(places: readonly Place[]): Map<string, readonly Place[]> {
  const groups = new Map<string, readonly Place[]>();
  for (const place of places) groups.set(place.label, [...(groups.get(place.label) ?? []), place]);
  return groups;
}
