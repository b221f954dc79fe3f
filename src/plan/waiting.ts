// Why the CLAT is not up, in words for people: what was seen, and what to do.

import { metricOf } from "../os/canonical.js";
import type { Route } from "../os/effect.js";
import type { NetSnapshot } from "../os/snapshot.js";
import type { Desired, WaitReason } from "./desired.js";
import type { Facts } from "./facts.js";

type Waiting = Extract<Desired, { state: "waiting" }>;

export function waiting(reason: WaitReason, text: string, lookAgainIn?: number): Waiting {
  return { state: "waiting", reason, text, ...(lookAgainIn === undefined ? {} : { lookAgainIn }) };
}

export function waitingForStart(): Waiting {
  return waiting("starting", "Looking for the PLAT's prefix; nobody has answered yet");
}

export function waitingForPref64(facts: Facts, reason: string): Waiting {
  const clatDev = facts.config["clat-dev"];
  const todo = hasGlobalIpv6(facts.snapshot, clatDev)
    ? "set plat-prefix, or name a DNS64 server in dns64-servers, if the network has a PLAT"
    : `the host needs IPv6 first (${seenUplinks(facts.snapshot, clatDev)})`;
  return waiting("no-pref64", `No PREF64 is known: ${reason}; ${todo}`);
}

export function waitingForNative(route: Route): Waiting {
  return waiting(
    "native-ipv4",
    `The host has IPv4 of its own, ${describeRoute(route)}: the CLAT takes over when that goes; ` +
      "v4-conncheck-enable=no translates in any case",
  );
}

/** @param delay as configured, in seconds (the text must not change with every look) */
export function waitingForConncheck(delay: number, remaining: number): Waiting {
  return waiting(
    "conncheck-delay",
    `The check for IPv4 connectivity comes ${delay} s after the start (v4-conncheck-delay)`,
    remaining,
  );
}

export function waitingForUplink(facts: Facts, reason: string): Waiting {
  const seen = seenUplinks(facts.snapshot, facts.config["clat-dev"]);
  return waiting("no-route", `${reason} (${seen}); the CLAT comes up as soon as there is a way to the PLAT`);
}

export function waitingForAddress(reason: string): Waiting {
  return waiting("no-clat-address", reason);
}

/** @param theirs the default route of another clatd of this host, in the place where ours would be */
export function waitingForRoute(theirs: Route): Waiting {
  return waiting(
    "route-taken",
    `Another clatd has the IPv4 default route, on ${theirs.dev ?? "its device"} with metric ${metricOf(theirs)}: give this one ` +
      "another v4-defaultroute-metric, or v4-defaultroute-enable=no",
  );
}

function describeRoute(route: Route): string {
  const via = route.via === undefined ? "" : ` via ${route.via}`;
  const dev = route.dev === undefined ? "" : ` dev ${route.dev}`;
  return `"${route.destination}${via}${dev}"`;
}

function hasGlobalIpv6({ addresses }: NetSnapshot, clatDev: string): boolean {
  return addresses.some(({ dev, family, scope }) => dev !== clatDev && family === 6 && scope === "global");
}

/** What a person would look at first when a route is missing. */
function seenUplinks(snapshot: NetSnapshot, clatDev: string): string {
  const links = snapshot.links.filter(({ kind, name }) => kind !== "loopback" && name !== "lo" && name !== clatDev);
  if (links.length === 0) return "the host has no network device";
  const seen = links.map(({ name, up, running }) => {
    const addresses = snapshot.addresses.filter(
      ({ dev, family, scope }) => dev === name && family === 6 && scope === "global",
    );
    const state = !up ? "down" : !running ? "without carrier" : "up";
    return `${name} is ${state}${addresses.length === 0 ? ", without a global IPv6 address" : ""}`;
  });
  return seen.join("; ");
}
