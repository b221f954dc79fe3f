// Keys that are set and do nothing for who reads them: those that only `clatd translate` and `clatd explain` go by. One line
// for all, so that a long file gives no long lecture.

import { type Config, type KeyName, keySpec } from "./key-table.js";
import { formatPlace, type Mistake, type Place } from "./mistake.js";

/** Who goes by the configuration. `tools`: `clatd translate` and `clatd explain`, which have no host to care for. */
export type Purpose = "daemon" | "tools";

export function withoutEffect(config: Config, places: ReadonlyMap<KeyName, Place>, purpose: Purpose): Mistake[] {
  // A daemon's file has many keys that mean nothing to a tool, and rightly so.
  if (purpose === "tools") return [];
  const named: string[] = [];
  let first: Place | undefined;
  for (const [name, place] of places) {
    const reason = keySpec(name).toolsOnly;
    if (reason === undefined || isNothing(config[name])) continue;
    first ??= place;
    const where = place === first ? "" : place.in === "file" ? `, line ${place.line}` : `, ${formatPlace(place)}`;
    named.push(`${name} (${reason}${where})`);
  }
  if (first === undefined) return [];
  const text = `only \`clatd translate\` and \`clatd explain\` go by these: ${named.join("; ")}`;
  return [{ severity: "warning", place: first, text }];
}

/** Switching off what is not there needs no warning. */
function isNothing(value: unknown): boolean {
  return value === undefined || (Array.isArray(value) && value.length === 0);
}
