// Keys that are set and do nothing for who reads them: those whose behaviour is still to come, and those that only
// `clatd translate` and `clatd explain` go by. One line for each kind, so that a long file gives no long lecture.

import { type Config, type KeyName, keySpec } from "./key-table.js";
import { formatPlace, type Mistake, type Place } from "./mistake.js";

/** Who goes by the configuration. `tools`: `clatd translate` and `clatd explain`, which have no host to care for. */
export type Purpose = "daemon" | "tools";

export function withoutEffect(config: Config, places: ReadonlyMap<KeyName, Place>, purpose: Purpose): Mistake[] {
  // A daemon's file has many keys that mean nothing to a tool, and rightly so.
  if (purpose === "tools") return [];
  return [
    ...warning(config, places, "without effect in this version", (name) => keySpec(name).later),
    ...warning(
      config,
      places,
      "only `clatd translate` and `clatd explain` go by these",
      (name) => keySpec(name).toolsOnly,
    ),
  ];
}

function warning(
  config: Config,
  places: ReadonlyMap<KeyName, Place>,
  what: string,
  why: (name: KeyName) => string | undefined,
): Mistake[] {
  const named: string[] = [];
  let first: Place | undefined;
  for (const [name, place] of places) {
    const reason = why(name);
    if (reason === undefined || isNothing(config[name])) continue;
    first ??= place;
    const where = place === first ? "" : place.in === "file" ? `, line ${place.line}` : `, ${formatPlace(place)}`;
    named.push(`${name} (${reason}${where})`);
  }
  if (first === undefined) return [];
  return [{ severity: "warning", place: first, text: `${what}: ${named.join("; ")}` }];
}

/** Switching off what is not there needs no warning. */
function isNothing(value: unknown): boolean {
  return value === undefined || (Array.isArray(value) && value.length === 0);
}
