// `given:` and `seen:` of a check, made canonical: what is different in the lab meanwhile, as effects, and the packets that
// must pass.

import type { Effect } from "../../src/os/effect.js";
import { familyOf } from "../addressing.js";
import type { Sight } from "../checks/sight.js";
import type { LinkEnd } from "../topology.js";
import { listed, readGiven, readPrefix } from "./brief.js";
import { IPV6_LEAST_MTU } from "./canonical-links.js";
import type { Draft } from "./draft.js";
import { instead, type Path } from "./mistake.js";

const mainTable = 254;

export function canonicalGiven(texts: readonly string[], path: Path, draft: Draft): Effect[] {
  return texts.flatMap((text, index) => {
    const at: Path = [...path, index];
    const read = readGiven(text);
    if (!read.ok) {
      draft.note(at, `Cannot read "${text}" as what is given: ${read.problem}`);
      return [];
    }
    const given = read.value;
    return "mtu" in given
      ? linkMtu(given.between, given.mtu, at, draft)
      : unreachable(given.at, given.unreachable, at, draft);
  });
}

function linkMtu(between: readonly [string, string], mtu: number, path: Path, draft: Draft): Effect[] {
  const [first, second] = between;
  const is = (end: LinkEnd | undefined, name: string): boolean =>
    end?.node === name || `${end?.node}:${end?.dev}` === name;
  const found = draft.links.filter(
    ({ ends: [a, b, ...more] }) =>
      more.length === 0 && ((is(a, first) && is(b, second)) || (is(a, second) && is(b, first))),
  );
  const [link] = found;
  if (link === undefined || found.length > 1) {
    const why =
      found.length > 1 ? `there are ${found.length}; name the devices, "node:dev"` : "there is none of two ends";
    draft.note(path, `Cannot change the link between "${first}" and "${second}": ${why}`);
    return [];
  }
  if (link.prefixes.some((prefix) => familyOf(prefix) === 6) && mtu < IPV6_LEAST_MTU)
    draft.note(path, `Cannot use "mtu ${mtu}" on a link with IPv6: ${IPV6_LEAST_MTU} is its least (RFC 8200 §5)`);
  return link.ends.map(({ node, dev }) => ({ do: "link.set", in: node, name: dev, mtu }));
}

function unreachable(node: string, prefix: string, path: Path, draft: Draft): Effect[] {
  if (!draft.nodes.has(node))
    draft.note(path, `Cannot change node "${node}": there is none; ${instead(node, [...draft.nodes.keys()])}`);
  const read = readPrefix(prefix);
  if (!read.ok) {
    draft.note(path, `Cannot make "${prefix}" unreachable: ${read.problem}`);
    return [];
  }
  const destination = read.value;
  const route = { family: familyOf(destination), destination, table: mainTable, type: "unreachable" } as const;
  return [{ do: "route.add", in: node, route }];
}

export function canonicalSeen(
  given: Readonly<Record<string, string | readonly string[]>>,
  path: Path,
  draft: Draft,
): Sight[] {
  return Object.entries(given).flatMap(([node, packets]) => {
    if (!draft.nodes.has(node))
      draft.note(
        [...path, node],
        `Cannot look for packets in "${node}": there is no such node; ${instead(node, [...draft.nodes.keys()])}`,
      );
    return listed<string>(packets).map((expression) => ({ in: node, packets: expression }));
  });
}
