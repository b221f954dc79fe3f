// One spelling for everything that effects and snapshots say, so that they can be compared: destinations with their
// lengths, defaults left out. Pure.

import { formatPrefix, maskPrefix, parseInterfaceAddress } from "../net/prefix.js";
import type { Route, Rule } from "./effect.js";

/** `default`, or a prefix with its length. What is neither stays as it is. */
export function canonicalDestination(text: string): string {
  if (text === "default" || text === "0.0.0.0/0" || text === "::/0") return "default";
  const parsed = parseInterfaceAddress(text);
  return parsed === undefined ? text : formatPrefix(maskPrefix(parsed.octets, parsed.length));
}

/** `from`, `to` of a rule: undefined where it means everything. */
export function canonicalSelector(text: string | undefined): string | undefined {
  if (text === undefined || text === "all") return undefined;
  const destination = canonicalDestination(text);
  return destination === "default" ? undefined : destination;
}

/** An address with its length, host bits kept: `192.0.2.1/24`. */
export function canonicalInterfaceAddress(text: string): string {
  const parsed = parseInterfaceAddress(text);
  return parsed === undefined ? text : formatPrefix(parsed);
}

/** The address alone. */
export function addressOf(text: string): string {
  const canonical = canonicalInterfaceAddress(text);
  return canonical.slice(0, canonical.indexOf("/"));
}

export function familyOf(address: string): 4 | 6 {
  return address.includes(":") ? 6 : 4;
}

/** The metric that the kernel gives where none is asked for. To the local routes of IPv6 addresses it gives 0 by itself. */
export function metricOf({ family, type, metric }: Route): number {
  if (family === 4) return metric ?? 0;
  return metric === undefined || (metric === 0 && type !== "local") ? 1024 : metric;
}

/** The place on a device that only one address can have: IPv6 knows an address once, whatever its length. */
export function addressSlot(dev: string, address: string): string {
  const canonical = canonicalInterfaceAddress(address);
  return `${dev} ${familyOf(canonical) === 6 ? addressOf(canonical) : canonical}`;
}

/** The place in a table that only one route can have: the kernel answers `File exists` to a second one. */
export function routeSlot(route: Route): string {
  return `${route.family} table ${route.table} ${canonicalDestination(route.destination)} metric ${metricOf(route)}`;
}

/** Says what a rule selects and where it leads; two rules with equal text are duplicates to the kernel. */
export function ruleSlot(rule: Rule): string {
  const { family, priority, from, to, iif, fwmark, fwmask, table } = canonicalRule(rule);
  const parts = [from, to, iif, fwmark, fwmark === undefined ? undefined : (fwmask ?? allBits)];
  return `${family} ${priority} ${parts.map((part) => part ?? "-").join(" ")} table ${table}`;
}

const allBits = 0xffffffff;

/** As the kernel shows it: no selector that selects everything, no mask of all bits. */
export function canonicalRule({ from: _from, to: _to, fwmark, fwmask, ...rest }: Rule): Rule {
  const [from, to] = [canonicalSelector(_from), canonicalSelector(_to)];
  const marked = fwmark !== undefined && (fwmark !== 0 || fwmask !== undefined);
  return {
    ...rest,
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    ...(marked ? { fwmark } : {}),
    ...(marked && fwmask !== undefined && fwmask !== allBits ? { fwmask } : {}),
  };
}
