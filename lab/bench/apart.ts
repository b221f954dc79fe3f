// What is measured apart, since more than a CLAT is on the way: the full chain of 464XLAT with either PLAT, and SIIT-DC with
// a Border Relay before an Edge Relay.

import type { Node, Topology } from "../topology.js";
import type { Setting } from "./open-lab.js";
import { startClatd } from "./start-clatd.js";
import type { Subject } from "./subjects.js";

/** Activities: the whole list would say little more of a chain that its slowest part governs. */
export const apartActivities = /^TCP (up|down), [14] streams?$|^UDP (up|down), 64 octets$|^round trips$|^connections$/;

/** Clatd's engines, as far as they are among the subjects. */
const enginesOf = (subjects: readonly string[]): string[] =>
  ["ebpf", "userspace"].filter((engine) => subjects.includes(engine));

export const chainSettings = (subjects: readonly string[]): Setting[] =>
  (["464xlat", "464xlat-builtin"] as const).flatMap((topology) =>
    enginesOf(subjects).map((engine) => ({
      label: `chain ${topology === "464xlat" ? "TAYGA" : "builtin"}`,
      topology,
      edit: (read: Topology) => serving(withEngine(read, "host", engine), "server"),
      links: "veth" as const,
      server: "server",
      subjects: [
        subject(`${engine}, PLAT ${topology === "464xlat" ? "TAYGA" : "builtin"}`, "host", "198.51.100.2", engine),
      ],
    })),
  );

export const relaySettings = (subjects: readonly string[]): Setting[] =>
  enginesOf(subjects).map((engine) => ({
    label: "SIIT-DC",
    topology: "siit-dc-2xlat",
    edit: (read: Topology) => withEngine(read, "relay", engine),
    links: "veth",
    server: "client",
    subjects: [subject(`${engine}, Border Relay builtin`, "relay", "203.0.113.1", engine)],
  }));

function subject(name: string, node: string, target: string, engine: string): Subject & { readonly node: string } {
  return { name, what: name, node, target, start: (lab) => startClatd(lab, node, engine) };
}

/** The topology with that engine for the clatd of a node. */
function withEngine(topology: Topology, name: string, engine: string): Topology {
  return changed(topology, name, (node) =>
    node.kind === "host" ? { ...node, clatd: { keys: [...(node.clatd?.keys ?? []), `engine=${engine}`] } } : node,
  );
}

/** The topology with nothing but iperf3 on its server. */
function serving(topology: Topology, name: string): Topology {
  return changed(topology, name, (node) => (node.kind === "server" ? { ...node, services: ["iperf3"] } : node));
}

const changed = (topology: Topology, name: string, change: (node: Node) => Node): Topology => ({
  ...topology,
  nodes: topology.nodes.map((node) => (node.name === name ? change(node) : node)),
});
