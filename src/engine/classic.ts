// The classic plumbing: how packets get from the uplink to the CLAT's device and back with nothing but forwarding,
// rules, a table of its own, proxy-ND and nft. For every engine that takes IPv6 through a TUN or a device of its own.
// Pure: it says what to do, in an order in which a crash after any step leaves the host's IPv6 working.
//
// Tried on kernel 6.18, packet by packet (test/integration/engine):
//
// - The way out is ordinary forwarding: IPv6 has no check that refuses a forwarded packet with the host's own source.
// - The way back of an address that the host does not have is a route in a table of its own and a rule `to` the address,
//   not `from` the PREF64: errors of routers on the way, and those that the host's own forwarding makes (Packet Too Big,
//   Time Exceeded), come from elsewhere and must reach the CLAT as well.
// - An address that the host has itself needs three things more, see `sharedAddress`.

import { parseAddress } from "../net/address.js";
import { coverOf } from "../net/aggregate.js";
import { formatPrefix, parsePrefix, prefixContains } from "../net/prefix.js";
import type { Effect, Rule } from "../os/effect.js";
import { deviceKey } from "../os/sysctl.js";
import type { Placement } from "./engine.js";

const localTable = 255;

/** Before every rule that others are likely to have, since it says `to` one address, or one mark. */
const clatPriority = 1;
/** The second home of the rule for the local table while it is away from priority 0. */
const localPriority = 2;

/**
 * @param pref64s only used for UFW, and for a shared address without a connection mark
 * @returns effects that expect the CLAT's device to be there and up
 */
export function classicPlumbing(placement: Placement, pref64s: readonly string[]): readonly Effect[] {
  const { clatV6 } = placement;
  return [
    ...forwarding(placement),
    ...ufwRules(placement, pref64s),
    // It goes with the device, so that after a crash the rules below lead nowhere and the look-up goes on to the next table.
    { do: "route.add", route: clatRoute(placement) },
    ...alsoRoutes(placement),
    ...(clatV6.shared ? sharedAddress(placement, pref64s) : ownAddress(placement)),
    ...alsoRules(placement),
    ...proxyNd(placement),
  ];
}

/**
 * Switching forwarding on throws away the default routes learned from Router Advertisements on every device whose
 * accept_ra is not 2 (rt6_purge_dflt_routers), and makes it deaf to later ones. So accept_ra comes first.
 */
export function forwarding(placement: Placement): readonly Effect[] {
  if (!placement.forwarding || !placement.forwardingOff) return [];
  return [
    ...placement.acceptRa.map(
      (dev): Effect => ({ do: "sysctl.set", key: deviceKey("ipv6", dev, "accept_ra"), value: "2" }),
    ),
    { do: "sysctl.set", key: deviceKey("ipv6", "all", "forwarding"), value: "1" },
  ];
}

/** The comment by which our rules are known to people, and to the next clatd after a reboot. */
const ufwComment = (clatDev: string): string => `clatd: ${clatDev}`;

/**
 * Between the CLAT and the PLAT, either way and by whatever device; ICMPv6 errors of routers on the way UFW lets pass by
 * itself.
 */
function ufwRules({ ufw = false, clatDev }: Placement, pref64s: readonly string[]): readonly Effect[] {
  if (!ufw) return [];
  const comment = ufwComment(clatDev);
  return pref64s.flatMap((prefix): Effect[] => [
    { do: "ufw.route", inDev: clatDev, destination: prefix, comment },
    { do: "ufw.route", outDev: clatDev, source: prefix, comment },
  ]);
}

function clatRoute({ clatDev, clatV6, routeTable }: Placement) {
  // Only the CLAT's address: marked packets to anywhere else go on to the main table.
  return { family: 6, destination: `${clatV6.address}/128`, dev: clatDev, table: routeTable } as const;
}

function alsoRoutes({ also = [], clatDev, routeTable }: Placement): readonly Effect[] {
  return also.map((destination) => ({
    do: "route.add",
    route: { family: 6, destination, dev: clatDev, table: routeTable },
  }));
}

/** Rules are tried one after the other for every packet of the host. */
const mostRules = 16;

/** One for each, or one for all: what of it has no route in the table goes on to the next rule. */
function alsoRules({ also = [], clatV6, routeTable }: Placement): readonly Effect[] {
  const prefixes = also.map(parsePrefix).filter((prefix) => prefix !== undefined);
  const cover = prefixes.length > mostRules ? coverOf(prefixes) : undefined;
  const own = parseAddress(clatV6.address);
  // A shared address has a route in the table that only marked packets may find.
  const spoilt = clatV6.shared && cover !== undefined && own !== undefined && prefixContains(cover, own);
  const wanted = cover === undefined || spoilt ? also : [formatPrefix(cover)];
  return wanted.map((to) => ({
    do: "rule.add",
    rule: { family: 6, priority: clatPriority, ...(to === "::/0" ? {} : { to }), table: routeTable },
  }));
}

