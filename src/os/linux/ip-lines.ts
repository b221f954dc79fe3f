// Effects as lines for `ip -batch`: doing and undoing. Pure. Undefined: not a matter for `ip` alone.

import { directWords, linkSetWords } from "../describe.js";
import type { Applied } from "../driver.js";
import type { Effect } from "../effect.js";
import { addressWords, routeWords, ruleWords } from "../ip-words.js";
import type { LinkBefore } from "../prior-values.js";
import type { LinkState } from "../snapshot.js";

/** How a namespace by name is written for `ip`: its file, since names are looked up in another mount namespace. */
export type NetnsWord = (name: string) => string;

export function doLines(effect: Effect, netnsWord: NetnsWord): string[] | undefined {
  switch (effect.do) {
    case "link.add":
      return linkAddLines(effect, netnsWord);
    case "link.set": {
      if (effect.features !== undefined) return undefined;
      return [line("link", "set", "dev", effect.name, ...linkSetWords(effect))];
    }
    case "address.add":
      return [line("address", "add", ...addressWords(effect))];
    case "route.add":
      return [line("route", "add", ...routeWords(effect.route, "prefix"))];
    case "route.withhold":
      return [line("route", "del", ...routeWords(effect.route, "prefix"))];
    case "rule.add":
      return [line("rule", "add", ...ruleWords(effect.rule))];
    case "rule.withhold":
      return [line("rule", "del", ...ruleWords(effect.rule))];
    case "neighbour.proxy":
      return [line("neighbour", "add", "proxy", effect.address, "dev", effect.dev)];
    default:
      return undefined;
  }
}

function linkAddLines(effect: Effect & { do: "link.add" }, netnsWord: NetnsWord): string[] | undefined {
  const { name, link, mtu } = effect;
  if (link.kind === "tun") return undefined;
  const own = link.kind === "veth" && effect.in !== undefined ? ["netns", netnsWord(effect.in)] : [];
  const direct = link.kind === "veth" && link.direct === true ? directWords : [];
  const head = ["link", "add", name, ...own, ...(mtu === undefined ? [] : ["mtu", `${mtu}`]), ...direct, "type"];
  if (link.kind === "bridge") return [line(...head, "bridge")];
  const peerNetns = link.peerNetns ?? effect.in;
  const there = peerNetns === undefined ? [] : ["netns", netnsWord(peerNetns)];
  return [line(...head, "veth", "peer", "name", link.peer, ...direct, ...there)];
}

/** Undefined: it has no lifetime. */
export function renewLine(effect: Effect): string | undefined {
  if (effect.do !== "address.add" || effect.lifetime === undefined) return undefined;
  return line("address", "change", ...addressWords(effect));
}

/** Lines that undo it. For a link.set: only what still has the value that we gave. */
export function undoLines(applied: Applied, link: LinkState | undefined): string[] | undefined {
  const { effect, undo } = applied;
  switch (effect.do) {
    case "link.add":
      return effect.link.kind === "tun" ? undefined : [line("link", "del", "dev", effect.name)];
    case "link.set":
      return link === undefined ? [] : linkBack(effect, undo, link);
    case "address.add":
      return [line("address", "del", ...addressWords({ dev: effect.dev, address: effect.address, ...peerOf(effect) }))];
    case "route.add":
      return [line("route", "del", ...routeWords(withoutVolatile(effect.route), "prefix"))];
    case "route.withhold": {
      const words = undo["words"];
      return [line("route", "add", ...(isWords(words) ? words : routeWords(effect.route, "prefix")))];
    }
    case "rule.add":
      return [line("rule", "del", ...ruleWords(effect.rule))];
    case "rule.withhold": {
      const protocol = undo["protocol"];
      const rule = typeof protocol === "string" ? { ...effect.rule, protocol } : effect.rule;
      return [line("rule", "add", ...ruleWords(rule))];
    }
    case "neighbour.proxy":
      return [line("neighbour", "del", "proxy", effect.address, "dev", effect.dev)];
    default:
      return undefined;
  }
}

function linkBack(effect: Effect & { do: "link.set" }, before: LinkBefore, link: LinkState): string[] {
  const lines: string[] = [];
  const set = (...words: string[]): void => void lines.push(line("link", "set", "dev", effect.name, ...words));
  if (before.up !== undefined && link.up === effect.up) set(before.up ? "up" : "down");
  if (before.master !== undefined && link.master === effect.master) {
    set(...(before.master === null ? ["nomaster"] : ["master", before.master]));
  }
  if (before.mtu !== undefined && link.mtu === effect.mtu) set("mtu", `${before.mtu}`);
  return lines;
}

function peerOf(effect: { readonly peer?: string }): { peer?: string } {
  return effect.peer === undefined ? {} : { peer: effect.peer };
}

/** A lifetime is no part of what identifies a route. */
function withoutVolatile(route: (Effect & { do: "route.add" })["route"]): typeof route {
  const { expires: _expires, ...rest } = route;
  return rest;
}

function isWords(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((word) => typeof word === "string");
}

/** Nothing that we pass needs quoting; a word with a blank or a line feed would become another command. */
function line(...words: string[]): string {
  for (const word of words) {
    if (!/^[^\s"'\\#]+$/.test(word))
      throw new RangeError(
        `Cannot pass ${JSON.stringify(word)} to ip: it has a character that names and addresses cannot have`,
      );
  }
  return words.join(" ");
}
