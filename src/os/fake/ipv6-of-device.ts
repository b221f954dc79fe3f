// IPv6 of a device of the model, which the kernel switches off by a sysctl, or because the MTU is below what IPv6 needs
// (RFC 8200 §5): then there is nothing of it, not even its sysctls (addrconf_ifdown, addrconf_notify).

import { deviceKey } from "../sysctl.js";
import { addAutomatic, ifDownAddresses } from "./addresses.js";
import { isRunning } from "./link-state.js";
import type { FakeLink, FakeNetns, KernelCore } from "./state.js";
import { addIpv6Sysctls, dropDeviceSysctls, leastIpv6Mtu } from "./sysctls.js";

/** `disable_ipv6` of a device, of all of them and those to come, or (`default`) of those to come alone. */
export function disableIpv6(kernel: KernelCore, ns: FakeNetns, dev: string, value: string): void {
  const devices = dev === "all" ? ["default", ...ns.links.keys()] : [dev];
  for (const name of devices) {
    const key = deviceKey("ipv6", name, "disable_ipv6");
    const before = ns.sysctls.get(key);
    if (before === undefined) continue;
    ns.sysctls.set(key, value);
    const link = ns.links.get(name);
    if (link === undefined || (before === "0") === (value === "0")) continue;
    if (value === "0") begin(kernel, ns, link);
    else end(kernel, ns, link);
  }
}

/** The MTU of the device is another one now. */
export function followMtu(kernel: KernelCore, ns: FakeNetns, link: FakeLink): void {
  const key = deviceKey("ipv6", link.name, "mtu");
  const had = ns.sysctls.has(key);
  if (link.mtu < leastIpv6Mtu) {
    end(kernel, ns, link);
    // The loopback device keeps them.
    if (link.kind !== "loopback") dropDeviceSysctls(ns, link.name, "ipv6");
  } else if (had) {
    routesFollow(ns, link, Number(ns.sysctls.get(key)));
    ns.sysctls.set(key, `${link.mtu}`);
  } else {
    addIpv6Sysctls(ns, link.name, link.mtu);
    begin(kernel, ns, link);
  }
}

/** Where the device was, or has become, what a route's own MTU was lowered for, that follows it (rt6_mtu_change_route). */
function routesFollow(ns: FakeNetns, { name, mtu }: FakeLink, before: number): void {
  ns.routes = ns.routes.map((route) => {
    if (route.family === 4 || route.dev !== name || route.mtu === undefined) return route;
    return route.mtu >= mtu || route.mtu === before ? { ...route, mtu } : route;
  });
}

function begin(kernel: KernelCore, ns: FakeNetns, link: FakeLink): void {
  if (isRunning(ns, link)) addAutomatic(kernel, ns, link);
}

function end(kernel: KernelCore, ns: FakeNetns, link: FakeLink): void {
  ifDownAddresses(ns, link.name);
  ns.routes = ns.routes.filter(({ dev, family }) => dev !== link.name || family === 4);
  ns.proxies = ns.proxies.filter(({ dev }) => dev !== link.name);
  for (const about of ["address", "route", "neighbour"] as const) kernel.tell(ns, about);
}
