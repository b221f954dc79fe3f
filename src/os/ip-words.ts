// The words of `ip` commands, from effects' values. One place for what is run and for what people are shown, so that
// the two cannot differ. Pure.

import type { Route, Rule } from "./effect.js";

/** How a destination that means "everything" is written: a batch has no `-6`, so it must name the family. */
export type AnyStyle = "word" | "prefix";

export function anyPrefix(family: 4 | 6): string {
  return family === 6 ? "::/0" : "0.0.0.0/0";
}

/** What identifies a route to `ip route add` and `ip route del`, and its properties. */
export function routeWords(route: Route, style: AnyStyle = "word"): string[] {
  const words: string[] = [];
  if (route.type !== undefined && route.type !== "unicast") words.push(route.type);
  words.push(route.destination === "default" && style === "prefix" ? anyPrefix(route.family) : route.destination);
  if (route.via !== undefined) words.push("via", route.via);
  if (route.dev !== undefined) words.push("dev", route.dev);
  if (route.protocol !== undefined) words.push("proto", route.protocol);
  if (route.scope !== undefined) words.push("scope", route.scope);
  if (route.source !== undefined) words.push("src", route.source);
  if (route.metric !== undefined) words.push("metric", `${route.metric}`);
  if (route.table !== 254) words.push("table", `${route.table}`);
  if (route.mtu !== undefined) words.push("mtu", `${route.mtu}`);
  if (route.advmss !== undefined) words.push("advmss", `${route.advmss}`);
  if (route.expires !== undefined) words.push("expires", `${route.expires}`);
  if (route.pref !== undefined) words.push("pref", route.pref);
  if (route.onlink === true) words.push("onlink");
  return words;
}

export function ruleWords(rule: Rule): string[] {
  const words = ["pref", `${rule.priority}`, "from", rule.from ?? "all"];
  if (rule.to !== undefined) words.push("to", rule.to);
  if (rule.iif !== undefined) words.push("iif", rule.iif);
  if (rule.fwmark !== undefined) words.push("fwmark", markText(rule));
  words.push("lookup", tableName(rule.table));
  if (rule.protocol !== undefined) words.push("protocol", rule.protocol);
  return words;
}

export function addressWords(effect: {
  readonly dev: string;
  readonly address: string;
  readonly peer?: string;
  readonly deprecated?: boolean;
  readonly nodad?: boolean;
  readonly lifetime?: number;
}): string[] {
  const [local = "", length = ""] = effect.address.split("/");
  const words = effect.peer === undefined ? [effect.address] : [local, "peer", `${effect.peer}/${length}`];
  words.push("dev", effect.dev);
  if (effect.lifetime !== undefined) words.push("valid_lft", `${effect.lifetime}`);
  if (effect.deprecated === true) words.push("preferred_lft", "0");
  else if (effect.lifetime !== undefined) words.push("preferred_lft", `${effect.lifetime}`);
  if (effect.nodad === true) words.push("nodad");
  // The kernel leaves the route of a network to an address with a lifetime behind, until that ends (ipv6_del_addr).
  if (effect.lifetime !== undefined) words.push("noprefixroute");
  return words;
}

function markText(rule: Rule): string {
  const mark = `0x${(rule.fwmark ?? 0).toString(16)}`;
  return rule.fwmask === undefined ? mark : `${mark}/0x${rule.fwmask.toString(16)}`;
}

/** The three tables that have names on every system. */
function tableName(table: number): string {
  if (table === 255) return "local";
  if (table === 254) return "main";
  return table === 253 ? "default" : `${table}`;
}
