// What a node runs: files, a process, and the effects that need the process. Stopped and started as a whole.

import type { Effect } from "../../src/os/effect.js";

/** Where programs are: the pure part of the lab knows no machine paths. */
export interface Programs {
  /** The Node.js executable. */
  readonly node: string;
  /** The directory with the built `lab/` and `src/`. */
  readonly dist: string;
}

export interface Service {
  /** Its name within the node: `ra`, `dns`, `plat`, `clatd`, `http`. */
  readonly name: string;
  /** For people: `TAYGA and nft masquerade`. */
  readonly what: string;
  /** Files that it reads, by their name under /run/clatlab. Written before anything starts. */
  readonly files: Readonly<Record<string, string>>;
  /** In the order of doing. */
  readonly effects: readonly Effect[];
  /** Programs without which it cannot run; `optional`: the lab does without it then. */
  readonly needs: readonly string[];
  /** Kernel modules that must be loaded. Where one is not, what the topology would show is skipped, with that reason. */
  readonly modules?: readonly string[];
  readonly optional: boolean;
}

/** A node's file as the holder sees it. */
export const nodeFile = (node: string, file: string): string => `/run/nodes/${node}/clatlab/${file}`;
/** The same file as the node sees it. */
export const inNode = (file: string): string => `/run/clatlab/${file}`;

/** A service of the lab's own: `lab/services/NAME.js CONFIGURATION`, ready when it says so. */
export function ownService(
  node: string,
  name: string,
  configuration: object,
  programs: Programs,
): { files: Record<string, string>; start: Effect } {
  const file = `${name}.json`;
  return {
    files: { [file]: `${JSON.stringify(configuration, undefined, 2)}\n` },
    start: {
      do: "process.start",
      in: node,
      name: `${node}/${name}`,
      command: [programs.node, `${programs.dist}/lab/services/${name}.js`, inNode(file)],
      ready: "ready",
    },
  };
}
