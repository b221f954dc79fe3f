// RFC 7915 §5.1: the IPv6 header becomes an IPv4 header, field by field.

import { describe, expect, it } from "vitest";
import { buildIpv6, buildTcp6, buildUdp6, type Extension, fragmentExtension } from "../../../src/wire/build.js";
import {
  CLAT4,
  changed,
  clat,
  droppedFor,
  hex,
  icmpOf,
  in6,
  only,
  pattern,
  run,
  SERVER4,
  SERVER6,
  TRANSLATOR6,
  toHex,
  translate,
  wellFormed,
} from "./support.js";

const udp = { ...in6, sourcePort: 53, destinationPort: 4000 };

const hopByHop: Extension = { type: 0, octets: hex("00 00 05 02 0000 01 00") };
const destinationOptions: Extension = { type: 60, octets: hex("00 01 01 0c 000000000000000000000000") };
const routing = (segmentsLeft: number): Extension => ({
  type: 43,
  octets: Uint8Array.from([0, 2, 0, segmentsLeft, 0, 0, 0, 0, ...new Array<number>(16).fill(0x20)]),
});

describe("v6ToV4() header", () => {
  it("a golden packet comes out octet by octet (RFC 7915 §5.1)", () => {
    const v6 = hex(`
      6 b8 12345       ; version; traffic class 0xb8; flow label
      000c 11 40       ; payload length 12; UDP; hop limit 64
      20010db80064000000000000c6336407
      20010db8000100000000000000000464
      0035 9c40        ; ports 53, 40000
      000c f110        ; length 12; checksum
      74657374         ; "test"
    `);
    const v4 = hex(`
      45 b8 0020       ; version, IHL; TOS; total length 32
      1234 0000        ; identification of ours (the seed + 1); no DF, since it is small
      3f 11 7ea5       ; TTL 63; UDP; header checksum
      c6336407         ; 198.51.100.7
      c0000001         ; 192.0.0.1
      0035 9c40
      000c 914a
      74657374
    `);
    expect(toHex(only(run(clat, 6, v6)).bytes)).toBe(toHex(v4));
  });

  it("all 256 values of Traffic Class are copied to TOS (RFC 7915 §5.1 Type of Service)", () => {
    for (let trafficClass = 0; trafficClass < 256; trafficClass++) {
      expect(translate(clat, 6, buildUdp6({ ...udp, trafficClass })).trafficClass).toBe(trafficClass);
    }
  });

  it("no options, and the length is payload and header (RFC 7915 §5.1 Internet Header Length, Total Length)", () => {
    const emitted = only(run(clat, 6, buildUdp6({ ...udp, payload: pattern(10) })));
    expect([emitted.bytes[0], emitted.bytes.length]).toEqual([0x45, 38]);
  });

  it.each([
    [1260, false],
    [1261, true],
    [1500, true],
  ])("an IPv4 packet of %i octets has DF %s (RFC 7915 §5.1 Flags)", (length, dontFragment) => {
    const packet = translate({ ...clat, mtuV6: 9000 }, 6, buildUdp6({ ...udp, payload: pattern(length - 28) }));
    expect(packet).toMatchObject({ length, dontFragment });
    expect(packet.fragment).toBeUndefined();
  });

  it("identifications come from a generator (RFC 7915 §5.1 Identification)", () => {
    const first = translate(clat, 6, buildUdp6(udp));
    expect(first.identification).toBe(0x1234);
  });

  it("exactly one hop is taken off (RFC 7915 §5.1 Time to Live)", () => {
    for (const hopLimit of [2, 64, 255]) {
      expect(translate(clat, 6, buildUdp6({ ...udp, hopLimit })).hopLimit).toBe(hopLimit - 1);
    }
  });

  it("every next header but ICMPv6 and those skipped is copied (RFC 7915 §5.1 Protocol)", () => {
    for (let next = 0; next < 256; next++) {
      if ([0, 43, 44, 58, 60].includes(next) || [6, 17, 33, 136].includes(next)) continue;
      const emitted = only(run(clat, 6, buildIpv6(in6, next, pattern(24))));
      expect([emitted.bytes[9], toHex(emitted.bytes.subarray(20))]).toEqual([next, toHex(pattern(24))]);
    }
  });

  it("source by the PREF64, destination by its mapping (RFC 7915 §5.1, §6)", () => {
    expect(translate(clat, 6, buildUdp6(udp))).toMatchObject({ source: SERVER4, destination: CLAT4 });
  });

  it.each(["::", "::1", "fe80::1", "ff02::1"])(
    "a packet from %s is silently dropped (RFC 7915 §5.1 Source Address)",
    (source) => {
      expect(droppedFor(run(clat, 6, buildUdp6({ ...udp, source })))).toBe("illegal-source");
    },
  );

  it("a source that embeds an illegal IPv4 address is dropped (RFC 7915 §8, RFC 6052 §5)", () => {
    for (const source of ["2001:db8:64::7f00:1", "2001:db8:64::e000:1", "2001:db8:64::ffff:ffff", "2001:db8:64::"]) {
      expect(run(clat, 6, buildUdp6({ ...udp, source })).drops).toEqual(["illegal-source"]);
    }
  });

  it.each(["ff02::1", "fe80::1", "::1"])("a packet to %s is not translated", (destination) => {
    expect(run(clat, 6, buildUdp6({ ...udp, destination })).drops).toEqual(["illegal-destination"]);
  });
});

