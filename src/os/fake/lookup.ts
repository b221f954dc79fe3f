// Which route a packet takes in the model: rules in the order of priority, in each table the longest prefix, among equals
// the least metric.

import { parseAddress } from "../../net/address.js";
import { commonPrefixLength, parsePrefix, prefixContains } from "../../net/prefix.js";
import { metricOf } from "../canonical.js";
import type { Rule } from "../effect.js";
import { allRoutes } from "./route-list.js";
import type { FakeAddress, FakeNetns, FakeRoute } from "./state.js";

/** What rules may look at. */
export interface FakeFlow {
  readonly destination: string;
  /** Absent: a packet of the host's own that has no source yet. */
  readonly source?: string;
  /** Absent: a packet of the host's own. */
  readonly iif?: string;
  readonly mark?: number;
}

/** Undefined where no table has a route. A route found may be of a type that refuses the packet. */
export function findRoute(ns: FakeNetns, flow: FakeFlow): FakeRoute | undefined {
  const family = flow.destination.includes(":") ? 6 : 4;
  const routes = allRoutes(ns);
  const rules = ns.rules.filter((rule) => rule.family === family && ruleMatches(rule, flow)).toSorted(byPriority);
  for (const rule of rules) {
    const found = bestRoute(
      routes.filter(({ table }) => table === rule.table),
      flow.destination,
    );
    if (found !== undefined) return found;
  }
  return undefined;
}

function byPriority(a: Rule, b: Rule): number {
  return a.priority - b.priority;
}

function ruleMatches(rule: Rule, flow: FakeFlow): boolean {
  if (rule.iif !== undefined && rule.iif !== (flow.iif ?? "lo")) return false;
  if (rule.fwmark !== undefined && (((flow.mark ?? 0) ^ rule.fwmark) & (rule.fwmask ?? 0xffffffff)) !== 0) return false;
  return inside(rule.to, flow.destination) && inside(rule.from, flow.source);
}

function inside(prefix: string | undefined, address: string | undefined): boolean {
  if (prefix === undefined) return true;
  const parsed = parsePrefix(prefix);
  const octets = address === undefined ? undefined : parseAddress(address);
  return parsed !== undefined && octets !== undefined && prefixContains(parsed, octets);
}

/** Longest prefix, then least metric. */
export function bestRoute(routes: readonly FakeRoute[], destination: string): FakeRoute | undefined {
  const octets = parseAddress(destination);
  if (octets === undefined) return undefined;
  const family = octets.length === 4 ? 4 : 6;
  let best: { route: FakeRoute; length: number } | undefined;
  for (const route of routes) {
    if (route.family !== family) continue;
    const prefix = route.destination === "default" ? undefined : parsePrefix(route.destination);
    if (route.destination !== "default" && (prefix === undefined || !prefixContains(prefix, octets))) continue;
    const length = prefix?.length ?? 0;
    const better =
      best === undefined || length > best.length || (length === best.length && metricOf(route) < metricOf(best.route));
    if (better) best = { route, length };
  }
  return best?.route;
}

/** Whether the host has this address (RFC 4862: a tentative one is not its own yet). */
export function hasLocal(ns: FakeNetns, address: string): boolean {
  return ns.addresses.some((one) => one.address === address && !one.dadFailed && !(one.family === 6 && one.tentative));
}

/** The source that the kernel would pick: the route's own, else by the rules of RFC 6724 §5 that matter here. */
export function pickSource(ns: FakeNetns, route: FakeRoute, destination: string): string | undefined {
  if (route.source !== undefined) return route.source;
  const family = route.family;
  const usable = ns.addresses.filter((one) => one.family === family && !one.dadFailed && !one.tentative);
  const target = parseAddress(destination);
  if (target === undefined) return undefined;
  const linkLocal = destination.startsWith("fe80:");
  const rank = (one: FakeAddress): number[] => [
    one.address === destination ? 0 : 1,
    (one.scope === "link") === linkLocal && one.scope !== "host" ? 0 : 1,
    one.deprecated ? 1 : 0,
    one.dev === route.dev ? 0 : 1,
    one.temporary ? 0 : 1,
    family === 6 ? -commonPrefixLength(parseAddress(one.address) ?? target, target) : 0,
  ];
  const [best] = usable.toSorted((a, b) => compareRanks(rank(a), rank(b)));
  return best?.scope === "host" && route.type !== "local" ? undefined : best?.address;
}

function compareRanks(a: readonly number[], b: readonly number[]): number {
  for (const [index, value] of a.entries()) {
    const difference = value - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
