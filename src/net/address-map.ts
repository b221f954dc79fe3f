// Addresses of packets, mapped: the EAM table first (RFC 7757), then the PREF64s (RFC 6052). On words (signed 32 bits),
// results into typed arrays: the packet path allocates nothing here.

import { isNonGlobal4 } from "./address-class.js";
import type { EamTable } from "./eam.js";
import { i32 } from "./octets.js";
import { isWellKnownPrefix, type Pref64 } from "./rfc6052.js";

/** The address can't be mapped. */
export const MAPPED_NONE = 0;
/** Mapped by the EAM table. */
export const MAPPED_EAM = 1;
/** Mapped by a PREF64. */
export const MAPPED_PREF64 = 2;
/** The well-known prefix with an IPv4 address that is not global: MUST NOT be translated (RFC 6052 §3.1). */
export const MAPPED_NON_GLOBAL = 3;

export type Mapped = typeof MAPPED_NONE | typeof MAPPED_EAM | typeof MAPPED_PREF64 | typeof MAPPED_NON_GLOBAL;

interface CompiledPref64 {
  readonly length: number;
  readonly w0: number;
  readonly w1: number;
  readonly w2: number;
  readonly strict: boolean;
  /** No mapping has an address of this prefix, so that none needs to be looked for. */
  readonly apart: boolean;
}

export class AddressMap {
  /** Where `toV4` leaves its result. */
  readonly v4 = new Int32Array(1);
  readonly #eams: EamTable;
  readonly #outgoing: CompiledPref64 | undefined;
  /** Longest first. */
  readonly #incoming: readonly CompiledPref64[];

  /** The first PREF64 serves IPv4 to IPv6; all are recognised the other way. `wkpStrict`: RFC 6052 §3.1 is observed. */
  constructor(eams: EamTable, pref64s: readonly Pref64[], wkpStrict: boolean) {
    this.#eams = eams;
    const compiled = pref64s.map((pref64) => compile(pref64, eams, wkpStrict));
    this.#outgoing = compiled[0];
    this.#incoming = compiled.toSorted((a, b) => b.length - a.length);
  }

  /** Writes the four words of the IPv6 address from `out[at]`, unless it is MAPPED_NONE. */
  toV6(address: number, out: Int32Array, at: number): Mapped {
    const eam = this.#eams.lookup4(address);
    if (eam >= 0) {
      this.#eams.toV6(eam, address, out, at);
      return MAPPED_EAM;
    }
    return this.embed(address, out, at);
  }

  /** Whether the EAM table has the IPv4 address. */
  isExplicit4(address: number): boolean {
    return this.#eams.lookup4(address) >= 0;
  }

  /** The same by PREF64 alone, whatever EAM there is (what hairpinning wants, RFC 7757 §4.2.1). */
  embed(address: number, out: Int32Array, at: number): Mapped {
    const pref64 = this.#outgoing;
    if (pref64 === undefined) return MAPPED_NONE;
    out[at] = pref64.w0;
    out[at + 1] = pref64.w1;
    out[at + 2] = pref64.w2;
    out[at + 3] = 0;
    switch (pref64.length) {
      case 32:
        out[at + 1] = address;
        break;
      case 40:
        out[at + 1] = pref64.w1 | (address >>> 8);
        out[at + 2] = (address & 0xff) << 16;
        break;
      case 48:
        out[at + 1] = pref64.w1 | (address >>> 16);
        out[at + 2] = (address & 0xffff) << 8;
        break;
      case 56:
        out[at + 1] = pref64.w1 | (address >>> 24);
        out[at + 2] = address & 0xffffff;
        break;
      case 64:
        out[at + 2] = address >>> 8;
        out[at + 3] = address << 24;
        break;
      default:
        out[at + 3] = address;
    }
    return pref64.strict && isNonGlobal4(address) ? MAPPED_NON_GLOBAL : MAPPED_PREF64;
  }

  /** The IPv4 address for the sixteen octets from `at`, left in `v4[0]` unless it is MAPPED_NONE. */
  toV4(bytes: Uint8Array, at: number): Mapped {
    const w0 = i32(bytes, at);
    const w1 = i32(bytes, at + 4);
    const w2 = i32(bytes, at + 8);
    const w3 = i32(bytes, at + 12);
    const pref64 = this.#findPref64(w0, w1, w2);
    // RFC 7757 §3.3.2 asks the table first. Where it cannot have the address it is not asked: half of all look-ups.
    if (pref64?.apart !== true) {
      const eam = this.#eams.lookup6(w0, w1, w2, w3);
      if (eam >= 0) {
        this.v4[0] = this.#eams.toV4(eam, w0, w1, w2, w3);
        return MAPPED_EAM;
      }
    }
    if (pref64 === undefined) return MAPPED_NONE;
    const address = extractWords(pref64.length, w1, w2, w3);
    this.v4[0] = address;
    return pref64.strict && isNonGlobal4(address) ? MAPPED_NON_GLOBAL : MAPPED_PREF64;
  }

  /** The longest PREF64 of an address. */
  #findPref64(w0: number, w1: number, w2: number): CompiledPref64 | undefined {
    const incoming = this.#incoming;
    for (let index = 0; index < incoming.length; index++) {
      const pref64 = incoming[index] as CompiledPref64;
      if (contains(pref64, w0, w1, w2)) return pref64;
    }
    return undefined;
  }
}

function compile(pref64: Pref64, eams: EamTable, wkpStrict: boolean): CompiledPref64 {
  const { length, octets } = pref64;
  const w0 = i32(octets, 0);
  const w1 = i32(octets, 4);
  const w2 = i32(octets, 8);
  const strict = wkpStrict && isWellKnownPrefix(pref64);
  return { length, w0, w1, w2, strict, apart: !eams.meets6(w0, w1, w2, i32(octets, 12), length) };
}

/** Whether the address is of the prefix and has octet 8 zero. */
function contains(pref64: CompiledPref64, w0: number, w1: number, w2: number): boolean {
  if (w0 !== pref64.w0) return false;
  const length = pref64.length;
  if (length === 96) return w1 === pref64.w1 && w2 === pref64.w2;
  if (w2 >>> 24 !== 0) return false;
  return length === 64 ? w1 === pref64.w1 : length === 32 || (w1 ^ pref64.w1) >>> (64 - length) === 0;
}

function extractWords(length: number, w1: number, w2: number, w3: number): number {
  switch (length) {
    case 32:
      return w1;
    case 40:
      return (w1 << 8) | ((w2 >>> 16) & 0xff);
    case 48:
      return (w1 << 16) | ((w2 >>> 8) & 0xffff);
    case 56:
      return (w1 << 24) | (w2 & 0xffffff);
    case 64:
      return (w2 << 8) | (w3 >>> 24);
    default:
      return w3;
  }
}
