// RFC 7915 §4.5 and §5.5: transport checksums; §4.2 and §5.2: echo.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { put16 } from "../../../src/net/octets.js";
import {
  buildEcho4,
  buildEcho6,
  buildIcmp4,
  buildIcmp6,
  buildIpv4,
  buildIpv6,
  buildTcp4,
  buildTcp6,
  buildUdp4,
  buildUdp6,
} from "../../../src/wire/build.js";
import { sumOctets } from "../../../src/wire/checksum.js";
import { ipv4PseudoSum } from "../../../src/wire/ipv4.js";
import { ipv6PseudoSum } from "../../../src/wire/ipv6.js";
import {
  CLAT4,
  clat,
  droppedFor,
  hex,
  icmpOf,
  in6,
  only,
  out4,
  pattern,
  ports,
  run,
  SERVER4,
  toHex,
  translate,
  wellFormed,
} from "./support.js";

const payloads = fc.uint8Array({ maxLength: 300 });

describe("v4ToV6() and v6ToV4() checksums", () => {
  it.each([
    ["TCP", 4, (payload: Uint8Array) => buildTcp4({ ...out4, ...ports, payload })],
    ["UDP", 4, (payload: Uint8Array) => buildUdp4({ ...out4, ...ports, payload })],
    [
      "echo request",
      4,
      (payload: Uint8Array) => buildEcho4({ ...out4, kind: "request", identifier: 1, sequence: 2, payload }),
    ],
    [
      "echo reply",
      4,
      (payload: Uint8Array) => buildEcho4({ ...out4, kind: "reply", identifier: 1, sequence: 2, payload }),
    ],
    ["TCP", 6, (payload: Uint8Array) => buildTcp6({ ...in6, ...ports, payload })],
    ["UDP", 6, (payload: Uint8Array) => buildUdp6({ ...in6, ...ports, payload })],
    [
      "echo request",
      6,
      (payload: Uint8Array) => buildEcho6({ ...in6, kind: "request", identifier: 1, sequence: 2, payload }),
    ],
    [
      "echo reply",
      6,
      (payload: Uint8Array) => buildEcho6({ ...in6, kind: "reply", identifier: 1, sequence: 2, payload }),
    ],
  ] as const)("%s from IPv%i: right before, right behind (RFC 7915 §4.5, §5.5)", (_, family, build) => {
    fc.assert(
      fc.property(payloads, (payload) => {
        const packet = translate(clat, family, build(payload));
        expect(packet.transport?.checksum).toBe("right");
        const data = packet.transport?.kind === "icmp" ? packet.transport.body : packet.transport?.payload;
        expect(toHex(data ?? new Uint8Array(0))).toBe(toHex(payload));
      }),
    );
  });

  it.each([
    ["TCP", buildTcp4({ ...out4, ...ports, payload: pattern(50) }), 4],
    ["UDP", buildUdp4({ ...out4, ...ports, payload: pattern(50) }), 4],
    ["TCP", buildTcp6({ ...in6, ...ports, payload: pattern(50) }), 6],
    ["UDP", buildUdp6({ ...in6, ...ports, payload: pattern(50) }), 6],
  ] as const)("%s: what was damaged stays damaged (RFC 7915 §5)", (_, packet, family) => {
    packet[packet.length - 1] = (packet[packet.length - 1] ?? 0) ^ 1;
    const bytes = only(run(clat, family, packet)).bytes;
    const upper = family === 4 ? 40 : 20;
    const protocol = (family === 4 ? bytes[6] : bytes[9]) ?? 0;
    const length = bytes.length - upper;
    const pseudo = family === 4 ? ipv6PseudoSum(bytes, 0, protocol, length) : ipv4PseudoSum(bytes, 0, protocol, length);
    expect(sumOctets(bytes, upper, bytes.length, pseudo)).not.toBe(0xffff);
  });

  it.each([
    [33, "DCCP", 6],
    [136, "UDP-Lite", 6],
  ])("protocol %i, %s: its checksum is updated too (RFC 7915 §4.5: OPTIONAL)", (protocol, _, field) => {
    const segment = pattern(40);
    put16(segment, field, 0);
    const packet = buildIpv4(out4, protocol, segment);
    put16(packet, 20 + field, ~sumOctets(packet, 20, 60, ipv4PseudoSum(packet, 0, protocol, 40)) & 0xffff);
    const there = only(run(clat, 4, packet)).bytes;
    expect(sumOctets(there, 40, 80, ipv6PseudoSum(there, 0, protocol, 40))).toBe(0xffff);
    const back6 = buildIpv6(in6, protocol, segment);
    put16(back6, 40 + field, ~sumOctets(back6, 40, 80, ipv6PseudoSum(back6, 0, protocol, 40)) & 0xffff);
    const back = only(run(clat, 6, back6)).bytes;
    expect(sumOctets(back, 20, 60, ipv4PseudoSum(back, 0, protocol, 40))).toBe(0xffff);
  });
});

