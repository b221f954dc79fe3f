// What stands behind the IP header of a fuzzer's packet: every transport that is translated in its own way, and ICMP errors
// with the packet inside.

import { put16 } from "../../src/net/octets.js";
import type { PacketWriter } from "./packet-writer.js";
import type { Random } from "./random.js";
import { sum16 } from "./sum.js";
import type { World } from "./worlds.js";

export interface Payload {
  readonly protocol: number;
  /** The offset of the checksum field where it is left to the device (partial); -1: it is complete. */
  readonly partial: number;
  /** It is translated, and comes out as it went in. */
  readonly sound: boolean;
}

const kinds = [
  "udp",
  "udp",
  "udp",
  "tcp",
  "tcp",
  "tcp",
  "echo",
  "echo",
  "unsummed",
  "other",
  "query",
  "error",
  "error",
] as const;

/** Protocols without a checksum of the addresses, among them some that mean something else in the other family. */
const others = [4, 41, 47, 50, 51, 89, 112, 132, 253, 255, 2, 0, 43, 44, 60, 59, 1, 58] as const;
/** RFC 7915 §5.1 and the tables: what an IPv6 packet can't carry as a plain payload, or is another thing in IPv4. */
const strange: ReadonlySet<number> = new Set([2, 0, 43, 44, 60, 59, 1, 58, 51]);

/** Writes a payload behind the headers of the packet at `at`. */
export function writePayload(writer: PacketWriter, random: Random, world: World, family: 4 | 6, at: number): Payload {
  const kind = random.pick(kinds);
  const icmp = family === 4 ? 1 : 58;
  const upper = writer.end;
  switch (kind) {
    case "udp":
    case "tcp":
      return writeSegment(writer, random, family, at, kind);
    case "unsummed": {
      const length = sizeOf(random, family);
      writer.u16(random.below(65536), random.below(65536), 8 + length, 0);
      writer.noise(length);
      // IPv6 has none without, but for tunnels (RFC 6935).
      return { protocol: 17, partial: -1, sound: family === 4 };
    }
    case "echo":
      writer.u8(random.pick(family === 4 ? [8, 0] : [128, 129]), 0);
      writer.u16(0, random.below(65536), random.below(65536));
      writer.noise(sizeOf(random, family));
      writer.sumTransport(at, family, icmp, upper, upper + 2);
      return { protocol: icmp, partial: -1, sound: true };
    case "query":
      writer.u8(random.below(256), random.below(20));
      writer.u16(0);
      writer.noise(random.below(80));
      writer.sumTransport(at, family, icmp, upper, upper + 2);
      return { protocol: icmp, partial: -1, sound: false };
    case "error":
      writeError(writer, random, world, family);
      writer.sumTransport(at, family, icmp, upper, upper + 2);
      return { protocol: icmp, partial: -1, sound: false };
    default: {
      const protocol = random.pick(others);
      writer.noise(random.below(200));
      return { protocol, partial: -1, sound: !strange.has(protocol) };
    }
  }
}

function writeSegment(writer: PacketWriter, random: Random, family: 4 | 6, at: number, kind: "udp" | "tcp"): Payload {
  const upper = writer.end;
  const partial = random.once(8);
  const length = partial && random.once(4) ? random.below(60_000) : sizeOf(random, family);
  const protocol = kind === "udp" ? 17 : 6;
  const field = kind === "udp" ? 6 : 16;
  if (kind === "udp") {
    writer.u16(random.below(65536), random.below(65536), 8 + length, 0);
  } else {
    const words = 5 + (random.once(2) ? 0 : random.below(6));
    writer.u16(random.below(65536), random.below(65536));
    writer.u32(random.word());
    writer.u32(random.word());
    writer.u8(words << 4, random.below(256));
    writer.u16(random.below(65536), 0, 0);
    writer.noise((words - 5) * 4);
  }
  writer.noise(length);
  if (partial) writer.partialSum(at, family, protocol, upper, upper + field);
  else writer.sumTransport(at, family, protocol, upper, upper + field);
  return { protocol, partial: partial ? field : -1, sound: true };
}

