// What scripts see: every key as an environment variable, hyphens as underscores (`$clat_dev`).

import { type Config, type KeyName, keyNames, keySpec } from "./key-table.js";

/** The text of every key; a key without a value has an empty one. `found` replaces what clatd found out itself. */
export function configTexts(config: Config, found: Partial<Record<KeyName, string>> = {}): Record<KeyName, string> {
  const entries = keyNames.map((name) => [name, found[name] ?? textOf(config, name)]);
  return Object.fromEntries(entries) as Record<KeyName, string>;
}

/** Environment variables for `script-up` and `script-down`. */
export function scriptEnvironment(
  config: Config,
  found: Partial<Record<KeyName, string>> = {},
): Record<string, string> {
  const texts = Object.entries(configTexts(config, found));
  return Object.fromEntries(texts.map(([name, text]) => [name.replaceAll("-", "_"), text]));
}

function textOf<K extends KeyName>(config: Config, name: K): string {
  return keySpec(name).type.format(config[name]);
}
