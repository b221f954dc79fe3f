// The one neighbour that everything to the PREF64 goes to, where there is one: then the fast path need not look up a route for
// every packet. Pure.

import { type Prefix, parsePrefix, prefixesOverlap } from "../net/prefix.js";
import type { Facts } from "./facts.js";

const localTable = 255;

/**
 * Undefined where routes differ, whichever of them the kernel would take: between two routers it chooses by who answers,
 * which no event tells of.
 *
 * @param pref64 the one that packets go to
 */
export function nextHopOf({ route, snapshot }: Facts, pref64: string, uplink: string): string | undefined {
  const prefix = parsePrefix(pref64);
  if (prefix === undefined || route?.via === undefined || route.dev !== uplink) return undefined;
  const { via } = route;
  const same = snapshot.routes
    .filter(({ family, table }) => family === 6 && table !== localTable)
    .filter(({ destination }) => mayHold(destination, prefix))
    .every((other) => other.dev === uplink && other.via === via && (other.type ?? "unicast") === "unicast");
  return same ? via : undefined;
}

function mayHold(destination: string, pref64: Prefix): boolean {
  const prefix = destination === "default" ? undefined : parsePrefix(destination);
  return prefix === undefined || prefixesOverlap(prefix, pref64);
}
