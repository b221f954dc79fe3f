// Jool, which this project did not write: as what clatd uses, and at the other end as PLAT of 464XLAT and as Border Relay of
// SIIT-DC.

import type { Check } from "../../lab/checks/check.js";
import type { Node, Topology } from "../../lab/topology.js";
import { gaps } from "../../src/engine/capabilities.js";
import { withEngine } from "../support/engines.js";
import { wholeTopology } from "./whole-topology.js";

type Edit = (topology: Topology) => Topology;

const eachNode =
  (change: (node: Node) => Node): Edit =>
  (topology) => ({ ...topology, nodes: topology.nodes.map(change) });

const engineJool = eachNode((node) =>
  node.kind === "host" && node.clatd !== undefined ? { ...node, clatd: { keys: ["engine=jool"] } } : node,
);
const joolAs = (kind: "plat" | "border-relay"): Edit =>
  eachNode((node) => (node.kind === kind ? { ...node, engine: "jool" } : node));

await wholeTopology("464xlat, Jool as PLAT", "464xlat", (topology) => withEngine("ebpf")(joolAs("plat")(topology)));

await wholeTopology("464xlat, engine jool", "464xlat", engineJool, { traceroute: `Jool ${gaps.jool.hops}` });

await wholeTopology(
  "siit-dc-2xlat, Jool as Border Relay",
  "siit-dc-2xlat",
  (topology) => {
    const edited = withEngine("ebpf")(joolAs("border-relay")(topology));
    return { ...edited, checks: edited.checks.map(withoutSecondHop) };
  },
  { "ping-fragmented": `Jool ${gaps.jool["ping-fragments"]}` },
);

/** Jool counts as one hop, where a translator on a device of its own counts as two. */
function withoutSecondHop(check: Check): Check {
  return check.kind === "traceroute" ? { ...check, hops: ["203.0.113.2", "192.0.0.8"], atLeast: 3 } : check;
}
