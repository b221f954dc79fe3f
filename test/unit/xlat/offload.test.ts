// Super-packets and partial checksums (virtio 1.2 §5.1.6): only headers change, and what the kernel makes of the result
// is what it would have been packet by packet.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { put16, u16 } from "../../../src/net/octets.js";
import { buildTcp4, buildTcp6, buildUdp4, buildUdp6, fragmentExtension } from "../../../src/wire/build.js";
import { sumOctets } from "../../../src/wire/checksum.js";
import { ipv4PseudoSum } from "../../../src/wire/ipv4.js";
import { ipv6PseudoSum } from "../../../src/wire/ipv6.js";
import { parsePacket } from "../../../src/wire/parse.js";
import { TCP_ACK, TCP_CWR, TCP_FIN, TCP_PSH } from "../../../src/wire/tcp.js";
import {
  CLAT4,
  clat,
  droppedFor,
  type Emitted,
  hex,
  icmpOf,
  in6,
  type Offload,
  only,
  pattern,
  ports,
  run,
  SERVER4,
  toHex,
  wellFormed,
} from "./support.js";

const out4 = { source: CLAT4, destination: SERVER4, dontFragment: true };

/** Puts the pseudo-header's sum into the checksum field, as a sender that offloads does (not complemented). */
const partial = (packet: Uint8Array, upper: number, field: number, protocol: number): Uint8Array => {
  const length = packet.length - upper;
  const family = (packet[0] ?? 0) >> 4;
  const pseudo = family === 4 ? ipv4PseudoSum : ipv6PseudoSum;
  put16(packet, upper + field, pseudo(packet, 0, protocol, length));
  return packet;
};

/** Whether a partial checksum is right: the field is the sum of the new pseudo-header. */
const partialIsRight = (emitted: Emitted, protocol: number): boolean => {
  const { bytes, checksumStart, checksumOffset } = emitted;
  const pseudo = emitted.family === 4 ? ipv4PseudoSum : ipv6PseudoSum;
  const wanted = pseudo(bytes, 0, protocol, bytes.length - checksumStart);
  return u16(bytes, checksumStart + checksumOffset) % 0xffff === wanted % 0xffff;
};

const tcp4 = (length: number, more = {}): Uint8Array =>
  partial(buildTcp4({ ...out4, ...ports, payload: pattern(length), ...more }), 20, 16, 6);
const tcp6 = (length: number): Uint8Array =>
  partial(buildTcp6({ ...in6, ...ports, payload: pattern(length) }), 40, 16, 6);
const udp4 = (length: number, more = {}): Uint8Array =>
  partial(buildUdp4({ ...out4, ...ports, payload: pattern(length), ...more }), 20, 6, 17);
const udp6 = (length: number): Uint8Array =>
  partial(buildUdp6({ ...in6, ...ports, payload: pattern(length) }), 40, 6, 17);

const tcpOffload = (gsoType: number, checksumStart: number, gsoSize = 1400): Offload => ({
  gsoType,
  gsoSize,
  checksumStart,
  checksumOffset: 16,
});
const udpOffload = (checksumStart: number, gsoSize = 1200): Offload => ({
  gsoType: 5,
  gsoSize,
  checksumStart,
  checksumOffset: 6,
});