describe("v4ToV6() UDP without a checksum", () => {
  it("it is computed (RFC 7915 §4.5 item 2)", () => {
    for (const length of [0, 1, 2, 77, 1000]) {
      const packet = translate(clat, 4, buildUdp4({ ...out4, ...ports, checksum: 0, payload: pattern(length) }));
      expect(packet.transport).toMatchObject({ kind: "udp", checksum: "right" });
    }
  });

  it("over the length that UDP tells, where more octets follow (RFC 768)", () => {
    const datagram = buildUdp4({ ...out4, ...ports, checksum: 0, payload: pattern(20) }).subarray(20);
    const longer = new Uint8Array(datagram.length + 8).fill(0x77);
    longer.set(datagram);
    const bytes = only(run(clat, 4, buildIpv4(out4, 17, longer))).bytes;
    expect(bytes.length).toBe(40 + 36);
    expect(sumOctets(bytes, 40, 68, ipv6PseudoSum(bytes, 0, 17, 28))).toBe(0xffff);
  });

  it.each([7, 29, 65535])("a UDP length of %i can't be: dropped", (length) => {
    const datagram = buildUdp4({ ...out4, ...ports, checksum: 0, payload: pattern(20) }).subarray(20);
    put16(datagram, 4, length);
    expect(droppedFor(run(clat, 4, buildIpv4(out4, 17, datagram)))).toBe("truncated-transport");
  });

  it("it is dropped where the policy says so, and the sender told (RFC 7915 §4.5 item 1, §4.4)", () => {
    const packet = buildUdp4({ ...out4, ...ports, checksum: 0, payload: pattern(20) });
    const outcome = run({ ...clat, udpZeroChecksum: "drop" }, 4, packet);
    expect(outcome.drops).toEqual(["udp-checksum-zero"]);
    expect(icmpOf(wellFormed(only(outcome)))).toMatchObject({ type: 3, code: 13 });
  });

  it("a checksum that comes out as zero is sent as 0xffff (RFC 768)", () => {
    // Two octets of payload that make the sum 0xffff: found by looking at all of them.
    const base = buildUdp6({ ...in6, ...ports, payload: new Uint8Array(2) });
    const value = (~sumOctets(base, 40, 46, 0) - ipv6PseudoSum(base, 0, 17, 10)) & 0xffff;
    let seen = 0;
    for (const guess of [value - 1, value, value + 1]) {
      const payload = Uint8Array.of((guess >> 8) & 0xff, guess & 0xff);
      const packet = buildUdp4({ source: SERVER4, destination: CLAT4, ...ports, checksum: 0, payload });
      const bytes = only(run(clat, 4, packet)).bytes;
      const field = ((bytes[46] ?? 0) << 8) | (bytes[47] ?? 0);
      expect(field).not.toBe(0);
      if (field === 0xffff) seen++;
    }
    expect(seen).toBe(1);
  });
});

describe("v6ToV4() UDP without a checksum", () => {
  it("it stays without one, which IPv4 allows (RFC 6935, RFC 768)", () => {
    const packet = translate(clat, 6, buildUdp6({ ...in6, ...ports, checksum: 0, payload: pattern(20) }));
    expect(packet.transport?.checksum).toBe("none");
  });
});

describe("echo", () => {
  it.each([
    ["request", 8, 128],
    ["reply", 0, 129],
  ] as const)("%s: type %i <-> %i, identifier and sequence kept (RFC 7915 §4.2, §5.2)", (kind, type4, type6) => {
    const fields = { kind, identifier: 0x1122, sequence: 0x3344, payload: pattern(56) };
    expect(icmpOf(translate(clat, 4, buildEcho4({ ...out4, ...fields })))).toMatchObject({
      type: type6,
      code: 0,
      rest: 0x11223344,
    });
    expect(icmpOf(translate(clat, 6, buildEcho6({ ...in6, ...fields })))).toMatchObject({
      type: type4,
      code: 0,
      rest: 0x11223344,
    });
  });

  it("a reply of zeros only has a checksum that verifies (RFC 1624 §3)", () => {
    const fields = { kind: "reply", identifier: 0, sequence: 0, payload: new Uint8Array(8) } as const;
    expect(icmpOf(translate(clat, 6, buildEcho6({ ...in6, ...fields }))).checksum).toBe("right");
    expect(icmpOf(translate(clat, 4, buildEcho4({ ...out4, ...fields }))).checksum).toBe("right");
  });
});

describe("other messages that are no errors", () => {
  it.each([9, 10, 13, 14, 15, 16, 17, 18])("ICMPv4 type %i: silently dropped (RFC 7915 §4.2)", (type) => {
    expect(droppedFor(run(clat, 4, buildIcmp4({ ...out4, type, code: 0, body: pattern(12) })))).toBe("icmp-type");
  });

  it.each([1, 2, 7, 19, 41, 42, 253, 255])("unknown ICMPv4 type %i: silently dropped (RFC 7915 §4.2)", (type) => {
    expect(droppedFor(run(clat, 4, buildIcmp4({ ...out4, type, code: 0, body: pattern(40) })))).toBe("icmp-type");
  });

  it("IGMP: silently dropped (RFC 7915 §4.2)", () => {
    expect(droppedFor(run(clat, 4, buildIpv4({ ...out4, ttl: 1 }, 2, hex("16 00 09e6 e00000fb"))))).toBe("igmp");
  });

  it.each([...[130, 131, 132, 143], ...[133, 134, 135, 136, 137], ...[138, 139, 140, 144, 155, 160, 200, 255]])(
    "ICMPv6 type %i (MLD, ND, unknown): silently dropped (RFC 7915 §5.2)",
    (type) => {
      expect(droppedFor(run(clat, 6, buildIcmp6({ ...in6, type, code: 0, body: pattern(16) })))).toBe("icmp-type");
    },
  );

  it.each([5, 6, 100, 127])("unknown ICMPv6 error %i: silently dropped (RFC 7915 §5.2)", (type) => {
    expect(droppedFor(run(clat, 6, buildIcmp6({ ...in6, type, code: 0, body: pattern(48) })))).toBe("icmp-type");
  });
});
