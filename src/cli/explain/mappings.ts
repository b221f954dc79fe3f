// How addresses are mapped, told: by which explicit mapping or PREF64, and which others would have matched too. Asks the
// same tables that the translator asks (net/eam, net/address-map), so that what is told is what is done.

import { formatMapping, type Mapping } from "../../config/mapping.js";
import { formatPlace } from "../../config/mistake.js";
import { formatAddress, formatIpv4, formatIpv6 } from "../../net/address.js";
import { AddressMap, MAPPED_EAM, MAPPED_NON_GLOBAL, MAPPED_NONE, type Mapped } from "../../net/address-map.js";
import { type Eam, EamTable, parseEam } from "../../net/eam.js";
import { i32, put32 } from "../../net/octets.js";
import { prefixContains } from "../../net/prefix.js";
import { extract, type Pref64, parsePref64 } from "../../net/rfc6052.js";
import type { TranslationSpec } from "../../xlat/spec.js";

export type Lookup =
  | { readonly how: "eam"; readonly octets: Uint8Array; readonly index: number }
  | { readonly how: "pref64"; readonly octets: Uint8Array; readonly pref64: Pref64 }
  /** The well-known prefix with an IPv4 address that is not global (RFC 6052 §3.1). */
  | { readonly how: "non-global"; readonly octets: Uint8Array; readonly pref64: Pref64 }
  | { readonly how: "none" };

const MOST_KNOWN = 1 << 16;

export class Mappings {
  readonly #eams: readonly Eam[];
  readonly #places: readonly (Mapping | undefined)[];
  readonly #map: AddressMap;
  readonly #pref64s: readonly Pref64[];
  /** Indices by address: a capture has the same ones again and again. */
  readonly #known = new Map<string, number>();

  /** `given`: those of the configuration, which come last in the specification. Throws an EamError. */
  constructor(spec: TranslationSpec, given: readonly Mapping[]) {
    this.#eams = spec.eams.map(parseEam);
    this.#places = spec.eams.map((_, index) => given[index - (spec.eams.length - given.length)]);
    this.#pref64s = spec.pref64s.flatMap((text) => parsePref64(text) ?? []);
    this.#map = new AddressMap(new EamTable(this.#eams), this.#pref64s, spec.wkpStrict ?? true);
  }

  /** Four octets -> sixteen. */
  toV6(v4: Uint8Array): Lookup {
    const words = new Int32Array(4);
    const mapped = this.#map.toV6(i32(v4, 0), words, 0);
    const octets = new Uint8Array(16);
    for (const [index, word] of words.entries()) put32(octets, 4 * index, word);
    return this.#told(mapped, octets, v4, this.#pref64s[0]);
  }

  /** Sixteen octets -> four. */
  toV4(v6: Uint8Array): Lookup {
    const mapped = this.#map.toV4(v6, 0);
    const octets = new Uint8Array(4);
    put32(octets, 0, this.#map.v4[0] ?? 0);
    const longestFirst = this.#pref64s.toSorted((a, b) => b.length - a.length);
    const pref64 = longestFirst.find((candidate) => extract(candidate, v6) !== undefined);
    return this.#told(mapped, octets, v6, pref64);
  }

  lookup(address: Uint8Array): Lookup {
    return address.length === 4 ? this.toV6(address) : this.toV4(address);
  }

  /** The other mappings that hold the address, `but` this one; at most `most` of them. */
  others(address: Uint8Array, but: number, most: number): readonly string[] {
    const found: string[] = [];
    for (const [index, eam] of this.#eams.entries()) {
      if (index === but || !holds(eam, address)) continue;
      found.push(this.name(index));
      if (found.length === most) break;
    }
    return found;
  }

  /** `mapping 192.0.2.1/32,2001:db8::1/128 (eams.txt:3)`. */
  name(index: number): string {
    const eam = this.#eams[index];
    if (eam === undefined) return "no mapping";
    const given = this.#places[index];
    const text = given === undefined ? formatMapping(textOf(eam)) : formatMapping(given);
    const place = given === undefined ? "clat-v4-addr and clat-v6-addr" : placeText(given);
    return `mapping ${text}${place === "" ? "" : ` (${place})`}`;
  }

  get pref64s(): readonly Pref64[] {
    return this.#pref64s;
  }

  /** The index of the longest match: what the table that translates keeps to itself. */
  #longest(address: Uint8Array): number {
    const name = formatAddress(address);
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    let best = -1;
    let length = -1;
    for (const [index, eam] of this.#eams.entries()) {
      const own = address.length === 4 ? eam.v4.length : eam.v6.length;
      if (own <= length || !holds(eam, address)) continue;
      best = index;
      length = own;
    }
    if (this.#known.size >= MOST_KNOWN) this.#known.clear();
    this.#known.set(name, best);
    return best;
  }

  #told(mapped: Mapped, octets: Uint8Array, address: Uint8Array, pref64: Pref64 | undefined): Lookup {
    if (mapped === MAPPED_NONE) return { how: "none" };
    if (mapped === MAPPED_EAM) return { how: "eam", octets, index: this.#longest(address) };
    if (pref64 === undefined) return { how: "none" };
    return { how: mapped === MAPPED_NON_GLOBAL ? "non-global" : "pref64", octets, pref64 };
  }
}

function holds({ v4, v6 }: Eam, address: Uint8Array): boolean {
  return prefixContains(address.length === 4 ? v4 : v6, address);
}

function textOf({ v4, v6 }: Eam): Mapping {
  return { v4: `${formatIpv4(v4.octets)}/${v4.length}`, v6: `${formatIpv6(v6.octets)}/${v6.length}` };
}

function placeText({ place }: Mapping): string {
  return place === undefined ? "" : formatPlace(place);
}
