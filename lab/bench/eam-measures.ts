// What a table of mappings costs: to load, in memory, for each look-up and for each whole packet.

import { EamTable, type EamText } from "../../src/net/eam.js";
import { i32 } from "../../src/net/octets.js";
import { type Frame, HEADROOM, newFrame } from "../../src/xlat/frame.js";
import { createTranslator, type Translator } from "../../src/xlat/translator.js";
import { PACKET_V4, PACKET_V6, packetsV4, packetsV6, serviceOrder } from "./eam-mappings.js";

export interface Costs {
  readonly mappings: number;
  /** Milliseconds from text to a table. */
  readonly load: number;
  /** Octets of the table. */
  readonly memory: number;
  /** Nanoseconds, by the order of the services. */
  readonly random: OrderCosts;
  readonly repeated: OrderCosts;
}

export interface OrderCosts {
  readonly lookupV4: number;
  readonly lookupV6: number;
  readonly packetV4: number;
  readonly packetV6: number;
}

/** Look-ups and packets of one pass: more than any cache of the processor holds. */
const PASS = 1 << 20;

export function measureCosts(mappings: readonly EamText[], passes: number): Costs {
  const begin = performance.now();
  const table = EamTable.fromText(mappings);
  const load = performance.now() - begin;
  const translator = createTranslator({
    pref64s: ["2001:db8:64::/96"],
    eams: mappings,
    mtuV4: 1480,
    mtuV6: 1500,
    lowestIpv6Mtu: 1280,
    udpZeroChecksum: "compute",
    translatorV4: "192.0.0.2",
    icmpSource: "192.0.0.8",
  });
  const inOrder = (order: "random" | "repeated"): OrderCosts => {
    const services = serviceOrder(mappings.length, PASS, order);
    const v4 = packetsV4(services);
    const v6 = packetsV6(services);
    return {
      lookupV4: fastest(passes, () => lookupsV4(table, v4)),
      lookupV6: fastest(passes, () => lookupsV6(table, v6)),
      packetV4: fastest(passes, () => packets(translator, 4, v4, PACKET_V4)),
      packetV6: fastest(passes, () => packets(translator, 6, v6, PACKET_V6)),
    };
  };
  return {
    mappings: mappings.length,
    load,
    memory: table.byteLength,
    random: inOrder("random"),
    repeated: inOrder("repeated"),
  };
}

/** Nanoseconds for each of a pass, of the fastest pass: what disturbs a pass only ever makes it slower. */
function fastest(passes: number, pass: () => number): number {
  let best = Number.POSITIVE_INFINITY;
  for (let number = 0; number < passes; number++) {
    const begin = performance.now();
    const found = pass();
    const each = ((performance.now() - begin) * 1e6) / PASS;
    if (found !== PASS) throw new Error(`Cannot measure: ${found} of ${PASS} were found; all must be`);
    best = Math.min(best, each);
  }
  return best;
}

function lookupsV4(table: EamTable, octets: Uint8Array): number {
  let found = 0;
  for (let at = 12; at < octets.length; at += PACKET_V4) if (table.lookup4(i32(octets, at)) >= 0) found++;
  return found;
}

function lookupsV6(table: EamTable, octets: Uint8Array): number {
  let found = 0;
  for (let at = 24; at < octets.length; at += PACKET_V6) {
    const place = table.lookup6(i32(octets, at), i32(octets, at + 4), i32(octets, at + 8), i32(octets, at + 12));
    if (place >= 0) found++;
  }
  return found;
}

function packets(translator: Translator, family: 4 | 6, octets: Uint8Array, size: number): number {
  const frame = newFrame(size);
  const bytes = frame.bytes;
  let emitted = 0;
  const outlet = {
    emit(_: Frame, out: 4 | 6): void {
      if (out !== family) emitted++;
    },
  };
  for (let from = 0; from < octets.length; from += size) {
    for (let octet = 0; octet < size; octet++) bytes[HEADROOM + octet] = octets[from + octet] as number;
    frame.start = HEADROOM;
    frame.end = HEADROOM + size;
    if (family === 4) translator.v4ToV6(frame, outlet);
    else translator.v6ToV4(frame, outlet);
  }
  return emitted;
}
