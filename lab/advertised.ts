// What a node gets from the Router Advertisements on its links, and whether it is there yet. Pure.

import { parseAddress } from "../src/net/address.js";
import { parsePrefix, prefixContains } from "../src/net/prefix.js";
import type { NetSnapshot } from "../src/os/snapshot.js";
import type { Node, Topology } from "./topology.js";

/** On one device. */
export interface Advertised {
  readonly dev: string;
  /** An address in each of them. */
  readonly prefixes: readonly string[];
  readonly defaultRoute: boolean;
}

export function advertisedTo(topology: Topology, node: Node): Advertised[] {
  return node.interfaces
    .filter((face) => face.autoconf)
    .map(({ dev, link }) => {
      const neighbours = topology.links[link]?.ends ?? [];
      const told = topology.nodes.flatMap((router) =>
        router.kind === "router"
          ? router.ra.filter((ra) => neighbours.some((end) => end.node === router.name && end.dev === ra.dev))
          : [],
      );
      return {
        dev,
        prefixes: told.flatMap((ra) => ra.prefixes.filter(({ valid }) => valid > 0).map(({ prefix }) => prefix)),
        defaultRoute: told.some((ra) => ra.routerLifetime > 0),
      };
    });
}

export function hasArrived({ dev, prefixes, defaultRoute }: Advertised, snapshot: NetSnapshot): boolean {
  const running = snapshot.links.some((link) => link.name === dev && link.running);
  // The kernel's own route to an address comes a moment after the address.
  const own = snapshot.addresses.filter(
    ({ dev: by, address, tentative }) =>
      by === dev &&
      !tentative &&
      snapshot.routes.some(({ type, destination }) => type === "local" && destination === `${address}/128`),
  );
  const isInside = (prefix: string): boolean => {
    const parsed = parsePrefix(prefix);
    return own.some(({ address }) => {
      const octets = parseAddress(address);
      return parsed !== undefined && octets !== undefined && prefixContains(parsed, octets);
    });
  };
  const route = snapshot.routes.some(
    ({ family, destination, dev: by }) => family === 6 && destination === "default" && by === dev,
  );
  return running && prefixes.every(isInside) && (route || !defaultRoute);
}
