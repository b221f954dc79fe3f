// Border Relays and Edge Relays in topologies (RFC 7755, 7756).

import { describe, expect, it } from "vitest";
import { realize, realizeStages } from "../../../lab/realize.js";
import { readTopology } from "../../../lab/schema/read-topology.js";
import { describeEffect } from "../../../src/os/describe.js";
import { shipped } from "./topologies.js";

const programs = { node: "node", dist: "dist" };
const lines = (name: string): string[] => realize(shipped(name), programs).flatMap(describeEffect);

describe("borderRelayService()", () => {
  it("the builtin one has the mappings' IPv4 addresses and the translation prefix on its TUN, and no masquerade", () => {
    expect(lines("siit-dc-network").filter((line) => / siit\b/.test(line))).toEqual([
      "ip -n br link set siit up",
      "ip -n br -6 route add 2001:db8:46::/96 dev siit",
      "ip -n br route add 192.0.0.2/32 dev siit",
      "ip -n br route add 192.0.2.24/29 dev siit",
    ]);
    expect(lines("siit-dc-network").filter((line) => line.includes("nft"))).toEqual([]);
  });

  it("its errors come from an address that the kernel does not have", () => {
    const file = realizeStages(shipped("siit-dc-icmp"), programs).flatMap((stage) =>
      stage.part === "service" && stage.name === "border-relay" ? [stage.files["border-relay.json"] ?? ""] : [],
    );
    expect(JSON.parse(file[0] ?? "{}")).toMatchObject({
      pref64: "2001:db8:46::/96",
      translatorV4: "192.0.0.2",
      translatorV6: "2001:db8:46::c000:2",
      eams: [{ v4: "192.0.2.1", v6: "2001:db8:a::c1a7" }, { v4: "192.0.2.99" }],
    });
  });

  it("TAYGA gets a line for each mapping", () => {
    const files = realizeStages(shipped("siit-dc"), programs).flatMap((stage) =>
      stage.part === "service" ? Object.entries(stage.files) : [],
    );
    expect(Object.fromEntries(files)["tayga.conf"]).toContain("map 192.0.2.10 2001:db8:a::2\n");
  });

  it("of two with one prefix each takes its own, and others the nearest", () => {
    const routes = lines("siit-dc-asymmetric").filter((line) => line.includes("route add 2001:db8:46::/96"));
    expect(routes).toEqual([
      "ip -n core -6 route add 2001:db8:46::/96 via 2001:db8:b:2::1 dev eth2",
      "ip -n br1 -6 route add 2001:db8:46::/96 dev siit",
      "ip -n br2 -6 route add 2001:db8:46::/96 dev siit",
    ]);
  });
});

describe("readTopology()", () => {
  const file = (mappings: string): string => `
name: small
title: A Border Relay
nodes:
  br: { kind: border-relay, pref64: 2001:db8:46::/96, mappings: ${mappings} }
  server: { kind: server }
links:
  - br:eth0 -- server:eth0, 2001:db8:a::/64, 203.0.113.0/24
`;

  it("takes mappings of prefixes", () => {
    const topology = readTopology("small.yml", file('{ 192.0.2.0/24: "2001:db8:c::/120" }'));
    expect(topology.nodes[0]).toMatchObject({
      kind: "border-relay",
      engine: "builtin",
      mappings: [{ v4: "192.0.2.0/24", v6: "2001:db8:c::/120" }],
    });
  });

  it("refuses mappings that are none, with their line", () => {
    expect(() => readTopology("small.yml", file('{ 192.0.2.0/24: "2001:db8:c::/121" }'))).toThrow(
      /small\.yml:5.*Cannot map "192\.0\.2\.0\/24" to "2001:db8:c::\/121": the IPv4 prefix leaves 8 bits/s,
    );
  });
});
