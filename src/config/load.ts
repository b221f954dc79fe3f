// From settings (of a file, of the command line) to a configuration, or to everything that is wrong with them at once.
// Pure: who calls reads the file.

import { parseConfFile, quote, type Setting, splitSetting } from "./conf-file.js";
import { type Conflict, crossChecks } from "./cross-checks.js";
import { type Config, isKeyName, type KeyName, keyNames, keySpec } from "./key-table.js";
import { formatPlace, type Mistake, type Place } from "./mistake.js";
import { nearest } from "./nearest.js";

export interface ConfigSources {
  readonly file?: { readonly name: string; readonly text: string };
  /** `key=value` arguments; they win over the file, the last one over those before it. */
  readonly arguments?: readonly string[];
}

export type Loaded =
  | {
      readonly ok: true;
      readonly config: Config;
      /** The keys that somebody set, and where. */
      readonly places: ReadonlyMap<KeyName, Place>;
      readonly warnings: readonly Mistake[];
    }
  /** At least one of them is an error. */
  | { readonly ok: false; readonly mistakes: readonly Mistake[] };

/** Reads all sources together. */
export function loadConfig(sources: ConfigSources): Loaded {
  const mistakes: Mistake[] = [];
  const settings = collect(sources, mistakes);
  const values = new Map<KeyName, unknown>(keyNames.map((name) => [name, defaultOf(name)]));
  const places = new Map<KeyName, Place>();
  for (const setting of settings) {
    const name = knownKey(setting, mistakes);
    if (name === undefined) continue;
    warnTwice(name, places.get(name), setting.place, mistakes);
    places.set(name, setting.place);
    const value = keySpec(name).type.parse(setting.text);
    if (value.ok) values.set(name, value.value);
    else mistakes.push({ severity: "error", place: setting.place, text: refusal(name, setting.text, value.problem) });
  }
  const config = Object.fromEntries(values) as unknown as Config;
  const later = laterKeys(config, places);
  if (later !== undefined) mistakes.push(later);
  // A key whose value was refused has its default here: what it goes with can only be told when it is right.
  if (!mistakes.some(isError)) mistakes.push(...crossChecks(config).map((conflict) => located(conflict, places)));
  mistakes.sort((a, b) => rank(a.place) - rank(b.place));
  if (mistakes.some(isError)) return { ok: false, mistakes };
  return { ok: true, config, places, warnings: mistakes };
}

/** The configuration where nobody set anything. */
export function defaultConfig(): Config {
  return Object.fromEntries(keyNames.map((name) => [name, defaultOf(name)])) as unknown as Config;
}

const isError = (mistake: Mistake): boolean => mistake.severity === "error";

/** In the order of the file, the command line after it. */
function rank(place: Place): number {
  return place.in === "file" ? place.line : Number.MAX_SAFE_INTEGER;
}

function defaultOf(name: KeyName): unknown {
  const spec = keySpec(name);
  const value = spec.type.parse(spec.default);
  if (!value.ok) throw new Error(`Cannot use the default "${spec.default}" of ${name}: ${value.problem}`);
  return value.value;
}

function collect(sources: ConfigSources, mistakes: Mistake[]): Setting[] {
  const settings: Setting[] = [];
  if (sources.file !== undefined) {
    const parsed = parseConfFile(sources.file.name, sources.file.text);
    settings.push(...parsed.settings);
    mistakes.push(...parsed.mistakes);
  }
  const place: Place = { in: "arguments" };
  for (const argument of sources.arguments ?? []) {
    const setting = splitSetting(argument, place);
    if (setting !== undefined) settings.push(setting);
    else {
      const text = `cannot read ${quote(argument)}: it is not of the form key=value`;
      mistakes.push({ severity: "error", place, text });
    }
  }
  return settings;
}

/** An unknown key is a warning in a file (one file may serve several versions), an error on the command line. */
function knownKey(setting: Setting, mistakes: Mistake[]): KeyName | undefined {
  if (isKeyName(setting.key)) return setting.key;
  const near = nearest(setting.key, keyNames);
  const hint = near === undefined ? "`clatd --help` lists the keys" : `did you mean ${near}?`;
  const inFile = setting.place.in === "file";
  const text = inFile
    ? `there is no key ${quote(setting.key)}, the line is ignored; ${hint}`
    : `there is no key ${quote(setting.key)}; ${hint}`;
  mistakes.push({ severity: inFile ? "warning" : "error", place: setting.place, text });
  return undefined;
}

function warnTwice(name: KeyName, before: Place | undefined, place: Place, mistakes: Mistake[]): void {
  // That the command line overrides the file is what it is for.
  if (before === undefined || before.in !== place.in) return;
  const where = before.in === "file" ? `line ${before.line}` : formatPlace(before);
  mistakes.push({ severity: "warning", place, text: `${name} was set before (${where}); this one counts` });
}

function refusal(name: KeyName, text: string, problem: string): string {
  const { type } = keySpec(name);
  const inner = /^(["'])(.*)\1$/.exec(text)?.[2];
  const why =
    inner !== undefined && type.parse(inner.trim()).ok ? "it is in quotes, which are not taken away" : problem;
  return `cannot set ${name} to ${quote(text)}: ${why}; allowed: ${type.allowed}`;
}

/** One line for all keys that are set and do nothing yet. Switching off what is not there needs no warning. */
function laterKeys(config: Config, places: ReadonlyMap<KeyName, Place>): Mistake | undefined {
  const named: string[] = [];
  let first: Place | undefined;
  for (const [name, place] of places) {
    const { later } = keySpec(name);
    if (later === undefined || config[name] === undefined) continue;
    first ??= place;
    const where = place === first ? "" : place.in === "file" ? `, line ${place.line}` : `, ${formatPlace(place)}`;
    named.push(`${name} (${later}${where})`);
  }
  if (first === undefined) return undefined;
  return { severity: "warning", place: first, text: `without effect in this version: ${named.join("; ")}` };
}

function located(conflict: Conflict, places: ReadonlyMap<KeyName, Place>): Mistake {
  const place = conflict.keys.map((name) => places.get(name)).find((found) => found !== undefined);
  return { severity: conflict.severity, place: place ?? { in: "defaults" }, text: conflict.text };
}