describe("v6ToV4() extension headers", () => {
  const plain = buildTcp6({ ...in6, sourcePort: 1, destinationPort: 2, payload: pattern(40) });
  const expected = toHex(only(run(clat, 6, plain)).bytes);
  it.each([
    ["hop-by-hop options", [hopByHop]],
    ["destination options", [destinationOptions]],
    ["routing, no segments left", [routing(0)]],
    ["all of them", [hopByHop, destinationOptions, routing(0), destinationOptions]],
  ])("%s: ignored, length and protocol skip them (RFC 7915 §5.1)", (_, extensions) => {
    const packet = buildTcp6({ ...in6, sourcePort: 1, destinationPort: 2, payload: pattern(40), extensions });
    expect(toHex(only(run(clat, 6, packet)).bytes)).toBe(expected);
  });

  it("routing with segments left is not translated; a parameter problem points at the field (RFC 7915 §5.1)", () => {
    const packet = buildUdp6({ ...udp, extensions: [hopByHop, routing(1)] });
    const outcome = run(clat, 6, packet);
    expect(outcome.drops).toEqual(["routing-header"]);
    const reply = wellFormed(only(outcome));
    expect(reply).toMatchObject({ family: 6, source: TRANSLATOR6, destination: SERVER6 });
    expect(icmpOf(reply)).toMatchObject({ type: 4, code: 0, rest: 40 + 8 + 3 });
    expect(toHex(icmpOf(reply).body)).toBe(toHex(packet));
  });

  it.each([
    ["cut off behind its type", buildIpv6(in6, 60, hex("11 00 0000"))],
    ["longer than the packet", buildIpv6(in6, 60, hex("11 04 0000 00000000"))],
    ["a Fragment Header cut off", buildIpv6(in6, 44, hex("11 00 0000"))],
  ])("%s: dropped", (_, packet) => {
    expect(droppedFor(run(clat, 6, packet))).toBe("truncated");
  });
});

describe("v6ToV4() fragments that come in", () => {
  it.each([
    ["the first", 0, true, 1232],
    ["one in the middle", 1232, true, 16],
    ["the last", 65504, false, 3],
    ["an atomic one", 0, false, 24],
  ])("%s: offset and M copied, low 16 bits of identification, no DF (RFC 7915 §5.1.1)", (_, offset, more, length) => {
    const extensions = [fragmentExtension(offset, more, 0x1234abcd)];
    const packet = translate(clat, 6, buildIpv6({ ...in6, extensions }, 132, pattern(length)));
    expect(packet).toMatchObject({ protocol: 132, identification: 0xabcd, dontFragment: false, length: 20 + length });
    expect(packet.fragment ?? { offset: 0, more: false }).toMatchObject({ offset, more });
    expect(toHex(packet.payload)).toBe(toHex(pattern(length)));
  });

  it("a fragment longer than 1260 has no DF either (RFC 7915 §5.1.1 Flags)", () => {
    const extensions = [fragmentExtension(0, true, 1)];
    const packet = translate(clat, 6, buildIpv6({ ...in6, extensions }, 132, pattern(1440)));
    expect(packet).toMatchObject({ dontFragment: false, length: 1460 });
  });

  it("extension headers in front of the Fragment Header are skipped (RFC 7915 §5.1.1 Total Length)", () => {
    const extensions = [hopByHop, routing(0), fragmentExtension(8, false, 5)];
    const packet = translate(clat, 6, buildIpv6({ ...in6, extensions }, 17, pattern(30)));
    expect(packet).toMatchObject({ length: 50, fragment: { offset: 8, more: false, identification: 5 } });
  });

  it.each([0, 43, 44, 51, 60, 135, 139, 140])(
    "extension header %i behind a Fragment Header: dropped (RFC 7915 §5.1.1)",
    (next) => {
      const extensions = [fragmentExtension(0, true, 1)];
      expect(droppedFor(run(clat, 6, buildIpv6({ ...in6, extensions }, next, new Uint8Array(16))))).toBe(
        "fragmented-extension",
      );
    },
  );

  it("ESP behind a Fragment Header is translated (RFC 7915 §5.1.1)", () => {
    const extensions = [fragmentExtension(0, true, 1)];
    expect(translate(clat, 6, buildIpv6({ ...in6, extensions }, 50, pattern(16))).protocol).toBe(50);
  });

  it.each([
    ["no multiple of 8 but not the last", 0, true, 20],
    ["empty", 8, false, 0],
    ["more than an IPv4 packet can hold", 65504, false, 12],
  ])("%s: dropped (RFC 8200 §4.5)", (_, offset, more, length) => {
    const extensions = [fragmentExtension(offset, more, 1)];
    expect(droppedFor(run(clat, 6, buildIpv6({ ...in6, extensions }, 132, pattern(length))))).toBe("bad-fragment");
  });
});

describe("v6ToV4() damaged packets", () => {
  const good = buildUdp6({ ...udp, payload: pattern(20) });
  it.each([
    ["nothing at all", new Uint8Array(0), "truncated"],
    ["39 octets", good.subarray(0, 39), "truncated"],
    ["one octet less than its length says", good.subarray(0, good.length - 1), "truncated"],
    ["version 4", changed(good, (p) => p.set([0x40])), "malformed-header"],
    ["half a UDP header", buildIpv6(in6, 17, pattern(7)), "truncated-transport"],
    ["half a TCP header", buildIpv6(in6, 6, pattern(17)), "truncated-transport"],
    ["half an ICMPv6 header", buildIpv6(in6, 58, pattern(7)), "truncated-transport"],
  ])("%s: dropped without a word (RFC 8200 §3)", (_, packet, reason) => {
    expect(droppedFor(run(clat, 6, packet))).toBe(reason);
  });
});
