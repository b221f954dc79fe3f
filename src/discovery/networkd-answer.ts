// What systemd-networkd knows of the PREF64s that it had from Router Advertisements (RFC 8781), as `networkctl
// --json=short status` prints it (systemd 255 and later; earlier ones print no PREF64). Pure; takes any text; never throws.

import { parseIpv6 } from "../net/address.js";
import { formatPrefix, maskPrefix } from "../net/prefix.js";
import { asPref64, isPref64Length } from "../net/rfc6052.js";
import { mayTranslate } from "./well-known-address.js";

export type NetworkdAnswer =
  /** Canonical prefixes, at least one, all of one device: those of another lead to another PLAT. */
  | { readonly kind: "prefixes"; readonly prefixes: readonly string[] }
  /** It answered, and knows none. */
  | { readonly kind: "none" }
  /** `problem` continues "systemd-networkd …". */
  | { readonly kind: "useless"; readonly problem: string };

/** More than an operator has, and less than a malicious router can send. */
const mostPrefixes = 16;

/** @param platDev only what came in by this device counts */
export function readNetworkdAnswer(text: string, platDev?: string): NetworkdAnswer {
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch {
    return { kind: "useless", problem: "printed something that is not JSON" };
  }
  const interfaces = fieldOf(answer, "Interfaces");
  if (!Array.isArray(interfaces)) return { kind: "useless", problem: "printed no list of interfaces" };
  for (const device of interfaces) {
    if (platDev !== undefined && fieldOf(device, "Name") !== platDev) continue;
    const prefixes = prefixesOf(device);
    if (prefixes.length > 0) return { kind: "prefixes", prefixes };
  }
  return { kind: "none" };
}

function prefixesOf(device: unknown): string[] {
  const list = fieldOf(fieldOf(device, "NDisc"), "PREF64");
  if (!Array.isArray(list)) return [];
  return [...new Set(list.slice(0, mostPrefixes).flatMap((entry) => prefixOf(entry) ?? []))];
}

/** Undefined where it is no translation prefix (RFC 6052 §2.2). */
function prefixOf(entry: unknown): string | undefined {
  const octets = addressOf(fieldOf(entry, "Prefix"));
  const length = fieldOf(entry, "PrefixLength");
  if (octets === undefined || typeof length !== "number" || !isPref64Length(length)) return undefined;
  const pref64 = asPref64(maskPrefix(octets, length));
  return pref64 === undefined || !mayTranslate(pref64) ? undefined : formatPrefix(pref64);
}

/** systemd prints an address as a list of sixteen numbers, and in newer versions as a text beside it. */
function addressOf(value: unknown): Uint8Array | undefined {
  if (typeof value === "string") return parseIpv6(value);
  if (!Array.isArray(value) || value.length !== 16) return undefined;
  return value.every((octet) => Number.isInteger(octet) && octet >= 0 && octet <= 255)
    ? Uint8Array.from(value)
    : undefined;
}

function fieldOf(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as Readonly<Record<string, unknown>>)[name];
}
