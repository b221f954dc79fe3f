// What `clatd translate` and `clatd explain` translate by: the configuration alone. They have no uplink, no DNS64 and no
// host; what the daemon would find out there is left out, and said.

import type { Config, KeyName } from "../config/key-table.js";
import { translationPolicy } from "../config/translation-policy.js";
import { formatIpv6, parseIpv4 } from "../net/address.js";
import { AddressMap, MAPPED_EAM, MAPPED_PREF64 } from "../net/address-map.js";
import { EamTable } from "../net/eam.js";
import { i32, put32 } from "../net/octets.js";
import { parsePref64 } from "../net/rfc6052.js";
import { localMappings, mappingFor, pairOf } from "../plan/mappings.js";
import type { TranslationSpec } from "../xlat/spec.js";

/** What most uplinks have, in octets. */
const USUAL_MTU = 1500;

/** Addresses and the prefix that a running clatd has found; the configuration comes first. */
export interface Found {
  readonly pref64?: string;
  readonly clatV6?: string;
}

/** The keys that somebody set. */
export type KeysSet = Pick<ReadonlySet<KeyName>, "has">;

export interface ToolSpec {
  readonly spec: TranslationSpec;
  /** What is missing, in sentences without their full stop. */
  readonly notes: readonly string[];
}

export function toolSpec(config: Config, keysSet: KeysSet, found: Found = {}): ToolSpec {
  const pref64 = config["plat-prefix"] ?? found.pref64 ?? config["plat-fallback-prefix"];
  const own = ownPair(config, found);
  const clat = own === undefined || own.mapped ? {} : { clat: own };
  const bare: TranslationSpec = {
    pref64s: pref64 === undefined ? [] : [pref64],
    ...translationPolicy(config, { ...clat, uplinkMtu: USUAL_MTU }),
    // Time stands still for a tool: the same input has the same output.
    rateLimit: false,
  };
  const translatorV6 = bare.translatorV6 ?? own?.v6 ?? mappedTranslator(bare);
  const spec = {
    ...bare,
    ...(translatorV6 === undefined ? {} : { translatorV6 }),
    // Which side of the translator an address is on, a tool cannot know: it has to be told that the mappings say it.
    ...(config["source-filter"] && keysSet.has("source-filter") ? { inside: insideOf(config, bare) } : {}),
  };
  return { spec, notes: notesOf(spec) };
}

interface Pair {
  readonly v4: string;
  readonly v6: string;
  /** It is one of the mappings; else it is a mapping beside them. */
  readonly mapped: boolean;
}

/** The CLAT's own pair of addresses, as plan/own-pair.ts has it, as far as no host is needed to know it. */
function ownPair(config: Config, found: Found): Pair | undefined {
  const v4 = config["clat-v4-addr"];
  const octets = parseIpv4(v4);
  const mapping = octets === undefined ? undefined : mappingFor(localMappings(config), octets);
  if (mapping !== undefined) return { ...pairOf(mapping, octets), mapped: true };
  const choice = config["clat-v6-addr"];
  const v6 = choice.how === "given" ? choice.address : found.clatV6;
  return v6 === undefined ? undefined : { v4, v6, mapped: false };
}

/** The IPv4 prefixes of this side, as the daemon has them too. */
function insideOf(config: Config, { eams }: TranslationSpec): readonly string[] {
  const own = `${config["clat-v4-addr"]}/32`;
  const local = config["eam-local"];
  return local.length === 0 ? eams.map(({ v4 }) => v4) : [own, ...local];
}

/** Without any IPv6 address of its own, a translator can speak as what its IPv4 address maps to. */
function mappedTranslator(spec: TranslationSpec): string | undefined {
  const own = parseIpv4(spec.translatorV4);
  if (own === undefined) return undefined;
  const words = new Int32Array(4);
  const mapped = addressMap(spec).toV6(i32(own, 0), words, 0);
  if (mapped !== MAPPED_EAM && mapped !== MAPPED_PREF64) return undefined;
  const octets = new Uint8Array(16);
  for (const [index, word] of words.entries()) put32(octets, 4 * index, word);
  return formatIpv6(octets);
}

/** The addresses as the translator maps them. */
function addressMap(spec: TranslationSpec): AddressMap {
  const pref64s = spec.pref64s.flatMap((text) => parsePref64(text) ?? []);
  return new AddressMap(EamTable.fromText(spec.eams), pref64s, spec.wkpStrict ?? true);
}

function notesOf(spec: TranslationSpec): string[] {
  const notes: string[] = [];
  if (spec.pref64s.length === 0) notes.push("no PREF64 is set (plat-prefix=): only mappings translate");
  if (spec.eams.length === 0) notes.push("no mapping is set (eam=, or clat-v6-addr= with an address)");
  if (spec.translatorV6 === undefined)
    notes.push("no ICMPv6 errors are made here: there is no address for them (icmp6-source=)");
  return notes;
}
