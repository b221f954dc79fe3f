// RFC 7915 §4.1: the IPv4 header becomes an IPv6 header, field by field.

import { describe, expect, it } from "vitest";
import { buildEcho4, buildIpv4, buildTcp4, buildUdp4 } from "../../../src/wire/build.js";
import { COUNTERS_LENGTH, readCounters } from "../../../src/xlat/counters.js";
import { newFrame } from "../../../src/xlat/frame.js";
import { createTranslator } from "../../../src/xlat/translator.js";
import {
  CLAT6,
  changed,
  clat,
  droppedFor,
  hex,
  only,
  out4,
  pattern,
  run,
  SERVER6,
  toHex,
  translate,
} from "./support.js";

const udp = { ...out4, sourcePort: 4000, destinationPort: 53 };

describe("v4ToV6() header", () => {
  it("a golden packet comes out octet by octet (RFC 7915 §4.1)", () => {
    const v4 = hex(`
      45 b8 0020       ; version, IHL; TOS 0xb8; total length 32
      1234 4000        ; identification; DF
      40 11 3da5       ; TTL 64; UDP; header checksum
      c0000001         ; 192.0.0.1
      c6336407         ; 198.51.100.7
      9c40 0035        ; ports 40000, 53
      000c 914a        ; length 12; checksum
      74657374         ; "test"
    `);
    const v6 = hex(`
      6 b8 00000       ; version; traffic class 0xb8; flow label 0
      000c 11 3f       ; payload length 12; UDP; hop limit 63
      20010db8000100000000000000000464 ; the mapping of 192.0.0.1
      20010db80064000000000000c6336407 ; PREF64 and 198.51.100.7
      9c40 0035
      000c f110        ; the checksum, updated
      74657374
    `);
    expect(toHex(only(run(clat, 4, v4)).bytes)).toBe(toHex(v6));
  });

  it("all 256 values of TOS are copied to Traffic Class (RFC 7915 §4.1 Traffic Class)", () => {
    for (let tos = 0; tos < 256; tos++) {
      expect(translate(clat, 4, buildUdp4({ ...udp, tos })).trafficClass).toBe(tos);
    }
  });

  it("the flow label is zero (RFC 7915 §4.1 Flow Label)", () => {
    expect(translate(clat, 4, buildUdp4({ ...udp, tos: 0xff })).flowLabel).toBe(0);
  });

  it("the payload length leaves out header and options (RFC 7915 §4.1 Payload Length)", () => {
    const options = hex("94040000 01010100");
    expect(translate(clat, 4, buildUdp4({ ...udp, payload: pattern(10) })).length).toBe(40 + 18);
    expect(translate(clat, 4, buildUdp4({ ...udp, options, payload: pattern(10) })).length).toBe(40 + 18);
  });

  it("every protocol but ICMP and IGMP is copied, with its data (RFC 7915 §4.1 Next Header)", () => {
    for (let protocol = 0; protocol < 256; protocol++) {
      if (protocol === 1 || protocol === 2 || [6, 17, 33, 136].includes(protocol)) continue;
      const emitted = only(run(clat, 4, buildIpv4(out4, protocol, pattern(24))));
      expect([emitted.bytes[6], toHex(emitted.bytes.subarray(40))]).toEqual([protocol, toHex(pattern(24))]);
    }
  });

  it("ICMPv4 becomes ICMPv6 (RFC 7915 §4.1 Next Header)", () => {
    const echo = buildEcho4({ ...out4, kind: "request", identifier: 1, sequence: 1 });
    expect(translate(clat, 4, echo).protocol).toBe(58);
  });

  it("exactly one hop is taken off (RFC 7915 §4.1 Hop Limit)", () => {
    for (const ttl of [2, 64, 255]) expect(translate(clat, 4, buildUdp4({ ...udp, ttl })).hopLimit).toBe(ttl - 1);
  });

  it("source by its mapping, destination by the PREF64 (RFC 7915 §4.1, §6)", () => {
    expect(translate(clat, 4, buildUdp4(udp))).toMatchObject({ source: CLAT6, destination: SERVER6 });
  });

  it.each(["0.0.0.0", "0.1.2.3", "127.0.0.1", "169.254.7.7", "224.0.0.1", "240.0.0.1", "255.255.255.255"])(
    "a packet from %s is silently discarded (RFC 7915 §4.1 Source Address, RFC 1812 §5.3.7)",
    (source) => {
      expect(droppedFor(run(clat, 4, buildUdp4({ ...udp, source })))).toBe("illegal-source");
    },
  );

  it.each(["224.0.0.251", "239.1.1.1", "127.0.0.1", "0.0.0.0", "169.254.1.1", "240.0.0.1", "255.255.255.255"])(
    "a packet to %s is not translated (RFC 7915 §1.2)",
    (to) => {
      expect(droppedFor(run(clat, 4, buildUdp4({ ...udp, destination: to })))).toBe("illegal-destination");
    },
  );

  it("IPv4 options are ignored and the packet translated normally (RFC 7915 §4.1)", () => {
    const plain = buildTcp4({ ...out4, sourcePort: 1, destinationPort: 2, payload: pattern(30) });
    const segment = plain.subarray(20);
    const withOptions = buildIpv4({ ...out4, options: hex("07 07 04 00000000 00") }, 6, segment);
    expect(toHex(only(run(clat, 4, withOptions)).bytes)).toBe(toHex(only(run(clat, 4, plain)).bytes));
  });

  it("a source route that is used up is an option like others (RFC 7915 §4.1)", () => {
    const options = hex("83 07 08 cb007101 00");
    expect(translate(clat, 4, buildUdp4({ ...udp, options })).destination).toBe(SERVER6);
  });

  it("padding behind the packet is cut off (RFC 894)", () => {
    const padded = new Uint8Array(60);
    padded.set(buildUdp4(udp));
    expect(translate(clat, 4, padded).length).toBe(48);
  });
});

