// The static routes that follow from the links: forwarding nodes learn the way to every prefix and every PREF64, the
// others send everything to the first forwarding neighbour. Shortest path, ties by the order in the file. Pure.

import { bare, familyOf } from "./addressing.js";
import { forwards, type Interface, type Link, type Node, type StaticRoute } from "./topology.js";

type RoutedNode = Pick<Node, "name" | "kind" | "interfaces">;

/** A prefix and the nodes that are there already when a packet for it arrives. */
interface Target {
  readonly destination: string;
  readonly at: ReadonlySet<string>;
}

interface Hop {
  readonly node: RoutedNode;
  /** Where the packet leaves, and the neighbour's address there. */
  readonly dev: string;
  readonly via: string;
}

export function routesFromLinks(
  node: RoutedNode,
  nodes: readonly RoutedNode[],
  links: readonly Link[],
  pref64s: readonly { readonly node: string; readonly prefix: string }[],
): StaticRoute[] {
  return ([6, 4] as const).flatMap((family) => {
    if (!forwards(node)) return defaultRoute(node, nodes, family);
    const targets: Target[] = [
      ...links.flatMap((link) =>
        link.prefixes
          .filter((prefix) => familyOf(prefix) === family)
          .map((destination) => ({ destination, at: new Set(link.ends.map((end) => end.node)) })),
      ),
      // One prefix may have several translators: the nearest is taken.
      ...(family === 6 ? [...new Set(pref64s.map(({ prefix }) => prefix))] : []).map((destination) => ({
        destination,
        at: new Set(pref64s.flatMap(({ node: translator, prefix }) => (prefix === destination ? [translator] : []))),
      })),
    ];
    return targets.flatMap(({ destination, at }) => {
      const hop = at.has(node.name) ? undefined : firstHop(node, nodes, at, family);
      return hop === undefined ? [] : [{ family, destination, via: hop.via, dev: hop.dev }];
    });
  });
}

function defaultRoute(node: RoutedNode, nodes: readonly RoutedNode[], family: 4 | 6): StaticRoute[] {
  if (family === 6 && node.interfaces.some((face) => face.autoconf)) return [];
  const hop = hops(node, nodes, family).find((candidate) => forwards(candidate.node));
  return hop === undefined ? [] : [{ family, destination: "default", via: hop.via, dev: hop.dev }];
}

/** Breadth first through forwarding nodes; the first hop of the first path that arrives. */
function firstHop(
  from: RoutedNode,
  nodes: readonly RoutedNode[],
  at: ReadonlySet<string>,
  family: 4 | 6,
): Hop | undefined {
  const seen = new Set([from.name]);
  let frontier = hops(from, nodes, family).map((hop) => ({ first: hop, at: hop.node }));
  while (frontier.length > 0) {
    const next: typeof frontier = [];
    for (const path of frontier) {
      if (seen.has(path.at.name) || !forwards(path.at)) continue;
      if (at.has(path.at.name)) return path.first;
      seen.add(path.at.name);
      next.push(...hops(path.at, nodes, family).map((hop) => ({ first: path.first, at: hop.node })));
    }
    frontier = next;
  }
  return undefined;
}

/** The neighbours of a node that have an address of the family to send to. */
function hops(node: RoutedNode, nodes: readonly RoutedNode[], family: 4 | 6): Hop[] {
  return node.interfaces.flatMap((face) =>
    speaks(face, family)
      ? nodes.flatMap((other) =>
          other.name === node.name
            ? []
            : other.interfaces.flatMap((there) => {
                const via =
                  there.link === face.link
                    ? there.addresses.find((address) => familyOf(address) === family)
                    : undefined;
                return via === undefined ? [] : [{ node: other, dev: face.dev, via: bare(via) }];
              }),
        )
      : [],
  );
}

const speaks = (face: Interface, family: 4 | 6): boolean =>
  (family === 6 && face.autoconf) || face.addresses.some((address) => familyOf(address) === family);
