// What writing a sysctl does in the model: the forwarding trap (addrconf_fixup_forwarding, inet_forward_change), what a router
// forgets, and IPv6 switched off.

import { deviceKey, forwardingTrap, parseDeviceKey } from "../sysctl.js";
import { disableIpv6 } from "./ipv6-of-device.js";
import { type FakeNetns, type KernelCore, Refusal } from "./state.js";

export function writeSysctl(kernel: KernelCore, ns: FakeNetns, key: string, value: string): void {
  if (!ns.sysctls.has(key)) throw new Refusal("missing", `cannot stat ${key}: No such file or directory`);
  if (/^net\.ipv[46]\..*(forwarding|accept_ra|proxy_ndp|ip_forward)$/.test(key) && !/^-?\d+$/.test(value)) {
    throw new Refusal("failed", `setting key "${key}": Invalid argument`);
  }
  const before = ns.sysctls.get(key);
  const switched = parseDeviceKey(key);
  if (switched?.family === "ipv6" && switched.name === "disable_ipv6") disableIpv6(kernel, ns, switched.dev, value);
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
