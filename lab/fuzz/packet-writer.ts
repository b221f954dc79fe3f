// Writes a packet octet by octet into one buffer: fast, and free to write what no packet should have.

import { put16, put32 } from "../../src/net/octets.js";
import type { Random } from "./random.js";
import { pseudoSum, sum16 } from "./sum.js";

/** Octets: more than any packet has. */
const ROOM = 66_000;

export class PacketWriter {
  readonly bytes = new Uint8Array(ROOM);
  end = 0;
  readonly #random: Random;
  readonly #noise: Uint8Array;

  constructor(random: Random) {
    this.#random = random;
    this.#noise = Uint8Array.from({ length: 2 * ROOM }, () => random.word());
  }

  /** What was written, as a view. */
  get packet(): Uint8Array {
    return this.bytes.subarray(0, this.end);
  }

  u8(...values: readonly number[]): void {
    for (const value of values) this.bytes[this.end++] = value;
  }

  u16(...values: readonly number[]): void {
    for (const value of values) {
      put16(this.bytes, this.end, value);
      this.end += 2;
    }
  }

  u32(value: number): void {
    put32(this.bytes, this.end, value);
    this.end += 4;
  }

  put(octets: Uint8Array): void {
    this.bytes.set(octets, this.end);
    this.end += octets.length;
  }

  zeros(length: number): void {
    this.bytes.fill(0, this.end, this.end + length);
    this.end += length;
  }

  noise(length: number): void {
    const from = this.#random.below(ROOM);
    this.put(this.#noise.subarray(from, from + length));
  }

  /** An IPv4 header; `options` in octets. Length and checksum come with `endV4`. */
  ipv4(fields: {
    readonly tos: number;
    readonly identification: number;
    /** Flags and offset as in the field. */
    readonly fragment: number;
    readonly ttl: number;
    readonly protocol: number;
    readonly source: Uint8Array;
    readonly destination: Uint8Array;
    readonly options: Uint8Array;
  }): number {
    const at = this.end;
    this.u8(0x45 + fields.options.length / 4, fields.tos);
    this.u16(0, fields.identification, fields.fragment);
    this.u8(fields.ttl, fields.protocol);
    this.u16(0);
    this.put(fields.source);
    this.put(fields.destination);
    this.put(fields.options);
    return at;
  }

  /** The header at `at` gets the length of all that was written since, and a right checksum. */
  endV4(at: number): void {
    put16(this.bytes, at + 2, this.end - at);
    this.sumV4(at);
  }

  /** A right checksum for the header at `at`. */
  sumV4(at: number): void {
    const to = at + ((this.bytes[at] as number) & 15) * 4;
    put16(this.bytes, at + 10, 0);
    put16(this.bytes, at + 10, ~sum16(this.bytes, at, to, 0) & 0xffff);
  }

  ipv6(fields: {
    readonly trafficClass: number;
    readonly flowLabel: number;
    readonly next: number;
    readonly hopLimit: number;
    readonly source: Uint8Array;
    readonly destination: Uint8Array;
  }): number {
    const at = this.end;
    this.u32((6 << 28) | (fields.trafficClass << 20) | fields.flowLabel);
    this.u16(0);
    this.u8(fields.next, fields.hopLimit);
    this.put(fields.source);
    this.put(fields.destination);
    return at;
  }

  /** The header at `at` gets the length of all that was written since. */
  endV6(at: number): void {
    put16(this.bytes, at + 4, this.end - at - 40);
  }

  /** A right checksum at `field` for the transport header at `upper` of the packet at `at`. */
  sumTransport(at: number, family: 4 | 6, protocol: number, upper: number, field: number): void {
    const { bytes, end } = this;
    const pseudo = protocol === 1 ? 0 : pseudoSum(bytes, at, family, protocol, end - upper);
    put16(bytes, field, 0);
    const checksum = ~sum16(bytes, upper, end, pseudo) & 0xffff;
    put16(bytes, field, checksum === 0 && protocol === 17 ? 0xffff : checksum);
  }

  /** What a sender leaves to the device: the pseudo-header's sum at `field`. */
  partialSum(at: number, family: 4 | 6, protocol: number, upper: number, field: number): void {
    put16(this.bytes, field, pseudoSum(this.bytes, at, family, protocol, this.end - upper));
  }
}
