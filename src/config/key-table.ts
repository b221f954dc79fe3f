// Every key of clatd, in one table (DESIGN §3). It drives the parser, `--help`, the README's table and the manual page;
// a new key is a row in one of the files of keys/ and nothing else.

import type { KeySpec } from "./key-spec.js";
import { clatKeys } from "./keys/clat-keys.js";
import { commandKeys } from "./keys/command-keys.js";
import { generalKeys } from "./keys/general-keys.js";
import { ipv4Keys } from "./keys/ipv4-keys.js";
import { platKeys } from "./keys/plat-keys.js";
import { relayKeys } from "./keys/relay-keys.js";
import { systemKeys } from "./keys/system-keys.js";
import { translationKeys } from "./keys/translation-keys.js";

const keyTable = {
  ...generalKeys,
  ...clatKeys,
  ...platKeys,
  ...ipv4Keys,
  ...translationKeys,
  ...relayKeys,
  ...systemKeys,
  ...commandKeys,
} as const;

export type KeyName = keyof typeof keyTable;

type ValueOf<S> = S extends KeySpec<infer T> ? T : never;

/** The value of every key, by the key's own name: `config["clat-v4-addr"]`. */
export type Config = { readonly [K in KeyName]: ValueOf<(typeof keyTable)[K]> };

export const keyNames = Object.keys(keyTable) as KeyName[];

export function isKeyName(text: string): text is KeyName {
  return Object.hasOwn(keyTable, text);
}

/** A row without the type of its value. */
export function keySpec<K extends KeyName>(name: K): KeySpec<Config[K]> {
  return keyTable[name] as unknown as KeySpec<Config[K]>;
}
