// Sysctls of the model: which a device has, and what they are at first.

import { deviceKey, deviceSysctls, parseDeviceKey } from "../sysctl.js";
import type { FakeNetns } from "./state.js";

const defaults: Readonly<Record<string, string>> = {
  "net.ipv4.ip_forward": "0",
  "net.ipv4.ip_early_demux": "1",
  "net.ipv4.conf.all.accept_redirects": "1",
};
const initialOfDevice = {
  ipv4: { forwarding: "0", rp_filter: "0", proxy_arp: "0" },
  ipv6: { forwarding: "0", accept_ra: "1", proxy_ndp: "0", disable_ipv6: "0", autoconf: "1", accept_dad: "1" },
} as const;

export function initialSysctls(): Map<string, string> {
  const map = new Map(Object.entries(defaults));
  for (const dev of ["all", "default"]) {
    for (const family of ["ipv4", "ipv6"] as const) giveSysctls(map, family, dev, (name) => initialValue(family, name));
  }
  return map;
}

function initialValue(family: "ipv4" | "ipv6", name: string): string {
  const values: Readonly<Record<string, string>> = initialOfDevice[family];
  return values[name] ?? "0";
}

/** Besides those that a snapshot shows. */
const alsoOfDevice = { ipv4: [], ipv6: ["accept_dad"] } as const;

function giveSysctls(
  map: Map<string, string>,
  family: "ipv4" | "ipv6",
  dev: string,
  value: (name: string) => string,
): void {
  for (const name of [...deviceSysctls[family], ...alsoOfDevice[family]]) {
    map.set(deviceKey(family, dev, name), value(name));
  }
}

/** Octets: below that a device has no IPv6 (RFC 8200 §5). */
export const leastIpv6Mtu = 1280;

/** A new device takes the defaults. */
export function addDeviceSysctls(ns: FakeNetns, dev: string, mtu: number): void {
  giveSysctls(ns.sysctls, "ipv4", dev, (name) => defaultOf(ns, "ipv4", name));
  if (mtu >= leastIpv6Mtu) addIpv6Sysctls(ns, dev, mtu);
}

export function addIpv6Sysctls(ns: FakeNetns, dev: string, mtu: number): void {
  giveSysctls(ns.sysctls, "ipv6", dev, (name) => defaultOf(ns, "ipv6", name));
  ns.sysctls.set(deviceKey("ipv6", dev, "mtu"), `${mtu}`);
  ns.sysctls.set(deviceKey("ipv6", dev, "addr_gen_mode"), "0");
}

function defaultOf(ns: FakeNetns, family: "ipv4" | "ipv6", name: string): string {
  return ns.sysctls.get(deviceKey(family, "default", name)) ?? "0";
}

/** @param family absent: of both */
export function dropDeviceSysctls(ns: FakeNetns, dev: string, family?: "ipv4" | "ipv6"): void {
  for (const key of ns.sysctls.keys()) {
    const parsed = parseDeviceKey(key);
    if (parsed?.dev === dev && (family === undefined || parsed.family === family)) ns.sysctls.delete(key);
  }
}
