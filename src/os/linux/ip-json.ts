// `ip -json -details -Numeric` read into the snapshot's terms. Numbers are asked for, since names of tables, protocols
// and scopes come from files that differ from host to host.

import { canonicalDestination, canonicalSelector } from "../canonical.js";
import type { Route, Rule } from "../effect.js";
import type { AddressState, LinkState, ProxyNeighbour } from "../snapshot.js";

/** What `ip` prints about one object. Only what is read is named. */
export interface IpLink {
  readonly ifname: string;
  readonly flags?: readonly string[];
  readonly mtu?: number;
  readonly operstate?: string;
  readonly link_type?: string;
  readonly address?: string;
  readonly master?: string;
  readonly linkinfo?: { readonly info_kind?: string };
  readonly addr_info?: readonly IpAddress[];
}

interface IpAddress {
  readonly family: string;
  readonly local: string;
  readonly prefixlen: number;
  readonly scope: string;
  readonly tentative?: boolean;
  readonly dadfailed?: boolean;
  readonly deprecated?: boolean;
  readonly temporary?: boolean;
}

export interface IpRoute {
  readonly type?: string;
  readonly dst: string;
  readonly gateway?: string;
  readonly via?: { readonly family: string; readonly host: string };
  readonly dev?: string;
  readonly table?: string;
  readonly protocol?: string;
  readonly scope?: string;
  readonly prefsrc?: string;
  readonly metric?: number;
  readonly flags?: readonly string[];
  readonly metrics?: readonly { readonly mtu?: number; readonly advmss?: number }[];
  readonly nexthops?: readonly {
    readonly gateway?: string;
    readonly dev?: string;
    readonly flags?: readonly string[];
  }[];
  readonly pref?: string;
  readonly expires?: number;
}

export interface IpRule {
  readonly priority: number;
  readonly src?: string;
  readonly srclen?: number;
  readonly dst?: string;
  readonly dstlen?: number;
  readonly iif?: string;
  readonly fwmark?: string;
  readonly fwmask?: string;
  readonly table?: string;
  readonly protocol?: string;
}

export interface IpNeighbour {
  readonly dst: string;
  readonly dev: string;
}

/** The answers of a batch, one array a command. `ip` prints `[]` or nothing for an empty one. */
export function parseBatch(stdout: string): readonly (readonly unknown[])[] {
  const arrays: (readonly unknown[])[] = [];
  for (const line of stdout.split("\n")) {
    if (line.trim() === "") continue;
    const value: unknown = JSON.parse(line);
    if (Array.isArray(value)) arrays.push(value);
  }
  return arrays;
}

export function readLink(link: IpLink): LinkState {
  const flags = link.flags ?? [];
  // A bridge that nobody gave an address has that of one of its ports, and loses it with the port.
  const mac = link.linkinfo?.info_kind === "bridge" ? undefined : link.address;
  return {
    name: link.ifname,
    kind: link.linkinfo?.info_kind ?? (flags.includes("LOOPBACK") ? "loopback" : "physical"),
    up: flags.includes("UP"),
    running: flags.includes("LOWER_UP") && (link.operstate === "UP" || link.operstate === "UNKNOWN"),
    mtu: link.mtu ?? 0,
    ...(mac === undefined || !/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/.test(mac) || mac === "00:00:00:00:00:00" ? {} : { mac }),
    ...(link.master === undefined ? {} : { master: link.master }),
  };
}

export function readAddresses(link: IpLink): AddressState[] {
  return (link.addr_info ?? [])
    .filter(({ family }) => family === "inet" || family === "inet6")
    .map((address) => ({
      dev: link.ifname,
      family: address.family === "inet6" ? 6 : 4,
      address: address.local,
      length: address.prefixlen,
      scope: scopes[address.scope] ?? address.scope,
      tentative: address.tentative === true,
      dadFailed: address.dadfailed === true,
      deprecated: address.deprecated === true,
      temporary: address.temporary === true,
    }));
}

