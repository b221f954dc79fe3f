// Routes that follow from the links.

import { describe, expect, it } from "vitest";
import { readTopology } from "../../../lab/schema/read-topology.js";
import { nodeNamed } from "../../../lab/topology.js";
import { LAN, shipped } from "./topologies.js";

const routesOf = (topology: typeof LAN, node: string): string[] =>
  (nodeNamed(topology, node)?.routes ?? []).map(({ destination, via, dev }) => `${destination} via ${via} dev ${dev}`);

describe("routesFromLinks()", () => {
  it("tells a router the way to every prefix that it is not on", () => {
    expect(routesOf(LAN, "edge")).toEqual([
      "2001:db8:3::/64 via 2001:db8:2::1 dev up0",
      "2001:db8:4::/64 via 2001:db8:2::1 dev up0",
      "203.0.113.0/30 via 198.51.100.1 dev up0",
    ]);
    expect(routesOf(LAN, "far")).toEqual([
      "2001:db8:1::/64 via 2001:db8:3::1 dev a",
      "2001:db8:2::/127 via 2001:db8:3::1 dev a",
    ]);
  });

  it("does not lead IPv4 through a link without IPv4", () => {
    expect(routesOf(LAN, "far").filter((route) => route.startsWith("192."))).toEqual([]);
  });

  it("gives those that forward nothing a default route, per family", () => {
    expect(routesOf(LAN, "server")).toEqual(["default via 2001:db8:4::1 dev eth0"]);
    expect(routesOf(LAN, "aside")).toEqual(["default via 203.0.113.1 dev eth0"]);
  });

  it("leaves a host's IPv6 default route to Router Advertisements", () => {
    expect(routesOf(LAN, "host")).toEqual(["default via 192.0.2.1 dev eth0"]);
  });

  it("leads the PREF64 to its PLAT, and not the PLAT itself", () => {
    const topology = shipped("464xlat");
    expect(routesOf(topology, "router")).toContain("2001:db8:64::/96 via 2001:db8:2::2 dev eth1");
    expect(routesOf(topology, "plat").some((route) => route.startsWith("2001:db8:64::/96"))).toBe(false);
  });

  it("takes the shorter of two ways, and what the file says over both", () => {
    const text = (routes: string): string => `
name: ring
title: x
nodes:
  a: { kind: router${routes} }
  b: { kind: router }
  c: { kind: router }
  d: { kind: router }
  server: { kind: server }
links:
  - a:b -- b:a, 2001:db8:1::/64
  - b:c -- c:b, 2001:db8:2::/64
  - c:d -- d:c, 2001:db8:3::/64
  - d:a -- a:d, 2001:db8:4::/64
  - d:s -- server:d, 2001:db8:5::/64
`;
    expect(routesOf(readTopology("ring.yml", text("")), "a")).toContain("2001:db8:5::/64 via 2001:db8:4::1 dev d");
    const told = routesOf(readTopology("ring.yml", text(", routes: [2001:db8:5::/64 via b]")), "a");
    expect(told.filter((route) => route.startsWith("2001:db8:5::/64"))).toEqual([
      "2001:db8:5::/64 via 2001:db8:1::2 dev b",
    ]);
  });
});
