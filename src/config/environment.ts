// What scripts see: every key as an environment variable, hyphens as underscores (`$clat_dev`).

import { type Config, type KeyName, keyNames, keySpec } from "./key-table.js";

/** The text of every key; a key without a value has an empty one. `found` replaces what clatd found out itself. */
export function configTexts(config: Config, found: Partial<Record<KeyName, string>> = {}): Record<KeyName, string> {
  const entries = keyNames.map((name) => [name, found[name] ?? textOf(config, name)]);
  return Object.fromEntries(entries) as Record<KeyName, string>;
}

/** In characters. The kernel takes no variable of more than 128 KiB, and no shell has a use for so many mappings. */
const LONGEST = 100_000;

/** Environment variables for `script-up` and `script-down`. One that is too long (thousands of mappings) is empty. */
export function scriptEnvironment(
  config: Config,
  found: Partial<Record<KeyName, string>> = {},
): Record<string, string> {
  const texts = Object.entries(configTexts(config, found));
  return Object.fromEntries(
    texts.map(([name, text]) => [name.replaceAll("-", "_"), text.length > LONGEST ? "" : text]),
  );
}

function textOf<K extends KeyName>(config: Config, name: K): string {
  return keySpec(name).type.format(config[name]);
}