/** Mostly small, some around the sizes where something changes, few large, and of IPv6 some that IPv4 can't have. */
function sizeOf(random: Random, family: 4 | 6): number {
  if (random.once(200)) return family === 6 && random.once(8) ? 65_440 + random.below(70) : random.below(60_000);
  if (random.once(5))
    return random.pick([1220, 1232, 1240, 1252, 1260, 1280, 1400, 1432, 1440, 1452]) + random.below(17) - 8;
  return random.below(120);
}

const codes4 = [3, 3, 3, 11, 12, 4, 5] as const;
const codes6 = [1, 2, 3, 4, 5, 127] as const;

/** An ICMP error about a packet from one of the world's peers (what comes back goes to who sent it), its checksum still missing. */
function writeError(writer: PacketWriter, random: Random, world: World, family: 4 | 6): void {
  const start = writer.end;
  const type = random.pick(family === 4 ? codes4 : codes6);
  writer.u8(type, random.below(random.once(10) ? 256 : 17));
  writer.u16(0);
  writer.u32(random.once(2) ? random.pick([0, 1, 8, 9, 68, 576, 1280, 1400, 1500, 65535]) : random.word());
  const inner = writer.end;
  writeQuoted(writer, random, world, family);
  const most = inner + (random.once(3) ? random.below(1500) : 600);
  if (writer.end > most) writer.end = most;
  if (!random.once(5)) return;
  // RFC 4884: the quoted packet is padded to at least 128 octets, its length is told, an extension follows.
  const unit = family === 4 ? 4 : 8;
  const padded = Math.max(128, Math.ceil((writer.end - inner) / unit) * unit);
  writer.zeros(inner + padded - writer.end);
  writer.bytes[start + (family === 4 ? 5 : 4)] = padded / unit;
  writeExtension(writer, random);
}

function writeQuoted(writer: PacketWriter, random: Random, world: World, family: 4 | 6): void {
  const from = random.pick(world.peers);
  const to = random.pick(world.hosts);
  // An error that goes to the other side quotes what came from there; now and then it quotes something else.
  const [source, destination] = random.once(15) ? [to, from] : family === 4 ? [from, to] : [to, from];
  const length = random.below(300);
  const protocol = random.pick(family === 4 ? [17, 6, 1, 1, 50] : [17, 6, 58, 58, 50]);
  if (family === 4) {
    const fragment = random.once(6) ? random.pick([0x2000, 0x2010, 0x0020]) : random.pick([0, 0x4000]);
    const at = writer.ipv4({
      ...{ tos: random.below(256), identification: random.below(65536), fragment, ttl: random.below(256), protocol },
      ...{ source: source.v4, destination: destination.v4, options: new Uint8Array(random.once(10) ? 8 : 0).fill(1) },
    });
    writeQuotedTransport(writer, random, at, 4, protocol, length);
    writer.endV4(at);
    return;
  }
  const at = writer.ipv6({
    ...{ trafficClass: random.below(256), flowLabel: 0, next: protocol, hopLimit: random.below(256) },
    ...{ source: source.v6, destination: destination.v6 },
  });
  if (random.once(6)) {
    writer.bytes[at + 6] = 44;
    writer.u8(protocol, 0);
    writer.u16(random.pick([1, 8, 9, 1000, 0]));
    writer.u32(random.word());
  }
  writeQuotedTransport(writer, random, at, 6, protocol, length);
  writer.endV6(at);
}

function writeQuotedTransport(
  writer: PacketWriter,
  random: Random,
  at: number,
  family: 4 | 6,
  protocol: number,
  length: number,
): void {
  const upper = writer.end;
  if (protocol === 1 || protocol === 58) {
    const echo = protocol === 1 ? [8, 0, 8] : [128, 129, 128];
    writer.u8(random.once(10) ? random.below(256) : (echo[random.below(3)] ?? 0), 0);
    writer.u16(0);
    writer.noise(length);
    writer.sumTransport(at, family, protocol, upper, upper + 2);
    return;
  }
  writer.noise(20 + length);
  if (protocol === 17) put16(writer.bytes, upper + 4, 20 + length);
}

function writeExtension(writer: PacketWriter, random: Random): void {
  const at = writer.end;
  writer.u16(random.once(10) ? 0x1000 : 0x2000, 0);
  for (let objects = random.below(3) + 1; objects > 0; objects--) {
    writer.u16(8, 0x0101);
    writer.u32(random.word());
  }
  put16(writer.bytes, at + 2, ~sum16(writer.bytes, at, writer.end, 0) & 0xffff);
}
