// Two kinds of links. veth hands over 64 KB of TCP at once, as no wire does; with its segmentation offload off, packets of
// the MTU's size cross it and are put together again on the other side (GRO), as by a network card.

import type { Effect } from "../../src/os/effect.js";
import type { Topology } from "../topology.js";

export const linkKinds = ["veth", "wire"] as const;
export type LinkKind = (typeof linkKinds)[number];

export const linkSentence: Readonly<Record<LinkKind, string>> = {
  veth: "Links are veth pairs as they are: 64 KB of TCP cross them in one piece.",
  wire: "Links are veth pairs made wires (`tso off`, `tx-udp-segmentation off`, `gro on`): packets of at most the MTU cross them.",
};

const wire = { tso: false, "tx-udp-segmentation": false, gro: true } as const;

/** What makes the links of a topology of that kind. @param except a node whose links stay as they are */
export function linkEffects(topology: Topology, kind: LinkKind, except: string): Effect[] {
  if (kind === "veth") return [];
  return topology.links
    .filter((link) => link.ends.every((end) => end.node !== except))
    .flatMap((link) =>
      link.ends.map(({ node, dev }): Effect => ({ do: "link.set", in: node, name: dev, features: wire })),
    );
}
