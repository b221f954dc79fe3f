// `isPresent` for many effects on one snapshot: a relay may have ten thousand, and a look through all routes for each of
// them would be a hundred million. Each list of the snapshot is sorted once, and only what is in the effect's place is shown to it.

import { canonicalInterfaceAddress, routeSlot } from "../os/canonical.js";
import type { Effect } from "../os/effect.js";
import { isPresent } from "../os/identity.js";
import type { NetSnapshot } from "../os/snapshot.js";

export function presenceIn(snapshot: NetSnapshot): (effect: Effect) => ReturnType<typeof isPresent> {
  const routes = groupedBy(snapshot.routes, routeSlot);
  const addresses = groupedBy(snapshot.addresses, ({ address, length }) => `${address}/${length}`);
  const proxies = groupedBy(snapshot.proxies, ({ address }) => address);
  return (effect) => {
    // Of what is in another namespace the snapshot shows nothing. What joins that to this one shows whether it is there.
    if (effect.in !== undefined) return "unknown";
    switch (effect.do) {
      case "route.add":
      case "route.withhold":
        return isPresent(effect, { ...snapshot, routes: routes.get(routeSlot(effect.route)) ?? [] });
      case "address.add":
        return isPresent(effect, {
          ...snapshot,
          addresses: addresses.get(canonicalInterfaceAddress(effect.address)) ?? [],
        });
      case "neighbour.proxy":
        return isPresent(effect, { ...snapshot, proxies: proxies.get(effect.address) ?? [] });
      default:
        return isPresent(effect, snapshot);
    }
  };
}

function groupedBy<T>(list: readonly T[], keyOf: (one: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const one of list) {
    const key = keyOf(one);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [one]);
    else group.push(one);
  }
  return groups;
}
