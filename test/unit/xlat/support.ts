// What the translator's tests share: a CLAT's specification, and a run of one packet through a poisoned buffer that
// notices every octet written where none may be.

import { expect } from "vitest";
import { type Packet, parsePacket, type Transport } from "../../../src/wire/parse.js";
import { COUNTERS_LENGTH, type CounterValues, readCounters } from "../../../src/xlat/counters.js";
import { type Frame, HEADROOM, type Outlet } from "../../../src/xlat/frame.js";
import type { TranslationSpec } from "../../../src/xlat/spec.js";
import { createTranslator } from "../../../src/xlat/translator.js";

export const CLAT4 = "192.0.0.1";
export const CLAT6 = "2001:db8:1::464";
export const SERVER4 = "198.51.100.7";
/** SERVER4 behind the PREF64. */
export const SERVER6 = "2001:db8:64::c633:6407";
export const TRANSLATOR4 = "192.0.0.2";
export const TRANSLATOR6 = "2001:db8:1::1";
export const ICMP_SOURCE = "192.0.0.8";

/** What the host behind the CLAT sends, and what comes back. */
export const out4 = { source: CLAT4, destination: SERVER4 };
export const in6 = { source: SERVER6, destination: CLAT6 };
export const ports = { sourcePort: 40000, destinationPort: 80 };

export const clat: TranslationSpec = {
  pref64s: ["2001:db8:64::/96"],
  eams: [{ v4: `${CLAT4}/32`, v6: `${CLAT6}/128` }],
  mtuV4: 1500,
  mtuV6: 1500,
  lowestIpv6Mtu: 1280,
  udpZeroChecksum: "compute",
  translatorV4: TRANSLATOR4,
  translatorV6: TRANSLATOR6,
  icmpSource: ICMP_SOURCE,
};

export interface Emitted {
  readonly family: 4 | 6;
  readonly bytes: Uint8Array;
  readonly gsoType: number;
  readonly gsoSize: number;
  readonly checksumStart: number;
  readonly checksumOffset: number;
}

export interface Outcome {
  readonly out: readonly Emitted[];
  /** Names of the reasons that were counted. */
  readonly drops: readonly string[];
  readonly counters: CounterValues;
}

export interface Offload {
  readonly gsoType?: number;
  readonly gsoSize?: number;
  readonly checksumStart?: number;
  readonly checksumOffset?: number;
}

const POISON = 0xa5;
const GUARD = 64;

/** Sends one packet of `family` through a fresh translator. */
export function run(spec: TranslationSpec, family: 4 | 6, packet: Uint8Array, offload: Offload = {}): Outcome {
  return send(spec, family, [packet], offload, {});
}

/** Sends several packets, one after another, through one translator. `before` is called with the index of each. */
export function runAll(
  spec: TranslationSpec,
  family: 4 | 6,
  packets: readonly Uint8Array[],
  time: { readonly now?: () => number; readonly before?: (index: number) => void } = {},
): Outcome {
  return send(spec, family, packets, {}, time);
}

