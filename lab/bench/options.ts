// What stands on the command line of `npm run bench`.

import { parseArgs } from "node:util";
import { type LinkKind, linkKinds } from "./links.js";
import { type PartName, partNames } from "./parts.js";
import { type Profile, type ProfileName, profileNames, profiles, scaled, withRounds } from "./profiles.js";
import { subjects } from "./subjects.js";

export interface Options {
  readonly profile: Profile;
  readonly links: readonly LinkKind[];
  readonly subjects: readonly string[];
  readonly parts: readonly PartName[];
  /** Activities, by their names; absent: all. */
  readonly measures?: RegExp;
  readonly json: boolean;
  readonly out?: string;
  /** The file of figures as they come. */
  readonly keep?: string;
  /** Instead of measuring: what would be measured, and how long that takes. */
  readonly plan: boolean;
  /** Instead of measuring: where the time of that subject goes. */
  readonly profileTime?: string;
}

/** The options, or what is wrong with them. */
export function parseOptions(argv: readonly string[]): Options | string {
  let values: ReturnType<typeof read>;
  try {
    values = read(argv);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  const known = subjects.map(({ name }) => name);
  const profileName = oneOf(values.profile, profileNames);
  if (profileName === undefined) return wrong("profile", values.profile, profileNames);
  const links = listOf(values.links ?? linkKinds.join(","), linkKinds);
  if (links === undefined) return wrong("links", values.links ?? "", linkKinds);
  const chosen = listOf(values.subjects ?? known.join(","), known);
  if (chosen === undefined) return wrong("subjects", values.subjects ?? "", known);
  const rounds = Number(values.rounds ?? profiles[profileName].rounds);
  if (!(Number.isInteger(rounds) && rounds >= 1 && rounds <= 100))
    return `Cannot use --rounds ${values.rounds}: it is 1 to 100`;
  const parts = listOf(values.parts ?? partNames.join(","), partNames);
  if (parts === undefined) return wrong("parts", values.parts ?? "", partNames);
  const scale = Number(values.scale);
  if (!(scale >= 0.001 && scale <= 100)) return `Cannot use --scale ${values.scale}: it is 0.001 to 100`;
  const profileTime = values["profile-time"];
  if (profileTime !== undefined && !known.includes(profileTime)) return wrong("profile-time", profileTime, known);
  const measures = values.measures === undefined ? undefined : pattern(values.measures);
  if (typeof measures === "string") return measures;
  return {
    profile: withRounds(scaled(profiles[profileName], scale), values.rounds === undefined ? undefined : rounds),
    links,
    subjects: chosen,
    parts,
    json: values.json,
    plan: values.plan,
    ...(measures === undefined ? {} : { measures }),
    ...(values.out === undefined ? {} : { out: values.out }),
    ...(values.keep === undefined ? {} : { keep: values.keep }),
    ...(profileTime === undefined ? {} : { profileTime }),
  };
}

function read(argv: readonly string[]) {
  return parseArgs({
    args: [...argv],
    options: {
      profile: { type: "string", default: "quick" satisfies ProfileName },
      rounds: { type: "string" },
      links: { type: "string" },
      subjects: { type: "string" },
      parts: { type: "string" },
      measures: { type: "string" },
      scale: { type: "string", default: "1" },
      keep: { type: "string" },
      plan: { type: "boolean", default: false },
      out: { type: "string" },
      json: { type: "boolean", short: "j", default: false },
      "profile-time": { type: "string" },
    },
  }).values;
}

function oneOf<const N extends string>(text: string, allowed: readonly N[]): N | undefined {
  return allowed.find((name) => name === text);
}

/** In the order of `allowed`. Undefined: one of them is not allowed, or there is none. */
function listOf<const N extends string>(text: string, allowed: readonly N[]): readonly N[] | undefined {
  const wanted = text.split(",").map((word) => word.trim());
  if (!wanted.every((word) => oneOf(word, allowed) !== undefined)) return undefined;
  return allowed.filter((name) => wanted.includes(name));
}

function pattern(text: string): RegExp | string {
  try {
    return new RegExp(text, "u");
  } catch (error) {
    return `Cannot use --measures "${text}": ${error instanceof Error ? error.message : String(error)}`;
  }
}

const wrong = (option: string, given: string, allowed: readonly string[]): string =>
  `Cannot use --${option} "${given}": there are ${allowed.join(", ")}`;
