// A topology in its canonical form: every name resolved, every address assigned, every default filled in. What
// `schema/` makes of a YAML file, and what realize(), the checks, the picture and the graph work on. Plain data.

import type { Check } from "./checks/check.js";

export interface Topology {
  readonly name: string;
  /** One line for people. */
  readonly title: string;
  readonly nodes: readonly Node[];
  readonly links: readonly Link[];
  readonly checks: readonly Check[];
}

export interface LinkEnd {
  readonly node: string;
  readonly dev: string;
}

/** Two ends are a veth pair, more are a LAN (a bridge in a namespace of its own). */
export interface Link {
  readonly ends: readonly LinkEnd[];
  /** Canonical prefixes of either family. */
  readonly prefixes: readonly string[];
  /** Octets. */
  readonly mtu: number;
}

export interface Interface {
  readonly dev: string;
  /** Index into the topology's links. */
  readonly link: number;
  /** With their lengths: `2001:db8:1::1/64`. */
  readonly addresses: readonly string[];
  /** Takes its IPv6 addresses and default route from Router Advertisements. */
  readonly autoconf: boolean;
}

/** A static route; `via` is an address on one of the node's links. */
export interface StaticRoute {
  readonly family: 4 | 6;
  readonly destination: string;
  readonly via: string;
  readonly dev: string;
}

interface NodeBase {
  readonly name: string;
  /** A few words under its name in the picture. */
  readonly label: string;
  readonly interfaces: readonly Interface[];
  readonly routes: readonly StaticRoute[];
  /** Addresses of DNS servers for its resolv.conf. */
  readonly resolver: readonly string[];
  /** Duplicate address detection (it takes a second). */
  readonly dad: boolean;
  readonly sysctls: Readonly<Record<string, string>>;
}

export interface HostNode extends NodeBase {
  readonly kind: "host";
  /** Runs clatd with these `key=value` arguments; absent: runs none. */
  readonly clatd?: { readonly keys: readonly string[] };
  /** By their name under /run/clatlab: what a key of clatd may name. */
  readonly files: Readonly<Record<string, string>>;
  readonly services: readonly ServerService[];
}

export interface RouterNode extends NodeBase {
  readonly kind: "router";
  /** The interfaces on which it sends Router Advertisements. */
  readonly ra: readonly RaInterface[];
}

export interface PlatNode extends NodeBase {
  readonly kind: "plat";
  readonly engine: "builtin" | "tayga" | "jool";
  readonly pref64: string;
  /** IPv4 prefix between the translator and the masquerade; nobody outside the node sees it. */
  readonly pool: string;
  /** IPv4 addresses that always are these IPv6 addresses, either way (RFC 7757): whose they are can be reached by IPv4. */
  readonly mappings: readonly { readonly v4: string; readonly v6: string }[];
}

/** A SIIT-DC Border Relay (RFC 7755). */
export interface BorderRelayNode extends NodeBase {
  readonly kind: "border-relay";
  readonly engine: "builtin" | "tayga" | "jool";
  readonly pref64: string;
  /** Explicit address mappings (RFC 7757): addresses or prefixes. */
  readonly mappings: readonly { readonly v4: string; readonly v6: string }[];
}

export interface Dns64Node extends NodeBase {
  readonly kind: "dns64";
  readonly engine: "builtin" | "unbound";
  readonly pref64: string;
  /** Names (without the last dot) and their addresses. */
  readonly zone: Readonly<Record<string, readonly string[]>>;
}

export const serverServices = ["http", "udp-echo", "ftp", "iperf3"] as const;
type ServerService = (typeof serverServices)[number];

export interface ServerNode extends NodeBase {
  readonly kind: "server";
  readonly services: readonly ServerService[];
}

export type Node = HostNode | RouterNode | PlatNode | BorderRelayNode | Dns64Node | ServerNode;

/** What the RA sender says on one interface (RFC 4861 §6.2.1). Times are in seconds. Also the service's own configuration. */
export interface RaInterface {
  readonly dev: string;
  readonly routerLifetime: number;
  /** Unsolicited advertisements come this often. */
  readonly interval: number;
  readonly hopLimit: number;
  readonly mtu?: number;
  readonly prefixes: readonly RaPrefix[];
  readonly rdnss: readonly string[];
  readonly rdnssLifetime: number;
  readonly pref64: readonly RaPref64[];
}

export interface RaPrefix {
  readonly prefix: string;
  readonly valid: number;
  readonly preferred: number;
}

export interface RaPref64 {
  readonly prefix: string;
  readonly lifetime: number;
}

export function nodeNamed(topology: Topology, name: string): Node | undefined {
  return topology.nodes.find((node) => node.name === name);
}

/** Whether it passes packets on from one link to another. */
export function forwards(node: Pick<Node, "kind">): boolean {
  return node.kind === "router" || node.kind === "plat" || node.kind === "border-relay";
}
