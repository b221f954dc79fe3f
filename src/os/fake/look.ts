// What the model looks like from outside: snapshots and route look-ups, as `ip` would tell.

import type { RouteLookup } from "../driver.js";
import type { Route } from "../effect.js";
import type { AttachedProgram, NetSnapshot, NftTable } from "../snapshot.js";
import { sorted, sortedByName } from "../sorted.js";
import { deviceKey, plainSysctls, volatileSysctl } from "../sysctl.js";
import { isRunning } from "./link-state.js";
import { type FakeFlow, findRoute, pickSource } from "./lookup.js";
import { allRoutes } from "./route-list.js";
import type { FakeNetns } from "./state.js";

/** @param owner the driver that looks */
export function lookAll(ns: FakeNetns, owner: object): NetSnapshot {
  const plain: readonly string[] = plainSysctls;
  return {
    links: sortedByName(
      [...ns.links.values()].map((link) => ({
        name: link.name,
        kind: link.kind,
        up: link.up,
        running: isRunning(ns, link),
        mtu: link.mtu,
        ...(link.mac === undefined ? {} : { mac: link.mac }),
        ...(link.master === undefined ? {} : { master: link.master }),
      })),
    ),
    addresses: sorted(
      ns.addresses.map(({ peer: _peer, automatic: _automatic, expires: _expires, ...state }) => ({ ...state })),
    ),
    routes: sorted(allRoutes(ns).map(({ learned: _learned, ...route }): Route => route)),
    rules: ns.rules.toSorted((a, b) => a.family - b.family || a.priority - b.priority),
    proxies: sorted(ns.proxies),
    sysctls: Object.fromEntries(
      [...ns.sysctls]
        .filter(([key]) => plain.includes(key) || volatileSysctl(key))
        .toSorted(([a], [b]) => (a < b ? -1 : 1)),
    ),
    nft: sorted([...ns.nft.values(), ...ufwTables(ns)]),
    ...(ns.ufw === undefined ? {} : { ufw: true }),
    programs: sorted(
      ns.programs
        .filter((program) => program.owner === owner)
        .map(({ owner: _owner, by: _by, ...program }): AttachedProgram => program),
    ),
  };
}

/** UFW brings its rules into the kernel by iptables-nft. */
function ufwTables({ ufw }: FakeNetns): NftTable[] {
  if (ufw === undefined) return [];
  const rules = [...ufw].map(([rule, comment]) => `  ${rule} # ${comment}`);
  const forward =
    "chain FORWARD {\n  type filter hook forward priority filter; policy drop;\n  jump ufw6-user-forward\n}";
  const text = `table ip6 filter {\n${forward}\nchain ufw6-user-forward {\n${rules.join("\n")}\n}\n}`;
  return [{ family: "ip6", name: "filter", text }];
}

export function lookRoute(ns: FakeNetns, flow: FakeFlow): RouteLookup | undefined {
  const route = findRoute(ns, flow);
  if (route === undefined || (route.type !== undefined && route.type !== "local")) return undefined;
  const dev = route.type === "local" ? "lo" : route.dev;
  const link = dev === undefined ? undefined : ns.links.get(dev);
  if (dev === undefined || link === undefined) return undefined;
  const source = pickSource(ns, route, flow.destination);
  const learned = route.family === 6 ? Number(ns.sysctls.get(deviceKey("ipv6", dev, "mtu")) ?? link.mtu) : link.mtu;
  return {
    dev,
    ...(source === undefined ? {} : { source }),
    ...(route.via === undefined ? {} : { via: route.via }),
    mtu: route.mtu ?? Math.min(learned, link.mtu),
  };
}
