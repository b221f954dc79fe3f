// Topologies for tests: the shipped ones, and small ones in text.

import { readFileSync } from "node:fs";
import { readTopology } from "../../../lab/schema/read-topology.js";
import type { Topology } from "../../../lab/topology.js";

export function shipped(name: string): Topology {
  const url = new URL(`../../../lab/topologies/${name}.yml`, import.meta.url);
  return readTopology(`${name}.yml`, readFileSync(url, "utf8"));
}

/** Three hosts on one LAN behind a router, beside a chain of two more routers to a server, and one more network. */
export const LAN = readTopology(
  "lan.yml",
  `
name: lan
title: A LAN and a chain of routers
nodes:
  host: { kind: host, dad: true, sysctls: { net.ipv6.conf.all.use_tempaddr: 2 } }
  second: { kind: host }
  edge: { kind: router, ra: { mtu: 1400, interval: 3 } }
  core: { kind: router }
  far: { kind: router }
  server: { kind: server, dns: 2001:db8:53::53 }
  aside: { kind: server, services: [udp-echo] }
links:
  - edge:lan0 -- host:eth0 -- second:eth0, 2001:db8:1::/64, 192.0.2.0/24
  - edge:up0 -- core:a, 2001:db8:2::/127, 198.51.100.0/31
  - core:b -- far:a, 2001:db8:3::/64, mtu 1280
  - far:b -- server:eth0, 2001:db8:4::/64
  - core:c -- aside:eth0, 203.0.113.0/30
`,
);
