// What a node waits for before anybody looks at it.

import { describe, expect, it } from "vitest";
import { advertisedTo, hasArrived } from "../../../lab/advertised.js";
import { nodeNamed } from "../../../lab/topology.js";
import type { NetSnapshot } from "../../../src/os/snapshot.js";
import { LAN, shipped } from "./topologies.js";

const of = (topology: typeof LAN, name: string) => {
  const node = nodeNamed(topology, name);
  if (node === undefined) throw new Error(`no node ${name}`);
  return advertisedTo(topology, node);
};

const wanted = { dev: "eth0", prefixes: ["2001:db8:1::/64"], defaultRoute: true };
const nothing: NetSnapshot = {
  links: [],
  addresses: [],
  routes: [],
  rules: [],
  proxies: [],
  sysctls: {},
  nft: [],
  programs: [],
};
const address = {
  dev: "eth0",
  family: 6,
  address: "2001:db8:1::1",
  length: 64,
  scope: "global",
  tentative: false,
  dadFailed: false,
  deprecated: false,
  temporary: false,
} as const;
const defaultRoute = { family: 6, destination: "default", dev: "eth0", table: 254 } as const;
const local = { ...defaultRoute, destination: `${address.address}/128`, table: 255, type: "local" } as const;
const all: NetSnapshot = {
  ...nothing,
  links: [{ name: "eth0", kind: "veth", up: true, running: true, mtu: 1500 }],
  addresses: [address],
  routes: [defaultRoute, local],
};

describe("advertisedTo()", () => {
  it("is what the router on its link says, and nothing for nodes with addresses of their own", () => {
    expect(of(shipped("464xlat"), "host")).toEqual([wanted]);
    expect(of(LAN, "second")).toEqual([wanted]);
    expect(of(LAN, "server")).toEqual([]);
    expect(of(LAN, "edge")).toEqual([]);
  });
});

describe("hasArrived()", () => {
  it("when there is a carrier, an address in each prefix, and a default route", () => {
    expect(hasArrived(wanted, all)).toBe(true);
  });

  it.each([
    ["nothing", nothing],
    ["no carrier", { ...all, links: all.links.map((link) => ({ ...link, running: false })) }],
    ["an address elsewhere", { ...all, addresses: [{ ...address, dev: "eth1" }] }],
    ["an address of another prefix", { ...all, addresses: [{ ...address, address: "2001:db8:2::1" }] }],
    ["a tentative address", { ...all, addresses: [{ ...address, tentative: true }] }],
    ["an address that the kernel has no route to yet", { ...all, routes: [defaultRoute] }],
    ["no default route", { ...all, routes: [local] }],
  ])("not with %s", (_what, snapshot) => {
    expect(hasArrived(wanted, snapshot)).toBe(false);
  });

  it("without a default route where none is advertised", () => {
    expect(hasArrived({ ...wanted, defaultRoute: false }, { ...all, routes: [local] })).toBe(true);
  });
});
