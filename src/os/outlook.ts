// What a namespace will look like while a list of effects is prepared: a snapshot, and on top of it what the effects
// before this one will have done. Only what preparing asks for is kept. Pure.

import { addressOf, addressSlot, routeSlot, ruleSlot } from "./canonical.js";
import type { Effect, Route, Rule } from "./effect.js";
import { isRoute } from "./identity.js";
import type { AttachedProgram, LinkState, NetSnapshot } from "./snapshot.js";
import { deviceKey, forwardingTrap, parseDeviceKey } from "./sysctl.js";

export interface Outlook {
  /** The namespace itself comes with this list: all in it goes with it. */
  readonly fresh: boolean;
  readonly links: Map<string, LinkState | "fresh">;
  readonly addresses: Set<string>;
  readonly routes: Route[];
  /** How many routes are in each slot: a relay may bring thousands, each of which asks. */
  readonly slots: Map<string, number>;
  readonly rules: Rule[];
  readonly proxies: Set<string>;
  readonly nft: Set<string>;
  readonly sysctls: Map<string, string>;
  readonly programs: AttachedProgram[];
}

export function outlookOf(snapshot: NetSnapshot): Outlook {
  return {
    fresh: false,
    links: new Map(snapshot.links.map((link) => [link.name, link])),
    addresses: new Set(snapshot.addresses.map(({ dev, address, length }) => addressSlot(dev, `${address}/${length}`))),
    routes: [...snapshot.routes],
    slots: slotsOf(snapshot.routes),
    rules: [...snapshot.rules],
    proxies: new Set(snapshot.proxies.map(({ dev, address }) => `${dev} ${address}`)),
    nft: new Set(snapshot.nft.map(({ family, name }) => `${family} ${name}`)),
    sysctls: new Map(Object.entries(snapshot.sysctls)),
    programs: [...snapshot.programs],
  };
}

/** A namespace that does not exist yet. */
export function freshOutlook(): Outlook {
  return {
    fresh: true,
    links: new Map([["lo", "fresh"]]),
    addresses: new Set(),
    routes: [],
    slots: new Map(),
    rules: [4, 6].flatMap((family): Rule[] => [
      { family: family === 4 ? 4 : 6, priority: 0, table: 255 },
      { family: family === 4 ? 4 : 6, priority: 32766, table: 254 },
    ]),
    proxies: new Set(),
    nft: new Set(),
    sysctls: new Map(),
    programs: [],
  };
}

export function proxyKey(effect: Effect & { do: "neighbour.proxy" }): string {
  return `${effect.dev} ${addressOf(effect.address)}`;
}

/** Takes the effect as done. */
export function assume(outlook: Outlook, effect: Effect): void {
  switch (effect.do) {
    case "link.add":
      outlook.links.set(effect.name, "fresh");
      if (effect.link.kind === "veth" && effect.link.peerNetns === undefined)
        outlook.links.set(effect.link.peer, "fresh");
      return;
    case "link.set": {
      const link = outlook.links.get(effect.name);
      if (link === undefined || link === "fresh") return;
      const { up = link.up, mtu = link.mtu, master = link.master } = effect;
      outlook.links.set(effect.name, { ...link, up, mtu, ...(master === undefined ? {} : { master }) });
      return;
    }
    case "address.add":
      outlook.addresses.add(addressSlot(effect.dev, effect.address));
      return;
    case "route.add":
      outlook.routes.push(effect.route);
      countSlot(outlook.slots, effect.route, 1);
      return;
    case "route.withhold":
      if (remove(outlook.routes, (route) => isRoute(route, effect.route))) countSlot(outlook.slots, effect.route, -1);
      return;
    case "rule.add":
      outlook.rules.push(effect.rule);
      return;
    case "rule.withhold":
      remove(outlook.rules, (rule) => ruleSlot(rule) === ruleSlot(effect.rule));
      return;
    case "neighbour.proxy":
      outlook.proxies.add(proxyKey(effect));
      return;
    case "sysctl.set":
      assumeSysctl(outlook.sysctls, effect.key, effect.value);
      return;
    case "nft.table":
      outlook.nft.add(`${effect.family} ${effect.name}`);
      return;
    case "bpf.attach": {
      const { dev, hook, program, object } = effect;
      outlook.programs.push({ dev, hook, program, object });
      return;
    }
    case "nat46.device":
      outlook.links.set(effect.name, "fresh");
      return;
    case "process.start":
      if (effect.link !== undefined) outlook.links.set(effect.link, "fresh");
      return;
    case "netns.add":
    case "ufw.route":
    case "jool.instance":
    case "file.write":
      return;
  }
}

function assumeSysctl(sysctls: Map<string, string>, key: string, value: string): void {
  const before = sysctls.get(key);
  sysctls.set(key, value);
  const trap = forwardingTrap(key);
  if (trap === undefined || (trap === "ipv4" && before === value)) return;
  for (const other of forwardingKeys(sysctls.keys(), trap)) sysctls.set(other, value);
}

/** Every key that a write to the trap's key changes as well. */
export function forwardingKeys(keys: Iterable<string>, trap: "ipv4" | "ipv6"): string[] {
  return [...keys].filter((key) => {
    if (trap === "ipv4" && key === "net.ipv4.ip_forward") return true;
    const parsed = parseDeviceKey(key);
    return parsed?.family === trap && key === deviceKey(trap, parsed.dev, "forwarding");
  });
}

/** The same place in a routing table is taken. */
export function slotTaken(outlook: Outlook, route: Route): boolean {
  return (outlook.slots.get(routeSlot(route)) ?? 0) > 0;
}

function slotsOf(routes: readonly Route[]): Map<string, number> {
  const slots = new Map<string, number>();
  for (const route of routes) countSlot(slots, route, 1);
  return slots;
}

function countSlot(slots: Map<string, number>, route: Route, change: number): void {
  const slot = routeSlot(route);
  slots.set(slot, (slots.get(slot) ?? 0) + change);
}

/** Whether there was one. */
function remove<T>(list: T[], matches: (one: T) => boolean): boolean {
  const at = list.findIndex(matches);
  if (at >= 0) list.splice(at, 1);
  return at >= 0;
}
