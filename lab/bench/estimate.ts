// What a run would measure, and how long that takes: estimated from the profile, without any lab.

import { type Activity, activitiesOf } from "./activities.js";
import { apartActivities, chainSettings, relaySettings } from "./apart.js";
import type { Setting } from "./open-lab.js";
import type { Options } from "./options.js";
import type { PartName } from "./parts.js";
import type { Profile } from "./profiles.js";
import { durationText } from "./remaining.js";
import { isIn, takesPart } from "./rounds.js";
import { type Subject, selfTest, subjects } from "./subjects.js";

export interface Leg {
  readonly part: PartName | "self-test";
  readonly activities: readonly Activity[];
  readonly subjects: readonly Subject[];
  readonly rounds: number;
}

/** Seconds until a subject is up in its lab. */
const UP = 1.5;
/** Seconds of a pass over the tables. */
const PASS = 5;

export type Chosen = Pick<Options, "profile" | "links" | "subjects" | "parts" | "measures">;

export const chosenActivities = ({ profile, measures }: Pick<Options, "profile" | "measures">): Activity[] =>
  activitiesOf(profile).filter(({ name }) => measures?.test(name) ?? true);

/** The parts of a run that activities belong to. */
export function legsOf(options: Chosen): Leg[] {
  const { profile, links, parts } = options;
  const activities = chosenActivities(options);
  const wanted = subjects.filter(({ name }) => options.subjects.includes(name));
  const apart = (part: PartName, settings: readonly Setting[]): Leg => ({
    part,
    activities: activities.filter(({ name }) => apartActivities.test(name)),
    subjects: settings.flatMap((setting) => setting.subjects),
    rounds: profile.apart,
  });
  const legs: Leg[] = [
    { part: "self-test", activities, subjects: [selfTest], rounds: profile.selfTests },
    { part: "links", activities, subjects: links.flatMap(() => wanted), rounds: profile.rounds },
    apart("chain", chainSettings(options.subjects)),
    apart("relays", relaySettings(options.subjects)),
  ];
  return legs.filter(({ part }) => parts.includes(part === "self-test" ? "links" : part));
}

/** Estimated seconds of an activity in all rounds, with all subjects that take part. */
function activitySeconds(activity: Activity, leg: Leg, profile: Profile): number {
  const rounds = Array.from({ length: leg.rounds }, (_, index) => index + 1).filter((round) =>
    isIn(activity, profile, round),
  );
  return activity.seconds(profile) * rounds.length * leg.subjects.filter((one) => takesPart(one, activity)).length;
}

export function legSeconds(leg: Leg, profile: Profile): number {
  return leg.activities.reduce((sum, activity) => sum + activitySeconds(activity, leg, profile), 0);
}

export function totalSeconds(options: Chosen): number {
  const { profile, parts } = options;
  const tables = parts.includes("tables") ? profile.tables * PASS : 0;
  return legsOf(options).reduce(
    (sum, leg) => sum + legSeconds(leg, profile) + (leg.rounds === 0 ? 0 : leg.subjects.length * UP),
    tables,
  );
}

/** What would be measured, a line each with its time. */
export function planText(options: Chosen): string {
  const { profile } = options;
  const lines = legsOf(options).flatMap((leg) =>
    leg.activities
      .map((activity) => ({ name: activity.name, seconds: activitySeconds(activity, leg, profile) }))
      .filter(({ seconds }) => seconds > 0)
      .map(({ name, seconds }) => `${leg.part}: ${name}: ${durationText(seconds)}`),
  );
  return [...lines, `Profile ${profile.name}, altogether: ${durationText(totalSeconds(options))}`, ""].join("\n");
}
