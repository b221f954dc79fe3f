// All that the plan may know, gathered by the daemon in one go, and the few questions asked of it more than once.

import type { Config } from "../config/key-table.js";
import type { Pref64Report } from "../discovery/source.js";
import { canonicalInterfaceAddress } from "../os/canonical.js";
import type { Applied, RouteLookup } from "../os/driver.js";
import type { Effect, Route } from "../os/effect.js";
import { isRoute } from "../os/identity.js";
import type { NetSnapshot } from "../os/snapshot.js";

export interface Facts {
  readonly config: Config;
  readonly snapshot: NetSnapshot;
  /** What is ours, in the order of doing (from the journal). */
  readonly applied: readonly Applied[];
  /** What the other clatds of this host hold (from their journals): theirs is no IPv4 of the host's own. */
  readonly others?: readonly Applied[];
  /** What the sources say together; absent until the first of them has spoken. */
  readonly pref64?: Pref64Report;
  /** What the kernel would do with a packet to that prefix. */
  readonly route?: RouteLookup;
  /** Unpredictable octets (16), the same for as long as the daemon runs: a derived address stays. */
  readonly random: Uint8Array;
  /** Milliseconds since the daemon's start. */
  readonly uptime: number;
  /** The last attempt failed, and the next one is not due. */
  readonly failure?: Failure;
}

export interface Failure {
  /** What failed and why, for people. */
  readonly text: string;
  /** Milliseconds until the next attempt. */
  readonly again: number;
}

/** As the host would be without us: our addresses on its devices are not its own. */
export function withoutOurAddresses(facts: Facts): Facts {
  const { applied, snapshot, route } = facts;
  const ours = new Set(
    applied.flatMap(({ effect }) =>
      effect.do === "address.add" ? [`${effect.dev} ${canonicalInterfaceAddress(effect.address)}`] : [],
    ),
  );
  const { addresses } = snapshot;
  const theirs = addresses.filter(({ dev, address, length }) => !ours.has(`${dev} ${address}/${length}`));
  if (theirs.length === addresses.length) return facts;
  const cleared = { ...facts, snapshot: { ...snapshot, addresses: theirs } };
  // The kernel takes a deprecated address where there is no other.
  if (route?.source === undefined || theirs.some(({ address }) => address === route.source)) return cleared;
  const { source: _ours, ...sourceless } = route;
  return { ...cleared, route: sourceless };
}

const mainTable = 254;

/** IPv4 default routes in the main table that are neither ours nor over a CLAT, this one or another of the host. */
export function foreignDefaultRoutes(facts: Facts): readonly Route[] {
  const clats = routesOf([...facts.applied, ...(facts.others ?? [])]);
  return defaultRoutes(facts).filter((route) => !clats.some((one) => isRoute(one, route)));
}

/** Those of another clatd of this host. */
export function othersDefaultRoutes(facts: Facts): readonly Route[] {
  const theirs = routesOf(facts.others ?? []);
  return defaultRoutes(facts).filter((route) => theirs.some((one) => isRoute(one, route)));
}

function defaultRoutes({ config, snapshot }: Facts): readonly Route[] {
  return snapshot.routes.filter(
    (route) =>
      route.family === 4 &&
      route.destination === "default" &&
      route.table === mainTable &&
      (route.type === undefined || route.type === "unicast") &&
      route.dev !== config["clat-dev"],
  );
}

function routesOf(applied: readonly Applied[]): readonly Route[] {
  return applied.flatMap(({ effect }) => (effect.do === "route.add" && effect.in === undefined ? [effect.route] : []));
}

/** Those of them that can carry packets: a cable that was pulled leaves its route behind. */
export function nativeIpv4(facts: Facts): Route | undefined {
  return foreignDefaultRoutes(facts).find(({ dev }) => {
    const link = facts.snapshot.links.find(({ name }) => name === dev);
    return dev === undefined || link?.running === true;
  });
}

/** Routes that we keep away already; somebody may have put one back meanwhile. */
export function withheldRoutes(facts: Facts): readonly Route[] {
  return facts.applied.flatMap(({ effect }) => (effect.do === "route.withhold" ? [effect.route] : []));
}

/** Whether a sysctl has this value because we set it. */
export function setByUs(facts: Facts, key: string): boolean {
  const ours = facts.applied.map(({ effect }) => effect).find((effect) => isSetting(effect, key));
  return ours?.do === "sysctl.set" && facts.snapshot.sysctls[key] === ours.value;
}

function isSetting(effect: Effect, key: string): boolean {
  return effect.do === "sysctl.set" && effect.key === key;
}
