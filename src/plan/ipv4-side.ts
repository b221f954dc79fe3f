// What the host's own IPv4 gets: the CLAT's address, the default route over it, and others taken away on request.

import type { Effect, Route } from "../os/effect.js";
import { linkLives } from "./dependence.js";
import { type Facts, foreignDefaultRoutes, withheldRoutes } from "./facts.js";
import { ipv4Mtu } from "./placement.js";

const mainTable = 254;
const tcpAndIpv4Headers = 40;

/** @param ipv6Mtu of the path to the PLAT, in octets */
export function ipv4Side(facts: Facts, ipv6Mtu: number): readonly Effect[] {
  const { config } = facts;
  const dev = config["clat-dev"];
  const address: Effect = { do: "address.add", dev, address: `${config["clat-v4-addr"]}/32` };
  const withheld: Effect[] = config["v4-defaultroute-replace"]
    ? replaced(facts).map((route) => ({ do: "route.withhold", route }))
    : [];
  if (!config["v4-defaultroute-enable"]) return [address, ...withheld];
  const route = defaultRoute(facts, ipv6Mtu);
  const ours: Effect = { do: "route.add", route };
  // Ours comes first, so that there is always one; unless another one sits in its place.
  const inTheWay = withheld.filter((effect) => effect.do === "route.withhold" && sameMetric(effect.route, route));
  return [address, ...inTheWay, ours, ...withheld.filter((effect) => !inTheWay.includes(effect))];
}

function defaultRoute(facts: Facts, ipv6Mtu: number): Route {
  const { config } = facts;
  const wanted = config["v4-defaultroute-mtu"];
  const mtu = wanted === "auto" ? ipv4Mtu(ipv6Mtu) : wanted;
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

/** Those that are there, and those that we keep away already (unless their device has gone for good). */
function replaced(facts: Facts): readonly Route[] {
  const kept = withheldRoutes(facts).filter((route) => linkLives({ do: "route.withhold", route }, facts.snapshot));
  const known = new Set(kept.map((route) => JSON.stringify(route)));
  return [...kept, ...foreignDefaultRoutes(facts).filter((route) => !known.has(JSON.stringify(route)))];
}

function sameMetric(a: Route, b: Route): boolean {
  return (a.metric ?? 0) === (b.metric ?? 0);
}
