// TranslationSpec and FastPathPlan -> the octets that the programs read: `struct config` of config.bpf.h, field by field, and
// the entries of the tables (addresses.bpf.h). Pure. What the fast path can't do it leaves out here: such packets find no
// address, and are the translator's.

import { parseAddress } from "../../net/address.js";
import { type Eam, EamTable, parseEam } from "../../net/eam.js";
import { i32 } from "../../net/octets.js";
import { maskPrefix, type Prefix, parsePrefix, scanPrefix } from "../../net/prefix.js";
import { isWellKnownPrefix, type Pref64, parsePref64 } from "../../net/rfc6052.js";
import type { FastPathImage, FastPathMap } from "../../os/linux/bpf/fast-path-types.js";
import type { TranslationSpec } from "../../xlat/spec.js";
import type { FastPathPlan } from "../engine.js";

/** A device as the programs know it. */
export interface FastPathLink {
  readonly ifindex: number;
  /** Octets of link header. */
  readonly l2: 0 | 14;
}

export interface FastPathLinks {
  readonly clat: FastPathLink;
  readonly uplink: FastPathLink;
  /** Super-packets are cut before the uplink. */
  readonly uplinkCuts?: boolean;
  /** Those by which packets come in. Undefined: none that the programs can read. */
  readonly uplinks: readonly (FastPathLink | undefined)[];
}

/** As in config.bpf.h. */
const mostPref64s = 8;
const mostUplinks = 16;
const mixed = 255;
const copied = 256;
const ones = new Uint8Array(4).fill(255);

/** Entries. What a busy host has at a time, several times over; 100 octets each. */
const mostFlows = 65_536;
const mostFragments = 4096;

/** The programs as they are before anybody configures them: every packet passes. */
export const idleImage: FastPathImage = { rodata: new Uint8Array(configLength()), maps: [] };

export function encodeFastPath(spec: TranslationSpec, plan: FastPathPlan, links: FastPathLinks): FastPathImage {
  const shared = plan.sharedV6 === undefined ? undefined : parseAddress(plan.sharedV6);
  const nextHop = plan.nextHop === undefined ? undefined : parseAddress(plan.nextHop);
  const one = oneHost(spec);
  const side = onlyInside(spec);
  return {
    rodata: encodeConfig(spec, plan, { one, nextHop, shared, side }, links),
    maps: [
      ...(one === undefined ? eamMaps(spec) : []),
      ...(spec.inside === undefined || side !== undefined ? [] : [insideMap(spec.inside)]),
      ...(shared === undefined ? [] : [emptyMap("flows", mostFlows), emptyMap("fragments", mostFragments)]),
    ],
  };
}

/** Parts of the specification as they are wanted here. */
interface Looked {
  readonly one: Eam | undefined;
  readonly side: Prefix | undefined;
  readonly nextHop: Uint8Array | undefined;
  readonly shared: Uint8Array | undefined;
}

function encodeConfig(
  spec: TranslationSpec,
  plan: FastPathPlan,
  { one, nextHop, shared, side }: Looked,
  { clat, uplink, uplinkCuts = false, uplinks }: FastPathLinks,
): Uint8Array {
  const out = new Words(configLength());
  const pref64s = spec.pref64s.map(parsePref64).filter((pref64) => pref64 !== undefined);
  const table = EamTable.fromText(spec.eams);
  const entries = pref64s.map((pref64) => pref64Entry(pref64, spec, table));
  const known = uplinks.filter((link) => link !== undefined).slice(0, mostUplinks);
  out.number(1, plan.leadsOnly === true ? 1 : 0, clat.ifindex, clat.l2, uplink.ifindex, uplink.l2);
  out.number(uplinkCuts ? 1 : 0);
  out.number(nextHop === undefined ? 0 : 1).octets(nextHop ?? new Uint8Array(16));
  const [some, ...others] = new Set(uplinks.map((link) => link?.l2 ?? mixed));
  out.number(some === undefined || others.length > 0 ? mixed : some);
  out.number(spec.kernelTakesHop === true ? 0 : 1, spec.mtuV4, spec.mtuV6);
  out.number(Math.min(spec.lowestIpv6Mtu, spec.mtuV6));
  out.octets(parseAddress(spec.translatorV4) ?? new Uint8Array(4));
  out.number(spec.trafficClassV6 ?? copied, spec.tosV4 ?? copied);
  out.number(spec.inside === undefined ? 0 : side === undefined ? 2 : 1);
  out.octets(side?.octets ?? new Uint8Array(4)).octets(maskPrefix(ones, side?.length ?? 0).octets);
  out.number(spec.hairpinning === "simple" ? 1 : 0);
  out.number(shared === undefined ? 0 : 1);
  out.octets(shared ?? new Uint8Array(16));
  if (one !== undefined) out.number(1).octets(one.v4.octets).octets(one.v6.octets);
  else out.number(spec.eams.length === 0 ? 0 : 2).octets(new Uint8Array(20));
  out.number(entries.length > 0 ? 1 : 0).pref64(entries[0]);
  const incoming = entries.toSorted((a, b) => b.length - a.length).slice(0, mostPref64s);
  out.number(incoming.length);
  for (let index = 0; index < mostPref64s; index++) out.pref64(incoming[index]);
  out.number(known.length);
  for (const { ifindex, l2 } of known) out.number(ifindex, l2);
  return out.done;
}

