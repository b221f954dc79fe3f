// The engines under which the suites of the whole run: the one that the kernel helps, and the one that needs nothing of it.

import type { Topology } from "../../lab/topology.js";
import { OsError } from "../../src/os/driver.js";
import { FastPath } from "../../src/os/linux/bpf/fast-path.js";

export const ownEngines = ["ebpf", "userspace"] as const;
export type OwnEngine = (typeof ownEngines)[number];

/** Why the kernel cannot do what the engine needs; undefined: it can. */
export function engineObstacle(engine: OwnEngine): string | undefined {
  return engine === "ebpf" ? bpfObstacle : undefined;
}

const bpfObstacle = lookForBpf();

function lookForBpf(): string | undefined {
  try {
    FastPath.load()[Symbol.dispose]();
    return undefined;
  } catch (error) {
    if (!(error instanceof OsError)) throw error;
    return `no BPF here: ${error.message}`;
  }
}

/** The checks of a topology on a machine that is busy: what is tried again until it works may take longer. */
export function patiently(topology: Topology): Topology {
  const checks = topology.checks.map((check) => (check.within < 1 ? check : { ...check, within: 60 }));
  return { ...topology, checks };
}

/** Milliseconds that one answer may take there. */
export const patience = 5000;

/** Every clatd of the topology with that engine, and with more keys. */
export function withEngine(engine: OwnEngine, ...keys: readonly string[]): (topology: Topology) => Topology {
  return (topology) => ({
    ...topology,
    nodes: topology.nodes.map((node) =>
      node.kind === "host" && node.clatd !== undefined
        ? { ...node, clatd: { ...node.clatd, keys: [...node.clatd.keys, `engine=${engine}`, ...keys] } }
        : node,
    ),
  });
}
