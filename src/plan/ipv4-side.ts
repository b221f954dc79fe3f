// What the host's own IPv4 gets: the CLAT's address and those of its services, the way to services behind it, the default
// route over the CLAT, and others taken away on request.

import type { Config } from "../config/key-table.js";
import { formatAddress } from "../net/address.js";
import { aggregate } from "../net/aggregate.js";
import { formatPrefix } from "../net/prefix.js";
import type { Effect, Route } from "../os/effect.js";
import { isRoute } from "../os/identity.js";
import { deviceKey } from "../os/sysctl.js";
import { linkLives } from "./dependence.js";
import { type Facts, foreignDefaultRoutes, setByUs, withheldRoutes } from "./facts.js";
import type { Standing } from "./placement.js";
import type { Relay } from "./relay.js";

const mainTable = 254;
const tcpAndIpv4Headers = 40;

/** @param mtu of the IPv4 side, in octets */
export function ipv4Side(facts: Facts, standing: Standing, mtu: number): readonly Effect[] {
  const { config } = facts;
  const here = [...addresses(config["clat-dev"], standing), ...forwarding(facts, standing.relay)];
  const withheld: Effect[] = config["v4-defaultroute-replace"]
    ? replaced(facts).map((route) => ({ do: "route.withhold", route }))
    : [];
  if (!config["v4-defaultroute-enable"]) return [...here, ...withheld];
  const route = defaultRouteOf(config, mtu);
  const ours: Effect = { do: "route.add", route };
  // Ours comes first, so that there is always one; unless another one sits in its place.
  const inTheWay = withheld.filter((effect) => effect.do === "route.withhold" && sameMetric(effect.route, route));
  return [...here, ...inTheWay, ours, ...withheld.filter((effect) => !inTheWay.includes(effect))];
}

/** More are not for people to look at one by one. */
const mostAddresses = 64;

/**
 * "Its IPv4 Service Address SHOULD be considered a regular local address" (RFC 7756 §3.1). A whole prefix, or a great many
 * addresses, are made local by a route: programs bind to them and accept on them just the same.
 */
function addresses(dev: string, { own, relay }: Standing): readonly Effect[] {
  const first = own.v4;
  const hosts = relay.hosted.filter(({ length }) => length === 32);
  const single = hosts.length <= mostAddresses ? hosts.map(({ octets }) => formatAddress(octets)) : [];
  const listed = [...new Set([...(relay.ownIsHosted ? [first] : []), ...single])];
  const routed = aggregate(
    hosts.length <= mostAddresses ? relay.hosted.filter((one) => one.length < 32) : relay.hosted,
  );
  return [
    ...listed.map((address): Effect => ({ do: "address.add", dev, address: `${address}/32` })),
    ...routed
      .map(formatPrefix)
      .filter((destination) => !listed.includes(destination.replace(/\/32$/, "")))
      .map((destination): Effect => ({ do: "route.add", route: localRoute(destination, dev) })),
  ];
}

const localTable = 255;

function localRoute(destination: string, dev: string): Route {
  return { family: 4, destination, dev, table: localTable, type: "local" };
}

/**
 * Between the CLAT and the network behind it, device by device: the key for all of them would change much else
 * (inet_forward_change). The kernel asks the device that a packet comes in by.
 */
function forwarding(facts: Facts, { behind }: Relay): readonly Effect[] {
  const { config, snapshot } = facts;
  if (!config["forwarding-enable"] || behind.length === 0) return [];
  const keys = [config["clat-dev"], ...behind].map((dev) => deviceKey("ipv4", dev, "forwarding"));
  return keys
    .filter((key) => snapshot.sysctls[key] !== "1" || setByUs(facts, key))
    .map((key): Effect => ({ do: "sysctl.set", key, value: "1" }));
}

/** @param sideMtu of the IPv4 side, in octets */
export function defaultRouteOf(config: Config, sideMtu: number): Route {
  const wanted = config["v4-defaultroute-mtu"];
  const mtu = wanted === "auto" ? sideMtu : wanted;
  const mss = config["v4-defaultroute-advmss"];
  const advmss = mss === "auto" ? Math.max(0, mtu - tcpAndIpv4Headers) : mss;
  return {
    family: 4,
    destination: "default",
    dev: config["clat-dev"],
    table: mainTable,
    metric: config["v4-defaultroute-metric"],
    ...(mtu === 0 ? {} : { mtu }),
    ...(advmss === 0 ? {} : { advmss }),
  };
}

/**
 * Those that are there, and those that we keep away already (unless their device has gone for good). One that is back is
 * taken as it is now: a DHCP client brings it with another source, or another MTU.
 */
function replaced(facts: Facts): readonly Route[] {
  const there = foreignDefaultRoutes(facts);
  const kept = withheldRoutes(facts).filter(
    (route) =>
      linkLives({ do: "route.withhold", route }, facts.snapshot) && !there.some((other) => isRoute(other, route)),
  );
  return [...kept, ...there];
}

function sameMetric(a: Route, b: Route): boolean {
  return (a.metric ?? 0) === (b.metric ?? 0);
}
