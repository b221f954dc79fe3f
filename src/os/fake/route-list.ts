// The routes of a namespace of the model. Those that addresses bring along are made on the fly from the addresses, as the
// kernel keeps the two in step; those that were added are kept.

import { formatPrefix, maskPrefix, parseInterfaceAddress } from "../../net/prefix.js";
import { primaryOf } from "./primary.js";
import type { FakeAddress, FakeNetns, FakeRoute } from "./state.js";

/** All that `ip route show table all` would print. */
export function allRoutes(ns: FakeNetns): FakeRoute[] {
  const made = new Map<string, FakeRoute>();
  for (const route of ns.addresses.flatMap((address) => routesOfAddress(ns, address))) {
    // Addresses of a network share one connected route: the first one's.
    const key = `${route.table} ${route.type ?? ""} ${route.destination} ${route.dev}`;
    if (!made.has(key)) made.set(key, route);
  }
  return [...made.values(), ...ns.routes];
}

/** The local one, and the connected one while the device is up. A tentative IPv6 address is not local yet. */
function routesOfAddress(ns: FakeNetns, address: FakeAddress): FakeRoute[] {
  const { family, dev } = address;
  const up = ns.links.get(dev)?.up === true;
  const full = family === 4 ? 32 : 128;
  const parsed = parseInterfaceAddress(`${address.peer ?? address.address}/${address.length}`);
  const network = parsed === undefined ? address.address : formatPrefix(maskPrefix(parsed.octets, parsed.length));
  const routes: FakeRoute[] = [];
  const own = `${address.address}/${full}`;
  if (family === 4) {
    const kernels = { family, protocol: "kernel", source: primaryOf(ns, address).address, dev } as const;
    routes.push({ ...kernels, destination: own, table: 255, type: "local", scope: "host" });
    if (dev === "lo" && up) routes.push({ ...kernels, destination: network, table: 255, type: "local", scope: "host" });
    else if (up && (address.length < full || address.peer !== undefined)) {
      routes.push({ ...kernels, destination: network, table: 254, scope: "link" });
    }
    return routes;
  }
  if (!address.tentative) {
    routes.push({ family, destination: own, dev, table: 255, metric: 0, type: "local", protocol: "kernel" });
  }
  // One that runs out has none (ip-words.ts says why), nor has the loopback device's own.
  if (!up || address.expires !== undefined || (dev === "lo" && address.automatic)) return routes;
  const connected = { family, dev, table: 254, metric: 256, protocol: "kernel" } as const;
  routes.push({ ...connected, destination: network });
  if (address.peer !== undefined) routes.push({ ...connected, destination: own });
  return routes;
}