describe("v4ToV6() damaged packets", () => {
  const good = buildUdp4({ ...udp, payload: pattern(20) });
  it.each([
    ["nothing at all", new Uint8Array(0), "truncated"],
    ["19 octets", good.subarray(0, 19), "truncated"],
    ["one octet less than its length says", good.subarray(0, good.length - 1), "truncated"],
    ["version 5", changed(good, (p) => p.set([0x55])), "malformed-header"],
    ["a header length of 16", changed(good, (p) => p.set([0x44])), "malformed-header"],
    ["a total length below the header's", changed(good, (p) => p.set([0, 19], 2)), "malformed-header"],
    ["a wrong header checksum", changed(good, (p) => p.set([63], 8)), "bad-header-checksum"],
    ["half a UDP header", buildIpv4(out4, 17, pattern(7)), "truncated-transport"],
    ["half a TCP header", buildIpv4(out4, 6, pattern(17)), "truncated-transport"],
    ["half an ICMP header", buildIpv4(out4, 1, new Uint8Array(7)), "truncated-transport"],
  ])("%s: dropped without a word (RFC 1812 §5.2.2)", (_, packet, reason) => {
    expect(droppedFor(run(clat, 4, packet))).toBe(reason);
  });

  it("a frame without headroom is dropped, not overwritten", () => {
    const counters = new Float64Array(COUNTERS_LENGTH);
    const translator = createTranslator(clat, { counters });
    const frame = { ...newFrame(0), bytes: Uint8Array.from(good), start: 0, end: good.length };
    translator.v4ToV6(frame, { emit: () => expect.unreachable() });
    expect(readCounters(counters).v4ToV6.drops).toEqual({ "no-headroom": 1 });
    expect(toHex(frame.bytes)).toBe(toHex(good));
  });
});

describe("v4ToV6() fragments that come in", () => {
  const fragment = { ...out4, identification: 0xabcd };

  it.each([
    ["the first", { moreFragments: true }, pattern(1200), { offset: 0, more: true }],
    ["one in the middle", { moreFragments: true, fragmentOffset: 1200 }, pattern(16), { offset: 1200, more: true }],
    ["the last", { fragmentOffset: 65512 - 20 + 12 }, pattern(3), { offset: 65504, more: false }],
  ])(
    "%s gets a Fragment Header: offset and M copied, 16 bits of identification (RFC 7915 §4.1)",
    (_, flags, data, wanted) => {
      const packet = translate(clat, 4, buildIpv4({ ...fragment, ...flags }, 132, data));
      expect(packet).toMatchObject({
        protocol: 132,
        fragment: { ...wanted, identification: 0xabcd },
        extensions: [44],
      });
      expect(toHex(packet.payload)).toBe(toHex(data));
      expect(packet.length).toBe(48 + data.length);
    },
  );

  it("a first fragment's UDP checksum is updated, a later one's data is left alone (RFC 7915 §4.5)", () => {
    const whole = buildUdp4({ ...udp, payload: pattern(100) });
    const expected = only(run(clat, 4, whole)).bytes.subarray(40);
    const first = buildIpv4({ ...fragment, moreFragments: true }, 17, whole.subarray(20, 84));
    const last = buildIpv4({ ...fragment, fragmentOffset: 64 }, 17, whole.subarray(84));
    const parts = [first, last].map((packet) => toHex(translate(clat, 4, packet).payload)).join("");
    expect(parts).toBe(toHex(expected));
  });

  it.each([
    ["no multiple of 8 but not the last", { moreFragments: true }, 20],
    ["empty", { fragmentOffset: 8 }, 0],
    ["beyond 65535", { fragmentOffset: 65528 }, 16],
  ])("%s: dropped (RFC 791 §3.2, RFC 8200 §4.5)", (_, flags, length) => {
    expect(run(clat, 4, buildIpv4({ ...fragment, ...flags }, 132, pattern(length))).drops).toEqual(["bad-fragment"]);
  });

  it("a TCP fragment too small to hold the checksum is dropped (RFC 1858 §3)", () => {
    const tiny = buildIpv4({ ...fragment, moreFragments: true }, 6, pattern(16));
    expect(run(clat, 4, tiny).drops).toEqual(["truncated-transport"]);
  });
});
