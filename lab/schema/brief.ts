// The brief forms of a topology file, made canonical one by one. Pure; what cannot be read comes back as a problem.

import { formatPrefix, parsePrefix } from "../../src/net/prefix.js";
import type { LinkEnd } from "../topology.js";

export type Read<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: string };

const good = <T>(value: T): Read<T> => ({ ok: true, value });
const bad = (problem: string): Read<never> => ({ ok: false, problem });

export interface LinkText {
  readonly ends: readonly string[];
  readonly prefixes: readonly string[];
  readonly mtu?: number;
}

/** `host:eth0 -- router:eth1, 2001:db8:1::/64, mtu 1280`. */
export function readLink(text: string): Read<LinkText> {
  const [ends = "", ...rest] = text.split(",").map((part) => part.trim());
  const names = ends.split(/\s+--\s+/);
  if (names.length < 2) return bad(`it joins nothing; write "node:dev -- node:dev, PREFIX, mtu N"`);
  const mtus = rest.filter((part) => part.startsWith("mtu "));
  const prefixes = rest.filter((part) => !part.startsWith("mtu "));
  if (mtus.length === 0) return good({ ends: names, prefixes });
  const mtu = Number(mtus[0]?.slice(4));
  if (mtus.length > 1 || !Number.isInteger(mtu) || mtu < 68 || mtu > 65535) {
    return bad(`"${mtus.join(", ")}" is no MTU; write "mtu 1280" once`);
  }
  return good({ ends: names, prefixes, mtu });
}

export type GivenText =
  | { readonly between: readonly [string, string]; readonly mtu: number }
  | { readonly at: string; readonly unreachable: string };

/** `edge -- core, mtu 1400` or `core, unreachable 2001:db8::/32`. */
export function readGiven(text: string): Read<GivenText> {
  const [, at, unreachable] = /^([^\s,]+), unreachable (\S+)$/.exec(text) ?? [];
  if (at !== undefined && unreachable !== undefined) return good({ at, unreachable });
  const link = readLink(text);
  if (!link.ok && / -- .*, mtu /.test(text)) return link;
  const [first, second, third] = link.ok ? link.value.ends : [];
  if (!link.ok || first === undefined || second === undefined || third !== undefined || link.value.mtu === undefined)
    return bad(`write "NODE -- NODE, mtu N" or "NODE, unreachable PREFIX"`);
  if (link.value.prefixes.length > 0) return bad(`"${link.value.prefixes.join(", ")}" is no MTU; write "mtu 1400"`);
  return good({ between: [first, second], mtu: link.value.mtu });
}

/** `router:eth1`. */
export function readEnd(text: string): Read<LinkEnd> {
  const match = /^([^:\s]+):([^:\s/]{1,15})$/.exec(text);
  const [, node, dev] = match ?? [];
  if (node === undefined || dev === undefined) return bad(`write "node:dev", the device of at most 15 characters`);
  return good({ node, dev });
}

/** A prefix in canonical text. */
export function readPrefix(text: string): Read<string> {
  const prefix = parsePrefix(text);
  if (prefix !== undefined && text.includes("/")) return good(formatPrefix(prefix));
  const slash = text.includes("/") ? "its bits behind the length must be zero" : "its length is missing";
  return bad(`it is no prefix such as 2001:db8:1::/64 or 192.0.2.0/24 (${slash})`);
}

/** `100 MB` in octets (the units are decimal). */
export function readSize(given: string | number): number {
  if (typeof given === "number") return given;
  const [, digits = "0", unit = ""] = /^(\d+) ?(kB|MB|GB)?$/.exec(given) ?? [];
  return Number(digits) * ({ kB: 1e3, MB: 1e6, GB: 1e9 }[unit] ?? 1);
}

export const listed = <T>(value: T | readonly T[] | undefined): readonly T[] =>
  value === undefined ? [] : Array.isArray(value) ? (value as readonly T[]) : [value as T];
