// Facts for tests: a host with one uplink by SLAAC and a PREF64, and whatever a test makes different.

import type { Config } from "../../../src/config/key-table.js";
import { loadConfig } from "../../../src/config/load.js";
import type { Applied } from "../../../src/os/driver.js";
import type { Effect } from "../../../src/os/effect.js";
import type { NetSnapshot } from "../../../src/os/snapshot.js";
import type { Facts } from "../../../src/plan/facts.js";

export const hostAddress = "2001:db8:1:0:5054:ff:fe00:1";

export function configOf(...settings: string[]): Config {
  const loaded = loadConfig({ arguments: settings });
  if (!loaded.ok) throw new Error(loaded.mistakes.map(({ text }) => text).join("; "));
  return loaded.config;
}

export function snapshotOf(changes: Partial<NetSnapshot> = {}): NetSnapshot {
  return {
    links: [
      { name: "lo", kind: "loopback", up: true, running: true, mtu: 65536 },
      { name: "eth0", kind: "veth", up: true, running: true, mtu: 1500, mac: "52:54:00:00:00:01" },
    ],
    addresses: [
      {
        dev: "eth0",
        family: 6,
        address: hostAddress,
        length: 64,
        scope: "global",
        tentative: false,
        dadFailed: false,
        deprecated: false,
        temporary: false,
      },
    ],
    routes: [
      { family: 6, destination: "default", dev: "eth0", via: "fe80::1", table: 254, metric: 1024, protocol: "ra" },
    ],
    rules: [
      { family: 6, priority: 0, table: 255 },
      { family: 6, priority: 32766, table: 254 },
    ],
    proxies: [],
    sysctls: { "net.ipv6.conf.all.forwarding": "0", "net.ipv6.conf.eth0.accept_ra": "1" },
    nft: [],
    programs: [],
    ...changes,
  };
}

export function factsOf(changes: Partial<Facts> = {}): Facts {
  return {
    config: configOf(),
    snapshot: snapshotOf(),
    applied: [],
    pref64: { origin: "dns64", found: true, prefixes: ["64:ff9b::/96"] },
    route: { dev: "eth0", source: hostAddress, via: "fe80::1", mtu: 1500 },
    random: Uint8Array.from({ length: 16 }, (_, index) => index + 1),
    uptime: 0,
    ...changes,
  };
}

export function appliedOf(...effects: readonly Effect[]): readonly Applied[] {
  return effects.map((effect) => ({ effect, undo: {} }));
}
