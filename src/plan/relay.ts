// An Edge Relay (RFC 7756) on this host: which of its IPv4 service addresses are here (node-based, §3.1) and which on a
// network behind it (network-based, §3.2), what of IPv6 must reach it, and what the network has to do for that.

import { aggregate } from "../net/aggregate.js";
import type { Eam } from "../net/eam.js";
import { formatPrefix, type Prefix, parsePrefix, prefixContains } from "../net/prefix.js";
import type { Route } from "../os/effect.js";
import type { Facts } from "./facts.js";
import { hostAddressIn } from "./host-address.js";
import { addressesOf, localMappings } from "./mappings.js";
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

const mainTable = 254;
/** A neighbour discovery entry for each address of a prefix, up to here; larger ones are for routing. */
const mostOfPrefix = 256;
/** Beyond so many, only those that can be asked for by neighbours get one. */
const mostOfAll = 1024;

export function relayOf(facts: Facts, own: Extract<OwnPair, { ok: true }>, uplink: string): Relay {
  const mappings = localMappings(facts.config);
  const ownV4 = prefixOf(`${own.v4}/32`);
  const ownV6 = prefixOf(`${own.v6.address}/128`);
  const links = behindLinks(facts);
  const place = (prefix: Prefix): Place => placeOf(facts, prefix, links);
  const isRelay = mappings.length > 0 || facts.config["clat-v6-addr"].how === "given";
  const ownPlace = isRelay ? place(ownV4) : { hosted: true, devices: [] };
  const places = mappings.map(({ v4 }) => place(v4));
  const rest = mappings.filter((eam) => formatPrefix(eam.v6) !== formatPrefix(ownV6));
  const v6 = aggregate(rest.map((eam) => eam.v6));
  const asked = neighboursOf(facts, rest, uplink);
  return {
    hosted: mappings.map(({ v4 }) => v4).filter((_v4, index) => places[index]?.hosted === true),
    ownIsHosted: ownPlace.hosted,
    behind: [...new Set([...ownPlace.devices, ...places.flatMap(({ devices }) => devices)])].toSorted(),
    inside: aggregate([ownV4, ...mappings.map((eam) => eam.v4)]),
    also: v6.map(formatPrefix),
    proxied: asked.proxied.filter((address) => address !== own.v6.address),
    notes: [...ownAddressNote(facts, v6), ...routingNote(asked.unanswered), ...lanNote(facts, places, ownPlace)],
  };
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
  readonly unanswered: readonly string[];
}

/** "The ER could attract inbound traffic … by responding to the upstream router's" neighbour solicitations (§3.2.1). */
function neighboursOf(facts: Facts, mappings: readonly Eam[], uplink: string): Neighbours {
  if (facts.config["proxynd-enable"] === false) return { proxied: [], unanswered: [] };
  const onLink = linksOf(facts, uplink);
  const isOnLink = (prefix: Prefix): boolean => onLink.some((link) => prefixContains(link, prefix.octets));
  const count = mappings.reduce((sum, { v4 }) => sum + 2 ** (32 - v4.length), 0);
  const proxied: string[] = [];
  const unanswered: Prefix[] = [];
  for (const eam of mappings) {
    const small = 2 ** (32 - eam.v4.length) <= mostOfPrefix;
    if (small && (count <= mostOfAll || isOnLink(eam.v6))) proxied.push(...addressesOf(eam, mostOfPrefix));
    else unanswered.push(eam.v6);
  }
  return { proxied, unanswered: aggregate(unanswered).map(formatPrefix) };
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

function routingNote(prefixes: readonly string[]): readonly string[] {
  if (prefixes.length === 0) return [];
  return [`The network must route ${fewOf(prefixes)} to this host: nobody answers neighbour discovery for all of it`];
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