function ownAddress({ clatV6, routeTable }: Placement): readonly Effect[] {
  const rule: Rule = { family: 6, priority: clatPriority, to: `${clatV6.address}/128`, table: routeTable };
  return [{ do: "rule.add", rule }];
}

/**
 * The host has the address too, so its local table would take every packet. What belongs to the CLAT is told by a
 * connection mark, and the rule that follows the mark must come before the one for the local table. That one cannot be
 * preceded where it is (priority 0; rules of one priority stay in the order of their making), so it gets a second home first.
 *
 * Host sockets use the address at the same time. Their packets carry no mark, so the early demultiplexing of sockets
 * never meets a packet that is forwarded (ip6_forward drops those that have a socket).
 */
function sharedAddress(placement: Placement, pref64s: readonly string[]): readonly Effect[] {
  const { ctmark, clatV6, routeTable, localRuleMoved = false } = placement;
  const address = `${clatV6.address}/128`;
  const base = { family: 6, priority: clatPriority, table: routeTable } as const;
  const steering: Rule[] =
    ctmark === 0 ? pref64s.map((from) => ({ ...base, from, to: address })) : [{ ...base, fwmark: ctmark }];
  return [
    ...(ctmark === 0 ? [] : [markTable(placement)]),
    ...(localRuleMoved ? [] : [addLocalRule(localPriority)]),
    ...steering.map((rule): Effect => ({ do: "rule.add", rule })),
    ...(localRuleMoved ? [] : [withholdLocalRule()]),
  ];
}

function addLocalRule(priority: number): Effect {
  return { do: "rule.add", rule: { family: 6, priority, table: localTable } };
}

function withholdLocalRule(): Effect {
  return { do: "rule.withhold", rule: { family: 6, priority: 0, table: localTable } };
}

/**
 * prerouting, from the CLAT: a new connection gets the mark. One that has another mark is a connection of a host socket
 * with the same addresses and ports: marking it would steal the socket's answers, so the CLAT's packet is dropped. The
 * packet's own mark makes reverse path filters (firewalld's `fib saddr . mark . iif`) find the route back to the CLAT.
 *
 * prerouting, the others: answers of marked connections, ICMPv6 errors about them included (conntrack calls those
 * related, in the direction of the reply).
 *
 * output: ICMPv6 errors that the host's own forwarding makes about the CLAT's packets are addressed to the host itself
 * and would be taken in here, so that the IPv4 side never heard of a smaller MTU. The kernel attaches the connection of the
 * offending packet to them, even of the very first one; a change of the mark in a chain of type route routes them anew.
 */
function markTable({ clatDev, ctmark }: Placement): Effect {
  const mark = `0x${ctmark.toString(16).padStart(8, "0")}`;
  const errors = "{ destination-unreachable, packet-too-big, time-exceeded, parameter-problem }";
  return {
    do: "nft.table",
    family: "ip6",
    name: nftTableName(clatDev),
    body: [
      "chain prerouting {",
      "  type filter hook prerouting priority mangle; policy accept;",
      `  iifname "${clatDev}" ct state new ct mark set ${mark}`,
      `  iifname "${clatDev}" ct mark != ${mark} counter drop`,
      `  iifname "${clatDev}" meta mark set ${mark} accept`,
      `  ct direction reply ct mark ${mark} meta mark set ${mark}`,
      "}",
      "chain output {",
      "  type route hook output priority mangle; policy accept;",
      `  icmpv6 type ${errors} ct direction reply ct mark ${mark} meta mark set ${mark}`,
      "}",
    ].join("\n"),
  };
}

/** Of our own, and one for each CLAT of a host. nft takes letters, digits and a few signs. */
function nftTableName(clatDev: string): string {
  return `clatd-${clatDev.replace(/[^A-Za-z0-9_.-]/g, "_")}`;
}

/**
 * Answers neighbour solicitations for the CLAT's addresses. The kernel does so only where it forwards.
 *
 * The key for all devices, not the uplink's: a probe for a neighbour that the router knows already is sent to the address
 * itself, and ip6_forward, where it comes by, looks at no other key. With the uplink's alone such probes went unanswered,
 * and every half a minute the router forgot the address and lost packets until it had asked everybody anew (seen on
 * kernel 6.18: 56 of 1000 in that second). Entries are for one device all the same.
 */
export function proxyNd({ proxyNd: wanted, uplink, clatV6, alsoProxied = [] }: Placement): readonly Effect[] {
  const addresses = [...(wanted ? [clatV6.address] : []), ...alsoProxied];
  if (addresses.length === 0) return [];
  return [
    { do: "sysctl.set", key: deviceKey("ipv6", "all", "proxy_ndp"), value: "1" },
    ...addresses.map((address): Effect => ({ do: "neighbour.proxy", dev: uplink, address })),
  ];
}
