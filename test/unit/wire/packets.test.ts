// The builders against golden packets, and the parser against the builders: the codec laws.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  buildEcho4,
  buildEcho6,
  buildIpv4,
  buildIpv6,
  buildTcp4,
  buildTcp6,
  buildUdp4,
  buildUdp6,
  fragmentExtension,
} from "../../../src/wire/build.js";
import { hasUnexpiredSourceRoute } from "../../../src/wire/ipv4.js";
import { parsePacket } from "../../../src/wire/parse.js";
import { hex, toHex } from "../xlat/support.js";

const a4 = { source: "192.0.2.1", destination: "198.51.100.2" };
const a6 = { source: "2001:db8::1", destination: "2001:db8::2" };
const ports = { sourcePort: 40000, destinationPort: 53 };

describe("buildUdp4()", () => {
  it("writes the golden packet (RFC 791 §3.1, RFC 768)", () => {
    const golden = hex(`
      45 b8 0020       ; version, IHL; TOS; total length 32
      1234 4000        ; identification; DF
      3f 11 3caa       ; TTL 63; UDP; header checksum
      c0000201         ; 192.0.2.1
      c6336402         ; 198.51.100.2
      9c40 0035        ; ports 40000, 53
      000c 8f4f        ; length 12; checksum
      74657374         ; "test"
    `);
    const payload = new TextEncoder().encode("test");
    const fields = { ...a4, ...ports, tos: 0xb8, identification: 0x1234, dontFragment: true, ttl: 63, payload };
    expect(toHex(buildUdp4(fields))).toBe(toHex(golden));
  });
});

describe("buildEcho6()", () => {
  it("writes the golden packet (RFC 8200 §3, RFC 4443 §4.1)", () => {
    const golden = hex(`
      6b8 12345        ; version, traffic class 0xb8, flow label
      000a 3a 40       ; payload length 10; ICMPv6; hop limit 64
      20010db8000000000000000000000001
      20010db8000000000000000000000002
      80 00 819e       ; echo request; checksum
      0102 0003        ; identifier, sequence
      a1a2
    `);
    const echo = { kind: "request", identifier: 0x0102, sequence: 3, payload: Uint8Array.of(0xa1, 0xa2) } as const;
    expect(toHex(buildEcho6({ ...a6, trafficClass: 0xb8, flowLabel: 0x12345, ...echo }))).toBe(toHex(golden));
  });
});

describe("parsePacket()", () => {
  const payload = fc.uint8Array({ maxLength: 100 });

  it.each([
    ["buildUdp4()", (data: Uint8Array) => buildUdp4({ ...a4, ...ports, payload: data }), 4, "udp"],
    ["buildUdp6()", (data: Uint8Array) => buildUdp6({ ...a6, ...ports, payload: data }), 6, "udp"],
    ["buildTcp4()", (data: Uint8Array) => buildTcp4({ ...a4, ...ports, payload: data }), 4, "tcp"],
    ["buildTcp6()", (data: Uint8Array) => buildTcp6({ ...a6, ...ports, payload: data }), 6, "tcp"],
    [
      "buildEcho4()",
      (data: Uint8Array) => buildEcho4({ ...a4, kind: "reply", identifier: 1, sequence: 2, payload: data }),
      4,
      "icmp",
    ],
    [
      "buildEcho6()",
      (data: Uint8Array) => buildEcho6({ ...a6, kind: "reply", identifier: 1, sequence: 2, payload: data }),
      6,
      "icmp",
    ],
  ] as const)("reads what %s wrote, its checksums are right, and damage is seen", (_, build, family, kind) => {
    fc.assert(
      fc.property(payload, fc.nat(), (data, where) => {
        const packet = build(data);
        const parsed = parsePacket(packet);
        expect(parsed).toMatchObject({ family, length: packet.length, headerChecksumIsRight: true });
        expect(parsed?.transport).toMatchObject({ kind, checksum: "right" });
        const read = parsed?.transport?.kind === "icmp" ? parsed.transport.body : parsed?.transport?.payload;
        expect(Array.from(read ?? [])).toEqual(Array.from(data));
        if (data.length > 0) {
          const at = packet.length - data.length + (where % data.length);
          packet[at] = (packet[at] ?? 0) ^ 1;
          expect(parsePacket(packet)?.transport).toMatchObject({ checksum: "wrong" });
        }
      }),
    );
  });

  it("reads a fragment, and leaves its transport header alone where it is a later one", () => {
    const extensions = [{ type: 60, octets: new Uint8Array(8) }, fragmentExtension(1232, true, 0xabcd1234)];
    expect(parsePacket(buildIpv6({ ...a6, extensions }, 17, new Uint8Array(16)))).toMatchObject({
      protocol: 17,
      extensions: [60, 44],
      fragment: { offset: 1232, more: true, identification: 0xabcd1234 },
    });
    expect(parsePacket(buildIpv6({ ...a6, extensions }, 17, new Uint8Array(16)))?.transport).toBeUndefined();
    const fields = { ...a4, fragmentOffset: 8, identification: 7 };
    expect(parsePacket(buildIpv4(fields, 17, new Uint8Array(16)))).toMatchObject({
      fragment: { offset: 8, more: false, identification: 7 },
    });
  });

  it("never throws, whatever the octets", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 120 }), fc.constantFrom(0x45, 0x4f, 0x60), (octets, first) => {
        if (octets.length > 0) octets[0] = first;
        parsePacket(octets);
        return true;
      }),
      { numRuns: 1000 },
    );
  });
});

describe("buildIpv4()", () => {
  it.each([
    [
      "an address",
      () => buildIpv4({ ...a4, source: "192.0.2" }, 17, new Uint8Array(0)),
      /"192.0.2" is no IPv4 address/,
    ],
    ["a length", () => buildIpv4(a4, 17, new Uint8Array(65520)), /65540 octets/],
  ])("refuses %s that can't be", (_, build, why) => {
    expect(build).toThrow(why);
  });
});

describe("hasUnexpiredSourceRoute()", () => {
  const packetWith = (...options: number[]): Uint8Array =>
    buildIpv4({ ...a4, options: Uint8Array.from(options) }, 17, new Uint8Array(8));
  it.each([
    ["loose, unused", [131, 7, 4, 203, 0, 113, 1, 0], true],
    ["strict, unused", [137, 7, 4, 203, 0, 113, 1, 0], true],
    ["loose, used up", [131, 7, 8, 203, 0, 113, 1, 0], false],
    ["behind no-operations", [1, 1, 1, 131, 7, 4, 203, 0, 113, 1, 0, 0], true],
    ["behind the end of the list", [0, 131, 7, 4, 203, 0, 113, 1], false],
    ["behind a record route", [7, 3, 4, 131, 7, 4, 1, 2, 3, 4, 0, 0], true],
    ["a router alert", [148, 4, 0, 0], false],
    ["a length of 0", [131, 0, 4, 0], false],
    ["a length beyond the header", [131, 40, 4, 0], false],
    ["cut off behind the type", [1, 1, 1, 131], false],
  ])("%s: %j (RFC 791 §3.1)", (_, options, expected) => {
    const packet = packetWith(...options);
    expect(hasUnexpiredSourceRoute(packet, 0, 20 + options.length)).toBe(expected);
  });
});
