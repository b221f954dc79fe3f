// `clatd explain ADDRESS`: what it becomes on the other side, through what and why, and whether it comes back the same.

import { formatAddress, parseIpv4, parseIpv6, sameOctets } from "../../net/address.js";
import { isMartian4, isMartian6, isMulticast4, isMulticast6, isNonGlobal4 } from "../../net/address-class.js";
import { i32 } from "../../net/octets.js";
import { formatPrefix, parsePrefix, prefixContains } from "../../net/prefix.js";
import { isWellKnownPrefix, type Pref64 } from "../../net/rfc6052.js";
import type { TranslationSpec } from "../../xlat/spec.js";
import { facts } from "./columns.js";
import type { Lookup, Mappings } from "./mappings.js";

type Fact = readonly [label: string, text: string];

/** So many of the mappings that hold an address are named. */
const NAMED = 3;

/** Four or sixteen octets. */
export function addressText(address: Uint8Array, mappings: Mappings, spec: TranslationSpec): string {
  const there = mappings.lookup(address);
  const other = address.length === 4 ? "IPv6" : "IPv4";
  const rows: Fact[] = [
    ["address", formatAddress(address)],
    [other, there.how === "none" ? "none" : formatAddress(there.octets)],
    ["through", through(there, mappings)],
    ["why", why(address, there, mappings)],
    ...back(address, there, mappings),
    ...roles(address, spec).map((text): Fact => ["is also", text]),
    ...warnings(address, there).map((text): Fact => ["note", text]),
  ];
  return facts(rows);
}

/** What an address is mapped by: `mapping … (place)`, `PREF64 …`. */
export function through(lookup: Lookup, mappings: Mappings): string {
  switch (lookup.how) {
    case "eam":
      return mappings.name(lookup.index);
    case "pref64":
    case "non-global":
      return `PREF64 ${formatPrefix(lookup.pref64)}`;
    case "none":
      return "nothing";
  }
}

function why(address: Uint8Array, lookup: Lookup, mappings: Mappings): string {
  const isV4 = address.length === 4;
  switch (lookup.how) {
    case "eam": {
      const section = isV4 ? "RFC 7757 §3.3.1" : "RFC 7757 §3.3.2";
      const others = mappings.others(address, lookup.index, NAMED);
      if (others.length === 0) return `it is the only mapping that holds the address (${section})`;
      return `it is the longest match (${section}); shorter: ${others.join("; ")}`;
    }
    case "pref64":
    case "non-global":
      return isV4
        ? `no mapping holds the address, so the PREF64 takes it (RFC 7915 §6, RFC 6052 §2.3); it stands in ${bits(lookup.pref64)}`
        : `no mapping holds the address, and it is one of that PREF64; the IPv4 address stands in ${bits(lookup.pref64)} (RFC 6052 §2.3)`;
    case "none":
      return whyNone(address, mappings);
  }
}

/** RFC 6052 figure 1: bits 64 to 71 stay zero. */
function bits({ length }: Pref64): string {
  if (length === 96) return "bits 96 to 127";
  if (length === 64) return "bits 72 to 103";
  const before = 64 - length;
  return before === 32 ? "bits 32 to 63" : `bits ${length} to 63 and 72 to ${72 + 32 - before - 1}`;
}

function whyNone(address: Uint8Array, mappings: Mappings): string {
  const reasons = "packets from it are dropped as unmapped-source, packets to it as unmapped-destination";
  if (mappings.pref64s.length === 0) return `no mapping holds it and no PREF64 is known: ${reasons}`;
  const near = mappings.pref64s.find((pref64) => address.length === 16 && prefixContains(pref64, address));
  if (near !== undefined)
    return `it lies in PREF64 ${formatPrefix(near)}, but its bits 64 to 71 are not zero (RFC 6052 §2.2): ${reasons}`;
  return `no mapping holds it and it is of no PREF64: ${reasons}`;
}

function back(address: Uint8Array, there: Lookup, mappings: Mappings): Fact[] {
  if (there.how === "none") return [];
  const here = mappings.lookup(there.octets);
  const label = "and back";
  if (here.how === "none") return [[label, "nothing: it does not come back (RFC 7757 §5)"]];
  const same = here.how === there.how && through(here, mappings) === through(there, mappings);
  const by = same ? "through the same" : `through ${through(here, mappings)}`;
  if (sameOctets(here.octets, address)) return [[label, `${formatAddress(here.octets)}, ${by}`]];
  return [
    [label, `${formatAddress(here.octets)}, ${by}`],
    ["note", "it comes back as another address: connections may fail (RFC 7757 §5, RFC 6052 §2.2)"],
  ];
}

/** What else the configuration has the address for. */
function roles(address: Uint8Array, spec: TranslationSpec): string[] {
  const found: string[] = [];
  if (isAddress(spec.translatorV4, address))
    found.push("the translator's own (tayga-v4-addr): it answers ping, and ICMPv4 errors made here come from it");
  if (isAddress(spec.translatorV6 ?? "", address)) found.push("the source of ICMPv6 errors made here (icmp6-source)");
  const pool = parsePrefix(spec.icmpSource);
  if (pool !== undefined && prefixContains(pool, address))
    found.push("the source of translated ICMPv6 errors whose own source has no IPv4 address (icmp-source)");
  return found;
}

function isAddress(text: string, address: Uint8Array): boolean {
  const octets = text.includes(":") ? parseIpv6(text) : parseIpv4(text);
  return octets !== undefined && sameOctets(octets, address);
}

function warnings(address: Uint8Array, there: Lookup): string[] {
  const found: string[] = [];
  const w0 = i32(address, 0);
  const v4 = address.length === 4 ? address : there.how === "none" ? undefined : there.octets;
  if (address.length === 16 && isMulticast6(w0)) found.push("it is a multicast address, which is not translated");
  else if (address.length === 16 && isMartian6(w0, i32(address, 4), i32(address, 8), i32(address, 12)))
    found.push("no router forwards it (unspecified, loopback or link-local), so it is not translated");
  if (v4 !== undefined && isMulticast4(i32(v4, 0))) found.push("it is a multicast address, which is not translated");
  else if (v4 !== undefined && isMartian4(i32(v4, 0)))
    found.push("no router forwards it (this network, loopback, link-local or broadcast), so it is not translated");
  if (there.how === "non-global")
    found.push(
      "the IPv4 address is not global, and the well-known prefix may not stand for it (RFC 6052 §3.1): packets are " +
        "dropped as well-known-prefix, unless wkp-strict=no",
    );
  else if (there.how === "pref64" && v4 !== undefined && isWellKnownPrefix(there.pref64) && isNonGlobal4(i32(v4, 0)))
    found.push("the IPv4 address is not global: most PLATs drop it behind the well-known prefix (RFC 6052 §3.1)");
  return found;
}
