// Rounds over stands: each activity is done at all of them in turn before the next one. What fails is noted and the rest goes
// on; a stand that fails the same thing twice in a row is spared it from then on.

import type { Activity } from "./activities.js";
import { figureText } from "./figure-text.js";
import type { Measure, Notebook } from "./figures.js";
import type { Profile } from "./profiles.js";
import type { Stand } from "./stand.js";

export interface Place {
  readonly stand: Stand;
  readonly notebook: Notebook;
  /** In progress lines: `veth` or `wire`. */
  readonly label: string;
  readonly only?: RegExp;
}

export type Say = (line: string) => void;

const TWICE = 2;

export async function measureInTurn(
  places: readonly Place[],
  activities: readonly Activity[],
  profile: Profile,
  rounds: number,
  say: Say,
): Promise<void> {
  const failed = new Map<string, number>();
  for (let round = 1; round <= rounds; round += 1) {
    for (const activity of activities) {
      for (const [label, group] of byLabel(places)) {
        const seen: string[] = [];
        for (const place of group) {
          const key = `${label}/${place.stand.name}/${activity.name}`;
          if ((place.only?.test(activity.name) ?? true) && (failed.get(key) ?? 0) < TWICE) {
            const text = await measureOnce(place, activity, profile);
            failed.set(key, text === undefined ? (failed.get(key) ?? 0) + 1 : 0);
            seen.push(`${place.stand.name} ${text ?? "failed"}`);
          }
        }
        say(`round ${round} of ${rounds}, ${label}: ${activity.name}: ${seen.join(", ")}`);
      }
    }
  }
}

/** Its first figure as text; undefined: it failed. */
async function measureOnce(place: Place, activity: Activity, profile: Profile): Promise<string | undefined> {
  const { stand, notebook } = place;
  try {
    const figures = await activity.run(stand, profile);
    for (const [index, measure] of activity.measures.entries()) {
      notebook.add(stand.name, measure.name, figures[index] ?? Number.NaN);
    }
    return figureWithUnit(activity.measures[0], figures[0]);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    notebook.fail({ subject: stand.name, what: activity.name, why });
    return undefined;
  }
}

function figureWithUnit(measure: Measure | undefined, figure: number | undefined): string {
  return measure === undefined || figure === undefined ? "" : `${figureText(figure, measure.unit)} ${measure.unit}`;
}

function byLabel(places: readonly Place[]): Map<string, readonly Place[]> {
  const groups = new Map<string, readonly Place[]>();
  for (const place of places) groups.set(place.label, [...(groups.get(place.label) ?? []), place]);
  return groups;
}