const scopes: Readonly<Record<string, string>> = { 0: "global", 200: "site", 253: "link", 254: "host", 255: "nowhere" };
const types: Readonly<Record<string, NonNullable<Route["type"]>>> = {
  1: "unicast",
  2: "local",
  6: "blackhole",
  7: "unreachable",
  8: "prohibit",
};
/** As `ip` names them with its own table; others stay numbers, which it takes as well. */
const protocols: Readonly<Record<string, string>> = {
  2: "kernel",
  3: "boot",
  4: "static",
  9: "ra",
  11: "zebra",
  12: "bird",
  16: "dhcp",
};

/**
 * The routes that one entry stands for: one, or one for each nexthop, or none for those that the kernel makes and
 * unmakes by itself along with others (broadcast, anycast, multicast).
 */
export function readRoutes(entry: IpRoute): Route[] {
  const type = types[entry.type ?? "1"];
  if (type === undefined) return [];
  const family = familyOfRoute(entry);
  const { mtu, advmss } = Object.assign({}, ...(entry.metrics ?? [])) as { mtu?: number; advmss?: number };
  const scope = scopes[entry.scope ?? "0"] ?? entry.scope;
  const common: Omit<Route, "dev" | "via" | "onlink"> = {
    family,
    destination: canonicalDestination(entry.dst),
    table: Number(entry.table ?? "254"),
    ...(entry.metric === undefined ? {} : { metric: entry.metric }),
    ...(mtu === undefined ? {} : { mtu }),
    ...(advmss === undefined ? {} : { advmss }),
    ...(entry.prefsrc === undefined ? {} : { source: entry.prefsrc }),
    ...(type === "unicast" ? {} : { type }),
    protocol: protocols[entry.protocol ?? "0"] ?? entry.protocol ?? "0",
    // IPv6 routes have no scope, and `ip` prints global for all of them.
    ...(family === 6 || scope === undefined ? {} : { scope }),
    ...(entry.pref === undefined || entry.pref === "medium" ? {} : { pref: entry.pref }),
  };
  const hops = entry.nexthops ?? [entry];
  return hops.map((hop) => {
    const via = hop.gateway ?? ("via" in hop ? entry.via?.host : undefined);
    return {
      ...common,
      ...(hop.dev === undefined ? {} : { dev: hop.dev }),
      ...(via === undefined ? {} : { via }),
      ...(hop.flags?.includes("onlink") === true ? { onlink: true } : {}),
    };
  });
}

function familyOfRoute(entry: IpRoute): 4 | 6 {
  if (entry.dst !== "default") return entry.dst.includes(":") ? 6 : 4;
  // Only IPv6 routes have a preference, and all of them do.
  return entry.pref === undefined ? 4 : 6;
}

export function readRule(entry: IpRule, family: 4 | 6): Rule | undefined {
  // Rules with another action than a table's look-up are none of ours, and stay as they are.
  if (entry.table === undefined) return undefined;
  const from = canonicalSelector(withLength(entry.src, entry.srclen));
  const to = canonicalSelector(withLength(entry.dst, entry.dstlen));
  const protocol = entry.protocol ?? "0";
  const mask = entry.fwmask === undefined ? undefined : Number(entry.fwmask);
  return {
    family,
    priority: entry.priority,
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    ...(entry.iif === undefined ? {} : { iif: entry.iif }),
    ...(entry.fwmark === undefined ? {} : { fwmark: Number(entry.fwmark) }),
    ...(mask === undefined || mask === 0xffffffff ? {} : { fwmask: mask }),
    table: Number(entry.table),
    // 0 and 3 (boot) are what rules have that nobody gave one.
    ...(protocol === "0" ? {} : { protocol: protocols[protocol] ?? protocol }),
  };
}

function withLength(text: string | undefined, length: number | undefined): string | undefined {
  return text === undefined || length === undefined ? text : `${text}/${length}`;
}

export function readNeighbour(entry: IpNeighbour): ProxyNeighbour {
  return { dev: entry.dev, address: entry.dst };
}