describe("v4ToV6() super-packets", () => {
  it.each([
    ["TCP", tcp4(60000), tcpOffload(1, 20), 4, 6],
    ["TCP with ECN", tcp4(60000), tcpOffload(0x81, 20), 0x84, 6],
    ["UDP", udp4(60000), udpOffload(20), 5, 17],
  ])("%s: headers, partial checksum, type and start of the checksum", (_, packet, offload, gsoType, protocol) => {
    const emitted = only(run(clat, 4, packet, offload));
    expect(emitted).toMatchObject({ family: 6, gsoType, gsoSize: offload.gsoSize, checksumStart: 40 });
    expect(emitted.checksumOffset).toBe(offload.checksumOffset);
    expect(emitted.bytes.length).toBe(packet.length + 20);
    expect(partialIsRight(emitted, protocol)).toBe(true);
    expect(toHex(emitted.bytes.subarray(60))).toBe(toHex(packet.subarray(40)));
  });

  it("with IPv4 options", () => {
    const segment = tcp4(3000).subarray(20);
    const packet = new Uint8Array(24 + segment.length);
    packet.set(buildTcp4({ ...out4, ...ports }).subarray(0, 20));
    packet.set(hex("94040000"), 20);
    packet.set(segment, 24);
    packet[0] = 0x46;
    put16(packet, 2, packet.length);
    put16(packet, 10, 0);
    put16(packet, 10, ~sumOctets(packet, 0, 24, 0) & 0xffff);
    const emitted = only(run(clat, 4, packet, tcpOffload(1, 24)));
    expect([emitted.checksumStart, partialIsRight(emitted, 6)]).toEqual([40, true]);
  });

  it("is never too big as a whole, but its segments may be: Fragmentation Needed (RFC 7915 §4.1)", () => {
    expect(run(clat, 4, tcp4(60000), tcpOffload(1, 20, 1440)).drops).toEqual([]);
    const outcome = run(clat, 4, tcp4(60000), tcpOffload(1, 20, 1441));
    expect(outcome.drops).toEqual(["too-big"]);
    const reply = only(outcome);
    expect(reply).toMatchObject({ family: 4, gsoType: 0, checksumStart: -1 });
    expect(icmpOf(wellFormed(reply))).toMatchObject({ type: 3, code: 4, rest: 1480 });
  });

  it("one segment that is shorter than gsoSize counts as it is", () => {
    expect(run(clat, 4, tcp4(1000), tcpOffload(1, 20, 9000)).drops).toEqual([]);
  });

  it.each([
    ["a TCP type of the other family", tcp4(3000), tcpOffload(4, 20)],
    ["UFO", udp4(3000), { ...udpOffload(20), gsoType: 3 }],
    ["a size of 0", tcp4(3000), tcpOffload(1, 20, 0)],
    ["no partial checksum", tcp4(3000), tcpOffload(1, -1)],
    ["a checksum elsewhere", tcp4(3000), tcpOffload(1, 24)],
    ["a checksum of another protocol", tcp4(3000), { ...tcpOffload(1, 20), checksumOffset: 6 }],
    ["TCP's type with UDP", udp4(3000), { ...udpOffload(20), gsoType: 1 }],
    ["UDP's type with TCP", tcp4(3000), { ...tcpOffload(1, 20), gsoType: 5 }],
    ["a partial checksum outside", tcp4(100), { checksumStart: 20, checksumOffset: 200 }],
    ["a partial checksum in the IP header", tcp4(100), { checksumStart: 4, checksumOffset: 2 }],
  ])("%s: dropped", (_, packet, offload) => {
    expect(droppedFor(run(clat, 4, packet, offload))).toBe("offload-unsupported");
  });
});

describe("v4ToV6() super-packets without DF", () => {
  it("segments beyond lowest-ipv6-mtu are cut and fragmented one by one (RFC 7915 §4.1)", () => {
    const flags = TCP_ACK | TCP_PSH | TCP_FIN | TCP_CWR;
    const packet = tcp4(3000, { dontFragment: false, sequence: 0xfffffff0, flags, identification: 0xffff });
    const outcome = run(clat, 4, packet, tcpOffload(1, 20, 1400));
    const fragments = outcome.out.map(wellFormed);
    expect(outcome.out.every((emitted) => emitted.bytes.length <= 1280 && emitted.gsoType === 0)).toBe(true);
    // 1420 and 1420 octets of TCP in two fragments each, 220 in one packet.
    expect(fragments.map((p) => [p.fragment?.offset, p.fragment?.more, p.fragment?.identification])).toEqual([
      [0, true, 0xffff],
      [1232, false, 0xffff],
      [0, true, 0],
      [1232, false, 0],
      [undefined, undefined, undefined],
    ]);
    const heads = fragments.filter((p) => (p.fragment?.offset ?? 0) === 0).map((p) => p.transport);
    expect(heads).toMatchObject([
      { sequence: 0xfffffff0, flags: TCP_ACK | TCP_CWR },
      { sequence: 0xfffffff0 + 1400 - 2 ** 32, flags: TCP_ACK },
      { sequence: 0xfffffff0 + 2800 - 2 ** 32, flags: TCP_ACK | TCP_PSH | TCP_FIN, checksum: "right" },
    ]);
    const data = fragments.map((p) => p.payload.subarray((p.fragment?.offset ?? 0) === 0 ? 20 : 0));
    expect(toHex(Buffer.concat(data))).toBe(toHex(pattern(3000)));
    const first = outcome.out[0]?.bytes ?? new Uint8Array(40);
    const whole = Buffer.concat(fragments.slice(0, 2).map((p) => p.payload));
    expect(sumOctets(whole, 0, whole.length, ipv6PseudoSum(first, 0, 6, whole.length))).toBe(0xffff);
  });

  it("UDP: every datagram has its own length and checksum", () => {
    const outcome = run({ ...clat, lowestIpv6Mtu: 1300 }, 4, udp4(3000, { dontFragment: false }), udpOffload(20, 1280));
    const datagrams = outcome.out.map(wellFormed).filter((p) => (p.fragment?.offset ?? 0) === 0);
    expect(datagrams.map((p) => p.transport)).toMatchObject([{ length: 1288 }, { length: 1288 }, { length: 448 }]);
  });

  it("segments that fit stay a super-packet", () => {
    expect(only(run(clat, 4, tcp4(3000, { dontFragment: false }), tcpOffload(1, 20, 1220))).gsoType).toBe(4);
  });
});

