// Adding and removing routes in the model, with the refusals of the real one.

import { canonicalDestination, familyOf, metricOf, routeSlot } from "../canonical.js";
import type { Route } from "../effect.js";
import { isRoute } from "../identity.js";
import { findLink } from "./link-state.js";
import { bestRoute, hasLocal } from "./lookup.js";
import { allRoutes } from "./route-list.js";
import { type FakeAddress, type FakeNetns, type FakeRoute, type KernelCore, Refusal } from "./state.js";

export function addRoute(kernel: KernelCore, ns: FakeNetns, asked: Route, learned = false): void {
  const wanted = complete(asked);
  const slot = routeSlot(wanted);
  // The kernel itself may put several into one slot (fe80::/64 of every device, two routers); `ip route add` may not.
  if (!learned && allRoutes(ns).some((other) => routeSlot(other) === slot))
    throw new Refusal("exists", "RTNETLINK answers: File exists");
  const dev = checkNexthop(ns, wanted);
  const route: FakeRoute = dev === undefined ? wanted : { ...wanted, dev };
  if (route.source !== undefined && !hasLocal(ns, route.source)) {
    throw new Refusal(
      "missing",
      route.family === 4 ? "Error: Invalid prefsrc address." : "Error: Invalid source address.",
    );
  }
  ns.routes.push(learned ? { ...route, learned: true } : route);
  kernel.tell(ns, "route");
}

export function removeRoute(kernel: KernelCore, ns: FakeNetns, asked: Route): void {
  if (asked.dev !== undefined) findLink(ns, asked.dev);
  const wanted = complete(asked);
  const at = ns.routes.findIndex((route) => isRoute(route, wanted));
  if (at < 0) throw new Refusal("missing", "RTNETLINK answers: No such process");
  ns.routes.splice(at, 1);
  kernel.tell(ns, "route");
}

/** A link that is down loses the routes that were added; one that is removed loses all of them. */
export function flushDevice(ns: FakeNetns, dev: string): void {
  ns.routes = ns.routes.filter((route) => route.dev !== dev || (route.type !== undefined && route.type !== "local"));
}

/** IPv4 routes with that source go with it; IPv6 routes stay without. */
export function forgetSource(ns: FakeNetns, gone: FakeAddress): void {
  ns.routes = ns.routes.flatMap((route): FakeRoute[] => {
    if (route.source !== gone.address || ns.addresses.some((one) => one !== gone && one.address === gone.address))
      return [route];
    if (route.family === 4) return [];
    const { source: _source, ...rest } = route;
    return [rest];
  });
}

/** As `ip route show` would print it: what was not asked for, as the kernel chooses it. */
function complete(asked: Route): FakeRoute {
  const { expires: _expires, scope, pref, metric: _metric, table, ...rest } = asked;
  const type = asked.type ?? "unicast";
  const metric = metricOf(asked);
  const dev = asked.family === 6 && type !== "unicast" && type !== "local" ? "lo" : asked.dev;
  const { dev: _dev, type: _type, ...bare } = rest;
  return {
    ...bare,
    destination: canonicalDestination(asked.destination),
    table,
    ...(dev === undefined ? {} : { dev }),
    ...(type === "unicast" ? {} : { type }),
    ...(asked.family === 6 || metric !== 0 ? { metric } : {}),
    protocol: asked.protocol ?? "boot",
    ...(asked.family === 4
      ? {
          scope:
            scope ?? (type === "local" ? "host" : asked.via !== undefined || type !== "unicast" ? "global" : "link"),
        }
      : {}),
    ...(pref === undefined || pref === "medium" ? {} : { pref }),
  };
}

/** @returns the device that it leads to, where it leads to one */
function checkNexthop(ns: FakeNetns, route: FakeRoute): string | undefined {
  const type = route.type ?? "unicast";
  if (type !== "unicast" && type !== "local") return route.dev;
  const ipv4 = route.family === 4;
  if (route.dev !== undefined && !findLink(ns, route.dev).up) {
    throw new Refusal("missing", ipv4 ? "Error: Device for nexthop is not up." : "Error: Nexthop device is not up.");
  }
  if (route.dev === undefined && route.via === undefined)
    throw new Refusal("failed", "RTNETLINK answers: No such device");
  if (route.via === undefined || route.onlink === true) return route.dev;
  // A link-local gateway needs no route to it, only a device.
  if (route.via.startsWith("fe80:") && route.dev !== undefined) return route.dev;
  const reach = reachOf(ns, route.via, route.table);
  const direct = reach !== undefined && reach.via === undefined && reach.type === undefined;
  if (direct && (route.dev === undefined || reach.dev === route.dev) && familyOf(route.via) === route.family)
    return reach.dev;
  throw new Refusal("missing", ipv4 ? "Error: Nexthop has invalid gateway." : "RTNETLINK answers: No route to host");
}

/** The table that the route goes into is asked first, then those that everybody uses. */
function reachOf(ns: FakeNetns, via: string, own: number): FakeRoute | undefined {
  const routes = allRoutes(ns);
  const tables = own === 254 ? [255, 254] : [own, 255, 254];
  for (const table of tables) {
    const found = bestRoute(
      routes.filter((route) => route.table === table),
      via,
    );
    if (found !== undefined) return found;
  }
  return undefined;
}