function send(
  spec: TranslationSpec,
  family: 4 | 6,
  packets: readonly Uint8Array[],
  offload: Offload,
  time: { readonly now?: () => number; readonly before?: (index: number) => void },
): Outcome {
  const counters = new Float64Array(COUNTERS_LENGTH);
  const translator = createTranslator(spec, { counters, seed: 0x1233, ...(time.now && { now: time.now }) });
  const out: Emitted[] = [];
  for (const [index, packet] of packets.entries()) {
    time.before?.(index);
    const bytes = new Uint8Array(GUARD + HEADROOM + packet.length + GUARD).fill(POISON);
    bytes.set(packet, GUARD + HEADROOM);
    const frame: Frame = {
      bytes,
      start: GUARD + HEADROOM,
      end: GUARD + HEADROOM + packet.length,
      gsoType: offload.gsoType ?? 0,
      gsoSize: offload.gsoSize ?? 0,
      checksumStart: offload.checksumStart ?? -1,
      checksumOffset: offload.checksumOffset ?? 0,
    };
    const outlet: Outlet = {
      emit(emitted, outFamily) {
        if (emitted.bytes === bytes) {
          expect(emitted.start).toBeGreaterThanOrEqual(GUARD);
          expect(emitted.end).toBeLessThanOrEqual(GUARD + HEADROOM + packet.length);
        }
        const { gsoType, gsoSize, checksumStart, checksumOffset } = emitted;
        const copy = emitted.bytes.slice(emitted.start, emitted.end);
        out.push({ family: outFamily, bytes: copy, gsoType, gsoSize, checksumStart, checksumOffset });
      },
    };
    if (family === 4) translator.v4ToV6(frame, outlet);
    else translator.v6ToV4(frame, outlet);
    const untouched = (from: number, to: number): boolean =>
      bytes.subarray(from, to).every((octet) => octet === POISON);
    expect(untouched(0, GUARD), "wrote in front of the headroom").toBe(true);
    expect(untouched(bytes.length - GUARD, bytes.length), "wrote behind the packet").toBe(true);
  }
  const values = readCounters(counters);
  return { out, drops: [...Object.keys(values.v4ToV6.drops), ...Object.keys(values.v6ToV4.drops)], counters: values };
}

/** The one packet that came out. */
export function only(outcome: Outcome): Emitted {
  expect(outcome.out.length, `packets out; dropped: ${outcome.drops.join(", ")}`).toBe(1);
  return outcome.out[0] as Emitted;
}

/** Octets written as annotated hex: everything behind `;` on a line is for people. */
export function hex(text: string): Uint8Array {
  const digits = text.replaceAll(/;[^\n]*/g, "").replaceAll(/\s+/g, "");
  return Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

export function toHex(octets: Uint8Array): string {
  return Array.from(octets, (octet) => octet.toString(16).padStart(2, "0")).join("");
}

/** Octets that are not all alike. */
export function pattern(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (index * 7 + 3) & 0xff);
}

/** One packet in, one out, read as a record; its checksums must be right and its length that of the frame. */
export function translate(spec: TranslationSpec, family: 4 | 6, packet: Uint8Array): Packet {
  return wellFormed(only(run(spec, family, packet)));
}

/** Reads what came out and insists that it is a packet with right lengths and checksums. */
export function wellFormed(emitted: Emitted): Packet {
  const packet = parsePacket(emitted.bytes);
  expect(packet, `no packet: ${toHex(emitted.bytes)}`).toBeDefined();
  if (packet === undefined) throw new Error("no packet");
  expect(packet.family).toBe(emitted.family);
  expect(packet.length).toBe(emitted.bytes.length);
  expect(packet.headerChecksumIsRight).toBe(true);
  expect(packet.transport?.checksum).not.toBe("wrong");
  return packet;
}

/** The reason that a packet was dropped for, when nothing came out. */
export function droppedFor(outcome: Outcome): string {
  expect(outcome.out.length).toBe(0);
  expect(outcome.drops.length).toBe(1);
  return outcome.drops[0] ?? "";
}

/** The ICMP message of a packet. */
export function icmpOf(packet: Packet): Extract<Transport, { kind: "icmp" }> {
  if (packet.transport?.kind !== "icmp") throw new Error(`no ICMP: protocol ${packet.protocol}`);
  return packet.transport;
}

/** The packet that an ICMP error quotes. */
export function innerOf(packet: Packet): Packet {
  const inner = parsePacket(icmpOf(packet).body);
  if (inner === undefined) throw new Error(toHex(packet.payload));
  return inner;
}

/** An extension structure with one MPLS label (RFC 4884 §7, RFC 4950). */
export const extension = hex("2000 8a6f 0008 0101 18729a40");

/** A quoted packet padded to `field` octets, and the extension behind it. */
export function extended(quoted: Uint8Array, field: number): Uint8Array {
  const body = new Uint8Array(field + extension.length);
  body.set(quoted);
  body.set(extension, field);
  return body;
}

/** A copy with octets changed. */
export function changed(packet: Uint8Array, change: (copy: Uint8Array) => void): Uint8Array {
  const copy = Uint8Array.from(packet);
  change(copy);
  return copy;
}
