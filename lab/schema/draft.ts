// What the stages of canonicalising share: the file, what has been worked out so far, and how names are looked up in it.

import { parseAddress } from "../../src/net/address.js";
import { formatPrefix, parsePrefix } from "../../src/net/prefix.js";
import { pref64Problem } from "../../src/net/rfc6052.js";
import { bare, familyOf } from "../addressing.js";
import type { Interface, Link } from "../topology.js";
import type { FileInput, NodeInput } from "./file-schema.js";
import { instead, type Path } from "./mistake.js";

export interface Draft {
  readonly input: FileInput;
  readonly nodes: ReadonlyMap<string, NodeInput>;
  readonly links: readonly Link[];
  readonly interfaces: ReadonlyMap<string, readonly Interface[]>;
  readonly note: (path: Path, text: string) => void;
}

/** Addresses of what `name` names: an address itself, or a node, of which the first address of each family. */
export function resolve(draft: Draft, name: string, path: Path, what: string): string[] {
  if (/[:.]/.test(name)) {
    if (parseAddress(name) !== undefined) return [name];
    draft.note(path, `Cannot use "${name}" as ${what}: it is no address`);
    return [];
  }
  const faces = draft.interfaces.get(name);
  if (faces === undefined) {
    draft.note(
      path,
      `Cannot use "${name}" as ${what}: it is neither an address nor a node; ${instead(name, [...draft.nodes.keys()])}`,
    );
    return [];
  }
  const all = faces.flatMap((face) => face.addresses).map(bare);
  const firsts = ([6, 4] as const).flatMap((family) => all.find((address) => familyOf(address) === family) ?? []);
  if (firsts.length === 0) draft.note(path, `Cannot use "${name}" as ${what}: that node has no fixed address`);
  return firsts;
}

export const hostsFirst = (draft: Draft): string | undefined =>
  [...draft.nodes].find(([, node]) => node.kind === "host")?.[0] ?? [...draft.nodes.keys()][0];

/** Canonical text of a PREF64; noted where it is none. */
export function readPref64(text: string, path: Path, draft: Draft): string {
  const prefix = parsePrefix(text);
  const problem = prefix === undefined ? "it is no prefix such as 2001:db8:64::/96" : pref64Problem(prefix);
  if (problem !== undefined) draft.note(path, `Cannot use "${text}" as PREF64: ${problem}`);
  return prefix === undefined ? text : formatPrefix(prefix);
}

export const canonicalPrefix = (text: string): string => {
  const prefix = parsePrefix(text);
  return prefix === undefined ? text : formatPrefix(prefix);
};
