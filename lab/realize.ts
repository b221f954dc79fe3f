// A topology as effects: pure, so labs get undo, journal and golden tests for nothing. Stages are for people (each is a
// line of the report) and for services, which are stopped and started as a whole.
//
// Every node is a named network namespace with a mount namespace of its own, in which `/run` is what the holder has
// under `/run/nodes/NODE`: that is why files are written there and read as `/run/clatlab/…` (see holder.ts).

import type { Effect } from "../src/os/effect.js";
import { borderRelayService } from "./kinds/border-relay.js";
import { dns64Service } from "./kinds/dns64.js";
import { hostServices } from "./kinds/host.js";
import { platService } from "./kinds/plat.js";
import { routerService } from "./kinds/router.js";
import { serverServices } from "./kinds/server.js";
import { nodeFile, type Programs, type Service } from "./kinds/service.js";
import { forwards, type Link, type Node, type Topology } from "./topology.js";

export type Stage =
  | { readonly title: string; readonly part: "namespaces" | "network"; readonly effects: readonly Effect[] }
  | ({ readonly title: string; readonly part: "service"; readonly node: string } & Service);

/** All effects in the order of doing. */
export function realize(topology: Topology, programs: Programs): Effect[] {
  return realizeStages(topology, programs).flatMap((stage) => [...stage.effects]);
}

export function realizeStages(topology: Topology, programs: Programs): Stage[] {
  const services = topology.nodes.flatMap((node) => servicesOf(node, programs));
  return [
    { title: "namespaces", part: "namespaces", effects: [...netns(topology), ...files(topology, services)] },
    { title: "links, addresses, routes", part: "network", effects: network(topology) },
    ...services.map((service) => ({ ...service, part: "service" as const, title: titleOf(service) })),
  ];
}

type NodeService = Service & { readonly node: string };

/** The services of a node, clatd last of all. */
function servicesOf(node: Node, programs: Programs): NodeService[] {
  const own = ((): Service[] => {
    switch (node.kind) {
      case "host":
        return hostServices(node, programs);
      case "router":
        return routerService(node, programs);
      case "plat":
        return platService(node, programs);
      case "border-relay":
        return borderRelayService(node, programs);
      case "dns64":
        return dns64Service(node, programs);
      case "server":
        return serverServices(node, programs);
    }
  })();
  return own.map((service) => ({ ...service, node: node.name }));
}

const titleOf = (service: NodeService): string => `${service.node}: ${service.what}`;

function netns(topology: Topology): Effect[] {
  const lans = topology.links.flatMap((link, index) => (link.ends.length > 2 ? [lanName(index)] : []));
  return [...topology.nodes.map((node) => node.name), ...lans].map((name) => ({ do: "netns.add", name }));
}

function files(topology: Topology, services: readonly NodeService[]): Effect[] {
  const resolvers = topology.nodes.map((node): Effect => {
    const lines = node.resolver.map((address) => `nameserver ${address}\n`);
    const text = lines.length === 0 ? "# no resolver\n" : `${lines.join("")}options timeout:1 attempts:2\n`;
    return { do: "file.write", path: nodeFile(node.name, "resolv.conf"), text };
  });
  const configurations = services.flatMap((service) =>
    Object.entries(service.files).map(
      ([name, text]): Effect => ({ do: "file.write", path: nodeFile(service.node, name), text }),
    ),
  );
  return [...resolvers, ...configurations];
}

/** Node by node, so that one `ip -batch` does a node. */
function network(topology: Topology): Effect[] {
  return [
    ...topology.nodes.flatMap(sysctls),
    ...topology.links.flatMap((link, index) => linkEffects(link, index)),
    ...topology.nodes.flatMap((node): Effect[] => [
      { do: "link.set", in: node.name, name: "lo", up: true },
      ...node.interfaces.map((face): Effect => ({ do: "link.set", in: node.name, name: face.dev, up: true })),
      ...addresses(node),
      ...routes(node),
    ]),
  ];
}

function sysctls(node: Node): Effect[] {
  const set = (key: string, value: string): Effect => ({ do: "sysctl.set", in: node.name, key, value });
  return [
    // `all` and `default` both have to be 0 for devices to come to skip it.
    ...(node.dad ? [] : [set("net.ipv6.conf.all.accept_dad", "0"), set("net.ipv6.conf.default.accept_dad", "0")]),
    ...(forwards(node)
      ? [
          set("net.ipv6.conf.all.forwarding", "1"),
          set("net.ipv4.conf.all.forwarding", "1"),
          // A device that goes down and comes back keeps its addresses, as a router's configuration would see to.
          set("net.ipv6.conf.all.keep_addr_on_down", "1"),
          set("net.ipv6.conf.default.keep_addr_on_down", "1"),
          // A traceroute asks one router for many errors at once; limits would make it wait.
          set("net.ipv6.icmp.ratelimit", "0"),
          // Not icmp_ratelimit=0: that leaves a neighbour no token, and "no route" is held back for a second (ip_error).
          set("net.ipv4.icmp_ratemask", "0"),
        ]
      : []),
    ...Object.entries(node.sysctls).map(([key, value]) => set(key, value)),
  ];
}

const lanName = (index: number): string => `lan-${index + 1}`;

function linkEffects(link: Link, index: number): Effect[] {
  const mtu = (name: string, node: string): Effect[] =>
    link.mtu === 1500 ? [] : [{ do: "link.set", in: node, name, mtu: link.mtu }];
  const [first, second] = link.ends;
  if (link.ends.length === 2 && first !== undefined && second !== undefined) {
    const veth = { kind: "veth", peer: second.dev, peerNetns: second.node } as const;
    return [
      { do: "link.add", in: first.node, name: first.dev, link: veth },
      ...mtu(first.dev, first.node),
      ...mtu(second.dev, second.node),
    ];
  }
  const lan = lanName(index);
  return [
    { do: "link.add", in: lan, name: "br0", link: { kind: "bridge" } },
    { do: "link.set", in: lan, name: "br0", up: true },
    ...link.ends.flatMap((end, position): Effect[] => {
      const port = `port${position + 1}`;
      const veth = { kind: "veth", peer: end.dev, peerNetns: end.node } as const;
      return [
        { do: "link.add", in: lan, name: port, link: veth },
        ...mtu(port, lan),
        ...mtu(end.dev, end.node),
        { do: "link.set", in: lan, name: port, master: "br0", up: true },
      ];
    }),
  ];
}

function addresses(node: Node): Effect[] {
  return node.interfaces.flatMap((face) =>
    face.addresses.map((address): Effect => ({ do: "address.add", in: node.name, dev: face.dev, address })),
  );
}

function routes(node: Node): Effect[] {
  return node.routes.map((route): Effect => ({ do: "route.add", in: node.name, route: { ...route, table: 254 } }));
}
