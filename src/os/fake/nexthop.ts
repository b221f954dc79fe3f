// Whether the model can reach where a route is to lead: its device, its gateway, and what the kernel says where it cannot.

import { familyOf } from "../canonical.js";
import { deviceKey } from "../sysctl.js";
import { findLink } from "./link-state.js";
import { bestRoute, hasLocal } from "./lookup.js";
import { allRoutes } from "./route-list.js";
import { type FakeNetns, type FakeRoute, Refusal } from "./state.js";

/** @returns the device that it leads to, where it leads to one */
export function checkNexthop(ns: FakeNetns, route: FakeRoute): string | undefined {
  const type = route.type ?? "unicast";
  if (type !== "unicast" && type !== "local") return route.dev;
  const ipv4 = route.family === 4;
  const link = route.dev === undefined ? undefined : findLink(ns, route.dev);
  if (ipv4) checkIpv4(route);
  if (link !== undefined && !ipv4) checkIpv6(ns, link.name);
  if (link?.up === false) {
    throw new Refusal("missing", ipv4 ? "Error: Device for nexthop is not up." : "Error: Nexthop device is not up.");
  }
  if (route.dev === undefined && route.via === undefined)
    throw new Refusal("failed", "RTNETLINK answers: No such device");
  if (route.onlink === true && route.dev === undefined)
    throw new Refusal("failed", "Error: Nexthop device required for onlink.");
  if (route.via === undefined) return route.dev;
  if (!ipv4 && hasLocal(ns, route.via)) throw new Refusal("failed", "Error: Gateway can not be a local address.");
  if (route.onlink === true) {
    if (!ipv4) checkOnlink(ns, route);
    return route.dev;
  }
  // A link-local gateway needs no route to it, only a device.
  if (route.via.startsWith("fe80:")) {
    if (route.dev === undefined) throw new Refusal("failed", "Error: Egress device not specified.");
    return route.dev;
  }
  const reached = familyOf(route.via) === route.family ? deviceTo(ns, route.via, route) : undefined;
  if (reached !== undefined) return reached;
  throw new Refusal("missing", ipv4 ? "Error: Nexthop has invalid gateway." : "RTNETLINK answers: No route to host");
}

/** A gateway is farther away than a route of a small scope leads (fib_create_info, fib_check_nh_v4_gw). */
function checkIpv4({ via, scope, onlink }: FakeRoute): void {
  if (via === undefined) {
    if (onlink !== true) return;
    throw new Refusal("failed", "Error: Invalid flags for nexthop - PERVASIVE and ONLINK can not be set.");
  }
  if (scope === "host") throw new Refusal("failed", "Error: Route with host scope can not have a gateway.");
  if (scope !== "link") return;
  if (onlink === true) throw new Refusal("failed", "Error: Nexthop has invalid scope.");
  throw new Refusal("missing", "Error: Nexthop has invalid gateway.");
}

function checkIpv6(ns: FakeNetns, dev: string): void {
  const disabled = ns.sysctls.get(deviceKey("ipv6", dev, "disable_ipv6"));
  if (disabled === undefined) throw new Refusal("missing", "RTNETLINK answers: No such device");
  if (disabled !== "0") throw new Refusal("failed", "Error: IPv6 is disabled on nexthop device.");
}

/** A gateway that is known to be elsewhere is none that is on the link (ip6_route_check_nh_onlink). */
function checkOnlink(ns: FakeNetns, { via = "", dev }: FakeRoute): void {
  if (via.startsWith("fe80:")) return;
  const known = bestRoute(
    allRoutes(ns).filter(({ table }) => table === 254),
    via,
  );
  if (known === undefined || known.destination === "default") return;
  if (known.type !== undefined ? known.type === "local" : known.dev !== dev)
    throw new Refusal("missing", "Error: Nexthop has invalid gateway or device mismatch.");
}

/**
 * By the table that the route goes into, then by those that everybody uses; for its device, where it names one. IPv4 takes the
 * first answer, IPv6 goes on to the others where it is none that leads straight there (fib_check_nh_v4_gw, ip6_route_check_nh).
 */
function deviceTo(ns: FakeNetns, via: string, { family, table: own, dev }: FakeRoute): string | undefined {
  const routes = allRoutes(ns).filter((route) => dev === undefined || route.dev === dev);
  const found = (own === 254 ? [255, 254] : [own, 255, 254]).flatMap((table) => {
    const best = bestRoute(
      routes.filter((route) => route.table === table),
      via,
    );
    return best ?? [];
  });
  const leads = ({ via: farther, type }: FakeRoute): boolean =>
    farther === undefined && (type === undefined || (family === 4 && type === "local"));
  const [first] = family === 4 ? found : found.filter(leads);
  return first !== undefined && leads(first) ? first.dev : undefined;
}