/** Octets of `struct config`. */
function configLength(): number {
  const pref64 = 7;
  return 4 * (21 + 4 + 4 + 1 + 1 + 4 + 1 + pref64 + 1 + mostPref64s * pref64 + 1 + mostUplinks * 2);
}

interface Pref64Entry extends Pref64 {
  readonly strict: boolean;
  readonly apart: boolean;
}

function pref64Entry(pref64: Pref64, { wkpStrict = true }: TranslationSpec, table: EamTable): Pref64Entry {
  const { octets, length } = pref64;
  const words = [0, 4, 8, 12].map((at) => i32(octets, at)) as [number, number, number, number];
  return {
    octets,
    length,
    strict: wkpStrict && isWellKnownPrefix(pref64),
    apart: !table.meets6(...words, length),
  };
}

/** A CLAT's mapping. */
function oneHost({ eams }: TranslationSpec): Eam | undefined {
  const [first] = eams;
  if (first === undefined || eams.length > 1) return undefined;
  const eam = parseEam(first);
  return eam.v4.length === 32 && eam.v6.length === 128 ? eam : undefined;
}

/** This side, where it is one prefix. */
function onlyInside({ inside = [] }: TranslationSpec): Prefix | undefined {
  const [first] = inside;
  if (first === undefined || inside.length > 1) return undefined;
  return parsePrefix(first);
}

function emptyMap(name: string, size: number): FastPathMap {
  return { name, count: 0, keys: new Uint8Array(0), values: new Uint8Array(0), size };
}

/** Keys: the length of a prefix, and the prefix. Values: the lengths of both, and the other prefix. */
function eamMaps({ eams }: TranslationSpec): readonly FastPathMap[] {
  const count = eams.length;
  const [keys4, values4] = [new Words(count * 8), new Words(count * 24)];
  const [keys6, values6] = [new Words(count * 20), new Words(count * 12)];
  const v4 = new Uint8Array(4);
  const v6 = new Uint8Array(16);
  for (const eam of eams) {
    const length4 = scanPrefix(eam.v4, v4);
    const length6 = scanPrefix(eam.v6, v6);
    keys4.number(length4).octets(v4);
    values4.number(length4, length6).octets(v6);
    keys6.number(length6).octets(v6);
    values6.number(length4, length6).octets(v4);
  }
  return [
    { name: "eams4", count, keys: keys4.done, values: values4.done },
    { name: "eams6", count, keys: keys6.done, values: values6.done },
  ];
}

function insideMap(texts: readonly string[]): FastPathMap {
  const prefixes = texts.map(parsePrefix).filter((prefix) => prefix !== undefined);
  const keys = new Words(prefixes.length * 8);
  const values = new Words(prefixes.length * 4);
  for (const { octets, length } of prefixes) {
    keys.number(length).octets(octets);
    values.number(1);
  }
  return { name: "inside", count: prefixes.length, keys: keys.done, values: values.done };
}

const isLittleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/** Words of 32 bits one after the other: numbers in the host's order, addresses in the network's. */
class Words {
  readonly done: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(length: number) {
    this.done = new Uint8Array(length);
    this.#view = new DataView(this.done.buffer);
  }

  number(...values: readonly number[]): this {
    for (const value of values) {
      this.#view.setUint32(this.#at, value, isLittleEndian);
      this.#at += 4;
    }
    return this;
  }

  octets(octets: Uint8Array): this {
    this.done.set(octets, this.#at);
    this.#at += octets.length;
    return this;
  }

  pref64(entry: Pref64Entry | undefined): this {
    return this.octets(entry?.octets ?? new Uint8Array(16)).number(
      entry?.length ?? 0,
      entry?.strict === true ? 1 : 0,
      entry?.apart === true ? 1 : 0,
    );
  }
}
