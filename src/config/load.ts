// From settings (of a file, of the command line) to a configuration, or to everything that is wrong with them at once.
// Pure: who calls reads the file.

import { parseConfFile, quote, type Setting, splitSetting } from "./conf-file.js";
import { type Conflict, crossChecks } from "./cross-checks.js";
import { parseEamFile } from "./eam-file.js";
import { type Config, isKeyName, type KeyName, keyNames, keySpec } from "./key-table.js";
import { formatMapping, mappingList, parseMapping } from "./mapping.js";
import { MappingList } from "./mapping-list.js";
import { formatPlace, type Mistake, type Place } from "./mistake.js";
import { nearest } from "./nearest.js";
import { type Purpose, withoutEffect } from "./without-effect.js";

export interface ConfigSources {
  readonly file?: { readonly name: string; readonly text: string };
  /** `key=value` arguments; they win over the file, the last one over those before it. */
  readonly arguments?: readonly string[];
  /** What `eamFileOf` named, as far as it could be read. `name` is for messages. */
  readonly eamFile?: { readonly name: string } & ({ readonly text: string } | { readonly problem: string });
  /** Absent: the daemon. */
  readonly purpose?: Purpose;
}

export type Loaded =
  | {
      readonly ok: true;
      /** `eam` has all mappings, those of the eam-file too, and where each was set. */
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
  const mappings = new MappingList();
  for (const setting of settings) {
    const name = knownKey(setting, mistakes);
    if (name === undefined) continue;
    const spec = keySpec(name);
    if (spec.repeatable !== true) warnTwice(name, places.get(name), setting.place, mistakes);
    if (spec.repeatable !== true || !places.has(name)) places.set(name, setting.place);
    const value = spec.type.parse(setting.text);
    if (!value.ok)
      mistakes.push({ severity: "error", place: setting.place, text: refusal(name, setting.text, value.problem) });
    else if (name === "eam") addMappings(mappings, setting);
    else values.set(name, value.value);
  }
  if (sources.eamFile !== undefined) mistakes.push(...readEamFile(sources.eamFile, places, mappings));
  mistakes.push(...mappings.mistakes());
  values.set("eam", mappings.mappings);
  const config = Object.fromEntries(values) as unknown as Config;
  mistakes.push(...withoutEffect(config, places, sources.purpose ?? "daemon"));
  // A key whose value was refused has its default here: what it goes with can only be told when it is right.
  if (!mistakes.some(isError))
    mistakes.push(...crossChecks(config, mappings).map((conflict) => located(conflict, places)));
  mistakes.sort((a, b) => group(a.place, sources) - group(b.place, sources) || lineOf(a.place) - lineOf(b.place));
  if (mistakes.some(isError)) return { ok: false, mistakes };
  return { ok: true, config, places, warnings: mistakes };
}

/** The path of the eam-file and where it was named, before anything else is judged: for who has to read it. */
export function eamFileOf(sources: ConfigSources): { readonly path: string; readonly place: Place } | undefined {
  const last = collect(sources, []).findLast(({ key }) => key === "eam-file");
  if (last === undefined) return undefined;
  const value = keySpec("eam-file").type.parse(last.text);
  return value.ok && value.value !== undefined ? { path: value.value, place: last.place } : undefined;
}

/** The configuration where nobody set anything. */
export function defaultConfig(): Config {
  return Object.fromEntries(keyNames.map((name) => [name, defaultOf(name)])) as unknown as Config;
}

const isError = (mistake: Mistake): boolean => mistake.severity === "error";

/** The file first, then the eam-file, then the command line. */
function group(place: Place, sources: ConfigSources): number {
  if (place.in !== "file") return 2;
  return place.file === sources.file?.name ? 0 : 1;
}

function lineOf(place: Place): number {
  return place.in === "file" ? place.line : 0;
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

function located(conflict: Conflict, places: ReadonlyMap<KeyName, Place>): Mistake {
  const place = conflict.place ?? conflict.keys.map((name) => places.get(name)).find((found) => found !== undefined);
  return { severity: conflict.severity, place: place ?? { in: "defaults" }, text: conflict.text };
}

/** The text of the setting is known to be right. */
function addMappings(list: MappingList, setting: Setting): void {
  const value = mappingList.parse(setting.text);
  if (!value.ok) return;
  if (value.value.length === 0) list.clear();
  for (const mapping of value.value) {
    const parsed = parseMapping(formatMapping(mapping));
    if (parsed.ok) list.add(parsed.value, setting.place, mapping);
  }
}

function readEamFile(
  file: NonNullable<ConfigSources["eamFile"]>,
  places: ReadonlyMap<KeyName, Place>,
  list: MappingList,
): Mistake[] {
  if ("text" in file) return parseEamFile(file.name, file.text, list);
  const place = places.get("eam-file") ?? { in: "defaults" };
  return [{ severity: "error", place, text: `cannot read eam-file ${quote(file.name)}: ${file.problem}` }];
}
