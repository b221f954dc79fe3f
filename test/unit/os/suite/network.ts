// The network that each test starts in, and what tests add to it.

import type { Effect, Route, Rule } from "../../../../src/os/effect.js";

/** Duplicate address detection takes a second or two for each address, so only the tests about it have it. */
export const network: readonly Effect[] = [
  { do: "sysctl.set", key: "net.ipv6.conf.all.accept_dad", value: "0" },
  { do: "sysctl.set", key: "net.ipv6.conf.default.accept_dad", value: "0" },
  { do: "link.set", name: "lo", up: true },
  { do: "link.add", name: "up0", link: { kind: "veth", peer: "up1" } },
  { do: "link.set", name: "up0", up: true },
  { do: "link.set", name: "up1", up: true },
  { do: "address.add", dev: "up0", address: "2001:db8::1/64", nodad: true },
  { do: "address.add", dev: "up0", address: "192.0.2.1/24" },
];

export const tun: Effect = { do: "link.add", name: "clat", link: { kind: "tun", offloads: true }, mtu: 1480 };
const tunUp: Effect = { do: "link.set", name: "clat", up: true };
export const onTun: readonly Effect[] = [
  tun,
  tunUp,
  { do: "address.add", dev: "clat", address: "192.0.0.1/32" },
  {
    do: "route.add",
    route: {
      family: 4,
      destination: "default",
      dev: "clat",
      table: 254,
      metric: 2048,
      mtu: 1260,
      advmss: 1220,
      source: "192.0.0.1",
    },
  },
];

export const default6: Route = {
  family: 6,
  destination: "default",
  dev: "up0",
  via: "fe80::1",
  table: 254,
  metric: 512,
  protocol: "ra",
  pref: "high",
};
export const default4: Route = {
  family: 4,
  destination: "default",
  dev: "up0",
  via: "192.0.2.2",
  table: 254,
  metric: 5,
  mtu: 1400,
};
export const local6: Rule = { family: 6, priority: 0, table: 255 };
export const local6at1: Rule = { family: 6, priority: 1, table: 255 };
