// An Edge Relay (RFC 7756) on this host: which of its IPv4 service addresses are here (node-based, §3.1) and which on a
// network behind it (network-based, §3.2), what of IPv6 must reach it, and what the network has to do for that.

import { aggregate } from "../net/aggregate.js";
import type { Eam } from "../net/eam.js";
import { formatPrefix, type Prefix, parsePrefix, prefixContains } from "../net/prefix.js";
import type { Route } from "../os/effect.js";
import type { Facts } from "./facts.js";
import { hostAddressIn } from "./host-address.js";
import { addressesOf, type LocalTable, localTable } from "./mappings.js";
import type { OwnPair } from "./own-pair.js";

export interface Relay {
  /** Service addresses of programs on this host, beside the own pair's. */
  readonly hosted: readonly Prefix[];
  /** The own pair's IPv4 address is one of this host's. */
  readonly ownIsHosted: boolean;
  /** Devices with nodes behind them that have service addresses. */
  readonly behind: readonly string[];
  /** IPv4 prefixes of this side, all together. */
  readonly inside: readonly Prefix[];
  /** IPv6 prefixes that must reach the CLAT, beside the own pair's address. */
  readonly also: readonly string[];
  /** Addresses in them that neighbours on the uplink may ask for. */
  readonly proxied: readonly string[];
  /** Sentences about what clatd cannot do itself. */
  readonly notes: readonly string[];
}

type OwnV6 = Extract<OwnPair, { ok: true }>["v6"];

const mainTable = 254;
/** A neighbour discovery entry for each address of a prefix, up to here; larger ones are for routing. */
const mostOfPrefix = 256;
/** Beyond so many, only those that can be asked for by neighbours get one. */
const mostOfAll = 1024;

export function relayOf(facts: Facts, own: Extract<OwnPair, { ok: true }>, uplink: string): Relay {
  const mappings = localTable(facts.config);
  const { list } = mappings;
  const links = behindLinks(facts);
  const ownV4 = prefixOf(`${own.v4}/32`);
  const isRelay = list.length > 0 || facts.config["clat-v6-addr"].how === "given";
  const ownPlace = isRelay ? placeOf(facts, ownV4, links) : { hosted: true, devices: [] };
  const places = list.map(({ v4 }) => placeOf(facts, v4, links));
  const also = alsoOf(mappings, own.v6);
  const asked = neighboursOf(facts, list, own.v6.address, uplink);
  return {
    hosted: list.map(({ v4 }) => v4).filter((_v4, index) => places[index]?.hosted === true),
    ownIsHosted: ownPlace.hosted,
    behind: [...new Set([...ownPlace.devices, ...places.flatMap(({ devices }) => devices)])].toSorted(),
    inside: own.mapped ? mappings.v4 : aggregate([ownV4, ...mappings.v4]),
    also: also.map(formatPrefix),
    proxied: asked.proxied,
    notes: [
      ...ownAddressNote(facts, also),
      ...routingNote(asked.proxied.length === 0 && asked.unanswered.length > 0 ? also : aggregate(asked.unanswered)),
      ...lanNote(facts, places, ownPlace),
    ],
  };
}

/** The own address is led to the CLAT in a way of its own, and a shared one must go no other. */
function alsoOf({ list, v6 }: LocalTable, own: OwnV6): readonly Prefix[] {
  const host = `${own.address}/128`;
  if (!own.shared) return v6.filter((prefix) => formatPrefix(prefix) !== host);
  return aggregate(list.map((eam) => eam.v6).filter((prefix) => formatPrefix(prefix) !== host));
}

interface Place {
  readonly hosted: boolean;
  readonly devices: readonly string[];
}

/** Routes to what is behind this host: all but default routes, and those of the CLAT. */
function behindLinks({ config, snapshot }: Facts): readonly { readonly prefix: Prefix; readonly route: Route }[] {
  return snapshot.routes.flatMap((route) => {
    const { family, table, type, dev, destination } = route;
    if (family !== 4 || table !== mainTable || (type ?? "unicast") !== "unicast") return [];
    const prefix = destination === "default" ? undefined : parsePrefix(destination);
    return prefix === undefined || dev === undefined || dev === config["clat-dev"] ? [] : [{ prefix, route }];
  });
}

