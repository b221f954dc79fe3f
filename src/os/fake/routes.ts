// Adding and removing routes in the model, with the refusals of the real one.

import { formatPrefix, parseInterfaceAddress } from "../../net/prefix.js";
import { canonicalDestination, metricOf, routeSlot } from "../canonical.js";
import type { Route } from "../effect.js";
import { isRoute } from "../identity.js";
import { findLink } from "./link-state.js";
import { hasLocal } from "./lookup.js";
import { checkNexthop } from "./nexthop.js";
import { allRoutes } from "./route-list.js";
import { type FakeAddress, type FakeNetns, type FakeRoute, type KernelCore, Refusal } from "./state.js";

export function addRoute(kernel: KernelCore, ns: FakeNetns, asked: Route, learned = false): void {
  const wanted = complete(asked);
  const slot = routeSlot(wanted);
  // The kernel itself may put several into one slot (fe80::/64 of every device, two routers); `ip route add` may not.
  if (!learned && allRoutes(ns).some((other) => routeSlot(other) === slot))
    throw new Refusal("exists", "RTNETLINK answers: File exists");
  if (wanted.family === 4 && hasHostBits(asked.destination))
    throw new Refusal("failed", "Error: Invalid prefix for given prefix length.");
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

function hasHostBits(destination: string): boolean {
  const parsed = parseInterfaceAddress(destination);
  return parsed !== undefined && formatPrefix(parsed) !== canonicalDestination(destination);
}