describe("v6ToV4() super-packets", () => {
  it.each([
    ["TCP", tcp6(60000), tcpOffload(4, 40), 1, 6],
    ["TCP with ECN", tcp6(60000), tcpOffload(0x84, 40), 0x81, 6],
    ["UDP", udp6(60000), udpOffload(40), 5, 17],
  ])("%s: headers, partial checksum, type and start of the checksum", (_, packet, offload, gsoType, protocol) => {
    const emitted = only(run(clat, 6, packet, offload));
    expect(emitted).toMatchObject({ family: 4, gsoType, gsoSize: offload.gsoSize, checksumStart: 20 });
    expect(emitted.bytes.length).toBe(packet.length - 20);
    expect(partialIsRight(emitted, protocol)).toBe(true);
    expect(toHex(emitted.bytes.subarray(40))).toBe(toHex(packet.subarray(60)));
  });

  it.each([
    [1220, false],
    [1221, true],
  ])("with segments of %i octets DF is %s: what counts is the packet on the wire (RFC 7915 §5.1)", (gsoSize, df) => {
    expect(parsePacket(only(run(clat, 6, tcp6(9000), tcpOffload(4, 40, gsoSize))).bytes)?.dontFragment).toBe(df);
  });

  it("segments beyond the MTU of the IPv4 side: Packet Too Big (RFC 7915 §1.4)", () => {
    const outcome = run({ ...clat, mtuV4: 1400 }, 6, tcp6(9000), tcpOffload(4, 40, 1400));
    expect(outcome.drops).toEqual(["too-big"]);
    expect(icmpOf(wellFormed(only(outcome)))).toMatchObject({ type: 2, rest: 1420 });
  });

  it("small segments beyond a very small MTU are cut and fragmented (RFC 7915 §5.1.1)", () => {
    const outcome = run({ ...clat, mtuV4: 1000 }, 6, tcp6(2000), tcpOffload(4, 40, 1200));
    expect(outcome.out.map(wellFormed).map((p) => p.length)).toEqual([996, 264, 840]);
  });

  it("in a fragment: dropped", () => {
    const packet = buildTcp6({
      ...in6,
      ...ports,
      extensions: [fragmentExtension(0, false, 1)],
      payload: pattern(3000),
    });
    expect(droppedFor(run(clat, 6, packet, tcpOffload(4, 48)))).toBe("offload-unsupported");
  });

  it("the longest there is", () => {
    const emitted = only(run(clat, 6, tcp6(65535 - 20 - 20), tcpOffload(4, 40)));
    expect(emitted.bytes.length).toBe(65535);
  });

  it("one that is longer than IPv4 can say goes in segments (RFC 791 §3.1)", () => {
    const { out, drops } = run(clat, 6, tcp6(65535 - 20 - 19), tcpOffload(4, 40, 1400));
    expect(drops).toEqual([]);
    expect(out.length).toBe(Math.ceil((65535 - 20 - 19) / 1400));
    expect(out.reduce((sum, emitted) => sum + (wellFormed(emitted).length - 40), 0)).toBe(65535 - 20 - 19);
  });
});

describe("partial checksums without segmentation", () => {
  const cases = fc.tuple(fc.constantFrom("tcp4", "udp4", "tcp6", "udp6"), fc.integer({ min: 0, max: 1400 }));
  const build = { tcp4, udp4, tcp6, udp6 };

  it("stay partial in one packet", () => {
    fc.assert(
      fc.property(cases, ([kind, length]) => {
        const family = kind.endsWith("4") ? 4 : 6;
        const isTcp = kind.startsWith("tcp");
        const offload = { checksumStart: family === 4 ? 20 : 40, checksumOffset: isTcp ? 16 : 6 };
        const emitted = only(run({ ...clat, lowestIpv6Mtu: 1500 }, family, build[kind](length), offload));
        expect(emitted.checksumStart).toBe(family === 4 ? 40 : 20);
        expect(partialIsRight(emitted, isTcp ? 6 : 17)).toBe(true);
      }),
    );
  });

  it("are completed before a packet is fragmented (RFC 7915 §4.1)", () => {
    const outcome = run(clat, 4, udp4(4000, { dontFragment: false }), { checksumStart: 20, checksumOffset: 6 });
    const fragments = outcome.out.map(wellFormed);
    expect(fragments.length).toBe(4);
    expect(outcome.out.every((emitted) => emitted.checksumStart === -1)).toBe(true);
    const data = Buffer.concat(fragments.map((p) => p.payload));
    const first = outcome.out[0]?.bytes ?? new Uint8Array(40);
    expect(sumOctets(data, 0, data.length, ipv6PseudoSum(first, 0, 17, data.length))).toBe(0xffff);
  });

  it("of a protocol that is translated otherwise are completed first (ICMPv6)", () => {
    const echo = hex("80 00 0000 0001 0002 01020304");
    const packet = new Uint8Array(40 + echo.length);
    packet.set(buildUdp6({ ...in6, ...ports }).subarray(0, 40));
    packet.set(echo, 40);
    packet[6] = 58;
    put16(packet, 4, echo.length);
    put16(packet, 42, ipv6PseudoSum(packet, 0, 58, echo.length));
    const emitted = only(run(clat, 6, packet, { checksumStart: 40, checksumOffset: 2 }));
    expect(emitted.checksumStart).toBe(-1);
    expect(icmpOf(wellFormed(emitted))).toMatchObject({ type: 8, checksum: "right" });
  });
});