/**
 * On another device's link (RFC 7756 appendix A.1), or with a route of its own (A.2). A route over a gateway that is
 * wider than the mapping says nothing: that may be all of somebody's private network.
 */
function placeOf({ config }: Facts, v4: Prefix, links: ReturnType<typeof behindLinks>): Place {
  if (config.relay === "node") return { hosted: true, devices: [] };
  const found = links.filter(({ prefix, route }) =>
    prefixContains(v4, prefix.octets) && prefix.length >= v4.length
      ? true
      : route.via === undefined && prefix.length <= v4.length && prefixContains(prefix, v4.octets),
  );
  const devices = found.flatMap(({ route }) => route.dev ?? []);
  return { hosted: config.relay !== "network" && devices.length === 0, devices };
}

interface Neighbours {
  readonly proxied: readonly string[];
  /** Prefixes for which nobody here answers neighbour solicitations. */
  readonly unanswered: readonly Prefix[];
}

/** "The ER could attract inbound traffic … by responding to the upstream router's" neighbour solicitations (§3.2.1). */
function neighboursOf(facts: Facts, mappings: readonly Eam[], own: string, uplink: string): Neighbours {
  const proxied: string[] = [];
  const unanswered: Prefix[] = [];
  if (facts.config["proxynd-enable"] === false) return { proxied, unanswered };
  const onLink = linksOf(facts, uplink);
  const isOnLink = (prefix: Prefix): boolean => onLink.some((link) => prefixContains(link, prefix.octets));
  const count = mappings.reduce((sum, { v4 }) => sum + 2 ** (32 - v4.length), 0);
  for (const eam of mappings) {
    const small = 2 ** (32 - eam.v4.length) <= mostOfPrefix;
    if (small && (count <= mostOfAll || isOnLink(eam.v6))) proxied.push(...addressesOf(eam, mostOfPrefix));
    else if (formatPrefix(eam.v6) !== `${own}/128`) unanswered.push(eam.v6);
  }
  return { proxied: proxied.filter((address) => address !== own), unanswered };
}

/** Prefixes whose addresses are neighbours on the uplink. */
function linksOf({ snapshot }: Facts, uplink: string): readonly Prefix[] {
  return snapshot.routes.flatMap(({ family, table, dev, via, destination }) => {
    const direct = family === 6 && table === mainTable && dev === uplink && via === undefined;
    const prefix = direct && destination !== "default" ? parsePrefix(destination) : undefined;
    return prefix === undefined ? [] : [prefix];
  });
}

function ownAddressNote(facts: Facts, prefixes: readonly Prefix[]): readonly string[] {
  const found = hostAddressIn(facts, prefixes);
  if (found === undefined) return [];
  return [
    `The host has ${found.address} of a mapping itself, on ${found.dev}, and keeps its packets from the relay; ` +
      "take it off that device, clatd answers for it",
  ];
}

function routingNote(prefixes: readonly Prefix[]): readonly string[] {
  if (prefixes.length === 0) return [];
  return [
    `The network must route ${fewOf(prefixes.map(formatPrefix))} to this host: nobody answers neighbour discovery for all of it`,
  ];
}

function lanNote({ config }: Facts, places: readonly Place[], own: Place): readonly string[] {
  const lost = [own, ...places].some(({ hosted, devices }) => !hosted && devices.length === 0);
  if (config.relay !== "network" || !lost) return [];
  return [
    "relay=network, but there is no IPv4 route to some service addresses; " +
      "give the device of their network an address, or add a route",
  ];
}

const shown = 3;

function fewOf(texts: readonly string[]): string {
  const more = texts.length - shown;
  return more > 0 ? `${texts.slice(0, shown).join(", ")} and ${more} more prefixes` : texts.join(", ");
}

function prefixOf(text: string): Prefix {
  const prefix = parsePrefix(text);
  if (prefix === undefined) throw new Error(`Cannot relay for ${text}: it is no prefix`);
  return prefix;
}
