// Where a driver works: in this process's own namespaces, or inside a holder process's (the lab). Commands are put
// there by words in front of them; files, by a root directory.

export interface Place {
  /** The place's root directory as this process sees it; empty: the same as ours. */
  readonly root: string;
  /** Words before a command that shall live inside wholly: its files, its process ids, its network. */
  inside(netns: string | undefined): readonly string[];
  /** Words before a command that only needs the network. */
  network(netns: string | undefined): readonly string[];
  /** A network namespace as a file that this process can open; undefined: the one it is in. */
  netnsFile(netns: string | undefined): string | undefined;
}

/** This process's own namespaces, and network namespaces that have names here. */
export const here: Place = {
  root: "",
  inside: (netns) => (netns === undefined ? [] : ["nsenter", `--net=/run/netns/${netns}`, "--"]),
  network: (netns) => (netns === undefined ? [] : ["nsenter", `--net=/run/netns/${netns}`, "--"]),
  netnsFile: (netns) => (netns === undefined ? undefined : `/run/netns/${netns}`),
};
