// What an effect is to the kernel: which place it takes there, whether two are equal, whether it still stands. Pure.

import {
  addressOf,
  addressSlot,
  canonicalDestination,
  canonicalInterfaceAddress,
  familyOf,
  routeSlot,
  ruleSlot,
} from "./canonical.js";
import type { Effect, Route } from "./effect.js";
import type { AttachedProgram, NetSnapshot } from "./snapshot.js";
import { sortedJson } from "./sorted.js";
import { sameSetting, volatileSysctl } from "./sysctl.js";
import { ufwWords } from "./ufw-words.js";

/** The place in the kernel that the effect takes: two effects with one key cannot stand side by side. */
export function effectKey(effect: Effect): string {
  const key = keyInNamespace(effect);
  return effect.in === undefined ? key : `${effect.in}: ${key}`;
}

function keyInNamespace(effect: Effect): string {
  switch (effect.do) {
    case "netns.add":
      return `netns ${effect.name}`;
    case "link.add":
      return `link ${effect.name}`;
    case "link.set":
      return `link-set ${effect.name} ${settings(effect).join(",")}`;
    case "address.add":
      // The peer tells IPv4 addresses apart; IPv6 knows an address once on a device.
      return `address ${addressSlot(effect.dev, effect.address)} ${familyOf(effect.address) === 6 ? "-" : (effect.peer ?? "-")}`;
    case "route.add":
      return `route ${routeSlot(effect.route)}`;
    case "route.withhold":
      return `withhold route ${routeSlot(effect.route)} via ${effect.route.via ?? "-"} dev ${effect.route.dev ?? "-"}`;
    case "rule.add":
      return `rule ${ruleSlot(effect.rule)}`;
    case "rule.withhold":
      return `withhold rule ${ruleSlot(effect.rule)}`;
    case "neighbour.proxy":
      return `proxy ${addressOf(effect.address)} dev ${effect.dev}`;
    case "sysctl.set":
      return `sysctl ${effect.key}`;
    case "nft.table":
      return `nft ${effect.family} ${effect.name}`;
    case "ufw.route":
      return `ufw ${ufwWords(effect).join(" ")}`;
    case "bpf.attach":
      return `program ${effect.program} of ${effect.object} on ${effect.hook} ${effect.dev}`;
    case "nat46.device":
      return `link ${effect.name}`;
    case "jool.instance":
      return `jool ${effect.name}`;
    case "file.write":
      return `file ${effect.path}`;
    case "process.start":
      return effect.link === undefined ? `process ${effect.name}` : `link ${effect.link}`;
  }
}

/** Which properties a `link.set` is about: two about different ones of a link stand side by side. */
function settings(effect: Effect & { do: "link.set" }): string[] {
  const names = (["up", "mtu", "master"] as const).filter((name) => effect[name] !== undefined);
  return [...names, ...Object.keys(effect.features ?? {})].toSorted();
}

/** Whether doing one is doing the other. The order of properties does not count. */
export function sameEffect(a: Effect, b: Effect): boolean {
  return sortedJson(a) === sortedJson(b);
}

/**
 * Whether an applied effect still stands in the system (in the namespace that the snapshot shows); `unknown` where the
 * snapshot does not tell (files, processes, other sysctls).
 */
export function isPresent(effect: Effect, snapshot: NetSnapshot): boolean | "unknown" {
  switch (effect.do) {
    case "netns.add":
    case "jool.instance":
    case "ufw.route":
    case "file.write":
      return "unknown";
    case "process.start":
      return effect.link === undefined ? "unknown" : hasLink(snapshot, effect.link);
    case "nat46.device":
      return hasLink(snapshot, effect.name);
    case "link.add":
      return snapshot.links.some(({ name, kind }) => name === effect.name && kind === effect.link.kind);
    case "link.set":
      return linkHas(effect, snapshot);
    case "address.add":
      return snapshot.addresses.some((state) => isAddress(effect, state) && !state.dadFailed);
    case "route.add":
      return snapshot.routes.some((route) => standsFor(route, effect.route));
    case "route.withhold":
      return !snapshot.routes.some((route) => isRoute(route, effect.route));
    case "rule.add":
      return snapshot.rules.some((rule) => ruleSlot(rule) === ruleSlot(effect.rule));
    case "rule.withhold":
      return !snapshot.rules.some((rule) => ruleSlot(rule) === ruleSlot(effect.rule));
    case "neighbour.proxy":
      return snapshot.proxies.some(({ dev, address }) => dev === effect.dev && address === addressOf(effect.address));
    case "sysctl.set": {
      const value = snapshot.sysctls[effect.key];
      if (value === undefined) return volatileSysctl(effect.key) ? false : "unknown";
      return sameSetting(value, effect.value);
    }
    case "nft.table":
      return snapshot.nft.some(({ family, name }) => family === effect.family && name === effect.name);
    case "bpf.attach":
      return snapshot.programs.some((program) => isAttached(effect, program));
  }
}

/** The program that the effect has put there. */
export function isAttached(
  effect: Effect & { do: "bpf.attach" },
  { dev, hook, program, object }: AttachedProgram,
): boolean {
  return dev === effect.dev && hook === effect.hook && program === effect.program && object === effect.object;
}

function hasLink(snapshot: NetSnapshot, wanted: string): boolean {
  return snapshot.links.some(({ name }) => name === wanted);
}

function linkHas(effect: Effect & { do: "link.set" }, snapshot: NetSnapshot): boolean | "unknown" {
  const link = snapshot.links.find(({ name }) => name === effect.name);
  if (link === undefined) return false;
  if (effect.up !== undefined && link.up !== effect.up) return false;
  if (effect.mtu !== undefined && link.mtu !== effect.mtu) return false;
  if (effect.master !== undefined && link.master !== effect.master) return false;
  return effect.features === undefined ? true : "unknown";
}

function isAddress(
  effect: Effect & { do: "address.add" },
  state: { readonly dev: string; readonly address: string; readonly length: number },
): boolean {
  return state.dev === effect.dev && `${state.address}/${state.length}` === canonicalInterfaceAddress(effect.address);
}

/** The same route to the kernel: its slot, and where it leads. Where no device was asked for, the gateway gave one. */
export function isRoute(shown: Route, asked: Route): boolean {
  if (routeSlot(shown) !== routeSlot(asked) || (shown.type ?? "unicast") !== (asked.type ?? "unicast")) return false;
  // `unreachable` routes of IPv6 show the loopback device.
  const leads = (shown.type ?? "unicast") === "unicast" || shown.type === "local";
  const sameDevice = asked.dev === undefined || shown.dev === asked.dev;
  return !leads || (sameDevice && (shown.via ?? "") === (asked.via ?? ""));
}

/** Whether what the kernel shows is what was asked for; what was not asked for is the kernel's choice. */
function standsFor(shown: Route, asked: Route): boolean {
  if (!isRoute(shown, asked)) return false;
  const same = <K extends keyof Route>(key: K): boolean => asked[key] === undefined || shown[key] === asked[key];
  const source =
    asked.source === undefined ||
    (shown.source !== undefined && canonicalDestination(shown.source) === canonicalDestination(asked.source));
  return source && same("mtu") && same("advmss");
}
