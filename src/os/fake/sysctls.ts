// Sysctls of the model, and the forwarding trap (addrconf_fixup_forwarding, inet_forward_change).

import { deviceKey, deviceSysctls, forwardingTrap, parseDeviceKey } from "../sysctl.js";
import { type FakeNetns, type KernelCore, Refusal } from "./state.js";

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
  for (const dev of ["all", "default"]) giveSysctls(map, dev, (family, name) => initialValue(family, name));
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
  dev: string,
  value: (family: "ipv4" | "ipv6", name: string) => string,
): void {
  for (const family of ["ipv4", "ipv6"] as const) {
    for (const name of [...deviceSysctls[family], ...alsoOfDevice[family]])
      map.set(deviceKey(family, dev, name), value(family, name));
  }
}

/** A new device takes the defaults. */
export function addDeviceSysctls(ns: FakeNetns, dev: string, mtu: number): void {
  giveSysctls(ns.sysctls, dev, (family, name) => ns.sysctls.get(deviceKey(family, "default", name)) ?? "0");
  ns.sysctls.set(deviceKey("ipv6", dev, "mtu"), `${mtu}`);
  ns.sysctls.set(deviceKey("ipv6", dev, "addr_gen_mode"), "0");
}

export function dropDeviceSysctls(ns: FakeNetns, dev: string): void {
  for (const key of ns.sysctls.keys()) if (parseDeviceKey(key)?.dev === dev) ns.sysctls.delete(key);
}

export function writeSysctl(kernel: KernelCore, ns: FakeNetns, key: string, value: string): void {
  if (!ns.sysctls.has(key)) throw new Refusal("missing", `cannot stat ${key}: No such file or directory`);
  if (/^net\.ipv[46]\..*(forwarding|accept_ra|proxy_ndp|ip_forward)$/.test(key) && !/^-?\d+$/.test(value)) {
    throw new Refusal("failed", `setting key "${key}": Invalid argument`);
  }
  const before = ns.sysctls.get(key);
  ns.sysctls.set(key, value);
  const trap = forwardingTrap(key);
  // IPv4's springs only where the value changes, IPv6's always.
  if (trap === "ipv6" || (trap === "ipv4" && before !== value)) {
    for (const other of ns.sysctls.keys()) {
      const parsed = parseDeviceKey(other);
      if (parsed?.family === trap && parsed.name === "forwarding") ns.sysctls.set(other, value);
    }
    if (trap === "ipv4") {
      ns.sysctls.set("net.ipv4.ip_forward", value);
      ns.sysctls.set("net.ipv4.conf.all.accept_redirects", value === "0" ? "1" : "0");
    }
  }
  const parsed = parseDeviceKey(key);
  // Also where a single device's is written; not for the default's.
  if (parsed?.family === "ipv6" && parsed.name === "forwarding" && parsed.dev !== "default" && value !== "0")
    purgeLearned(kernel, ns);
  kernel.tell(ns, "link");
}

/** A router does not listen to Router Advertisements unless told so: rt6_purge_dflt_routers. */
function purgeLearned(kernel: KernelCore, ns: FakeNetns): void {
  const stays = ns.routes.filter(
    (route) =>
      route.learned !== true ||
      route.destination !== "default" ||
      ns.sysctls.get(deviceKey("ipv6", route.dev ?? "lo", "accept_ra")) === "2",
  );
  if (stays.length === ns.routes.length) return;
  ns.routes = stays;
  kernel.tell(ns, "route");
}
