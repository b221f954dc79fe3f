// From a topology file of the right shape to the canonical topology: names resolved, addresses assigned, defaults
// filled in. Every mistake is noted with its place and the work goes on, so that all of them are shown at once.

import { familyOf } from "../addressing.js";
import type { Interface, Node, Topology } from "../topology.js";
import { canonicalChecks } from "./canonical-checks.js";
import { canonicalLinks, type WiredLink } from "./canonical-links.js";
import { canonicalNode } from "./canonical-node.js";
import type { Draft } from "./draft.js";
import type { FileInput, NodeInput } from "./file-schema.js";
import type { Mistake, Path } from "./mistake.js";

export function canonicalize(input: FileInput): { readonly topology: Topology; readonly mistakes: readonly Mistake[] } {
  const mistakes: Mistake[] = [];
  const note = (path: Path, text: string): void => void mistakes.push({ path, text });
  const nodes = new Map(Object.entries(input.nodes));
  for (const name of nodes.keys()) {
    if (!/^[a-z][a-z0-9-]{0,14}$/.test(name)) {
      note(["nodes", name], `Cannot name a node "${name}": allowed are lower-case letters, digits and "-", at most 15`);
    }
  }
  const wired = canonicalLinks(input, nodes, note);
  const interfaces = new Map([...nodes.keys()].map((name) => [name, interfacesOf(name, nodes, wired)]));
  const links = wired.map(({ ends, prefixes, mtu }) => ({ ends, prefixes, mtu }));
  const draft: Draft = { input, nodes, links, interfaces, note };
  const canonical: Node[] = [...nodes].map(([name, node]) => canonicalNode(name, node, draft));
  const checks = canonicalChecks(draft);
  return { topology: { name: input.name, title: input.title, nodes: canonical, links, checks }, mistakes };
}

function interfacesOf(name: string, nodes: ReadonlyMap<string, NodeInput>, links: readonly WiredLink[]): Interface[] {
  return links.flatMap((link, index) =>
    link.ends.flatMap((end, position) => {
      if (end.node !== name) return [];
      const given = link.addresses[position] ?? [];
      const autoconf = takesAutoconf(name, nodes, link) && !link.explicit[position];
      const addresses = autoconf ? given.filter((address) => familyOf(address) === 4) : given;
      return [{ dev: end.dev, link: index, addresses, autoconf }];
    }),
  );
}

/** A host beside a router that sends Router Advertisements there takes its IPv6 from them. */
function takesAutoconf(name: string, nodes: ReadonlyMap<string, NodeInput>, link: WiredLink): boolean {
  if (nodes.get(name)?.kind !== "host") return false;
  return link.ends.some((end) => {
    const router = nodes.get(end.node);
    if (router?.kind !== "router" || router.ra === undefined || router.ra === false) return false;
    return router.ra === true || router.ra.on === undefined || router.ra.on.includes(end.dev);
  });
}
