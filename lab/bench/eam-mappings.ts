// Tables of mappings for the benchmark of RFC 7757 tables, and the packets that meet them: the same every time.

import type { EamText } from "../../src/net/eam.js";
import { put16, put32 } from "../../src/net/octets.js";
import { putIpv4Checksum } from "../../src/wire/ipv4.js";

/** 10.0.0.0/8: room for sixteen million service addresses. */
const FIRST_SERVICE = 0x0a000000;

/** `count` service addresses, one after the other, each mapped to an address of a network of its own. */
export function serviceMappings(count: number): EamText[] {
  return Array.from({ length: count }, (_, index) => {
    const v4 = `10.${index >>> 16}.${(index >>> 8) & 255}.${index & 255}`;
    return { v4: `${v4}/32`, v6: `2001:db8:${(index >>> 16).toString(16)}:${(index & 0xffff).toString(16)}::80/128` };
  });
}

/** A generator of 32-bit numbers (xorshift, Marsaglia 2003). */
export function randomWords(seed: number): () => number {
  let state = seed | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state;
  };
}

/** Which mapping each of `length` packets is for: every one of them in a shuffled order, or the same one always. */
export function serviceOrder(mappings: number, length: number, order: "random" | "repeated"): Int32Array {
  if (order === "repeated") return new Int32Array(length);
  const next = randomWords(42);
  return Int32Array.from({ length }, () => (next() >>> 0) % mappings);
}

/** Octets of each packet: headers only, since the payload is never looked at. */
export const PACKET_V4 = 28;
export const PACKET_V6 = 48;

/** UDP from the service to a client on the internet, one after the other in one buffer. */
export function packetsV4(services: Int32Array): Uint8Array {
  const next = randomWords(7);
  const octets = new Uint8Array(services.length * PACKET_V4);
  for (const [index, service] of services.entries()) {
    const at = index * PACKET_V4;
    octets[at] = 0x45;
    put16(octets, at + 2, PACKET_V4);
    put16(octets, at + 6, 0x4000);
    octets[at + 8] = 64;
    octets[at + 9] = 17;
    put32(octets, at + 12, FIRST_SERVICE + service);
    put32(octets, at + 16, clientAddress(next()));
    putIpv4Checksum(octets, at, 20);
    put16(octets, at + 24, 8);
    put16(octets, at + 26, 0x1234);
  }
  return octets;
}

/** The same the other way: from a client behind 2001:db8:64::/96 to the service. */
export function packetsV6(services: Int32Array): Uint8Array {
  const next = randomWords(7);
  const octets = new Uint8Array(services.length * PACKET_V6);
  for (const [index, service] of services.entries()) {
    const at = index * PACKET_V6;
    octets[at] = 0x60;
    put16(octets, at + 4, 8);
    octets[at + 6] = 17;
    octets[at + 7] = 64;
    put32(octets, at + 8, 0x20010db8);
    put32(octets, at + 12, 0x00640000);
    put32(octets, at + 20, clientAddress(next()));
    put32(octets, at + 24, 0x20010db8);
    put32(octets, at + 28, service);
    put32(octets, at + 36, 0x80);
    put16(octets, at + 44, 8);
    put16(octets, at + 46, 0x1234);
  }
  return octets;
}

/** Somewhere in 16.0.0.0 to 111.255.255.255: unicast, and outside of the services. */
function clientAddress(word: number): number {
  return (0x10000000 + ((word >>> 0) % 0x60000000)) | 0;
}
