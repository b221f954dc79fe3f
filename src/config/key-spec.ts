// The shape of a row in the key table.

import type { ValueType } from "./value-type.js";

export const keyGroups = ["general", "clat", "plat", "ipv4", "translation", "system", "commands"] as const;
export type KeyGroup = (typeof keyGroups)[number];

/** Headings of the groups, in their order. */
export const groupTitles: Readonly<Record<KeyGroup, string>> = {
  general: "General",
  clat: "The CLAT (this side)",
  plat: "The PLAT (the other side)",
  ipv4: "IPv4 on the host",
  translation: "Translation (RFC 7915, RFC 7757)",
  system: "Plumbing",
  commands: "Programs that clatd calls",
};

export interface KeySpec<T> {
  readonly type: ValueType<T>;
  readonly group: KeyGroup;
  /** Text of the value that holds where nothing is set. */
  readonly default: string;
  /** The default in words, where its text does not say it. */
  readonly defaultText?: string;
  /** One line for `--help`. */
  readonly help: string;
  /** A few sentences for the manual page and the README. */
  readonly description: string;
  /** What is different in the Perl clatd, and why: sentences. Absent: nothing, or it does not know the key. */
  readonly perl?: string;
  /** Only `clatd translate` and `clatd explain` go by the key: why the daemon does not. */
  readonly toolsOnly?: string;
  /** Each time that it is set adds to what was set before; an empty text takes that back. */
  readonly repeatable?: true;
}

/** Checks a row's types and keeps them. */
export function key<T>(spec: KeySpec<T>): KeySpec<T> {
  return spec;
}
