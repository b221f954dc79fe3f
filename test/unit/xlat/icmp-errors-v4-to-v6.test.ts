// RFC 7915 §4.2, §4.3: ICMPv4 errors and the packets inside them.

import { describe, expect, it } from "vitest";
import { buildEcho4, buildIcmp4, buildIpv4, buildTcp4, buildUdp4 } from "../../../src/wire/build.js";
import { type Packet, parsePacket } from "../../../src/wire/parse.js";
import {
  CLAT4,
  CLAT6,
  clat,
  droppedFor,
  extended,
  extension,
  hex,
  icmpOf,
  innerOf,
  only,
  out4,
  pattern,
  run,
  SERVER4,
  SERVER6,
  TRANSLATOR4,
  toHex,
  translate,
} from "./support.js";

/** The host behind the CLAT tells the server of an error: what the server had sent is quoted. */
const sent = { source: SERVER4, destination: CLAT4 };
const quotedUdp = buildUdp4({
  ...sent,
  sourcePort: 53,
  destinationPort: 4000,
  payload: pattern(64),
  ttl: 3,
  tos: 0x10,
});

const error = (type: number, code: number, rest = 0, body: Uint8Array = quotedUdp): Uint8Array =>
  buildIcmp4({ ...out4, type, code, rest, body });

describe("icmpErrorToV6() types and codes", () => {
  it.each([
    [3, 0, 1, 0],
    [3, 1, 1, 0],
    [3, 2, 4, 1],
    [3, 3, 1, 4],
    [3, 4, 2, 0],
    [3, 5, 1, 0],
    [3, 6, 1, 0],
    [3, 7, 1, 0],
    [3, 8, 1, 0],
    [3, 9, 1, 1],
    [3, 10, 1, 1],
    [3, 11, 1, 0],
    [3, 12, 1, 0],
    [3, 13, 1, 1],
    [3, 15, 1, 1],
    [11, 0, 3, 0],
    [11, 1, 3, 1],
    [12, 0, 4, 0],
    [12, 2, 4, 0],
  ])("type %i code %i -> type %i code %i (RFC 7915 §4.2)", (type, code, type6, code6) => {
    const icmp = icmpOf(translate(clat, 4, error(type, code)));
    expect(icmp).toMatchObject({ type: type6, code: code6, checksum: "right" });
  });

  it.each([
    [3, 14],
    [3, 16],
    [3, 255],
    [4, 0],
    [5, 0],
    [5, 1],
    [6, 0],
    [12, 1],
    [12, 3],
  ])("type %i code %i: silently dropped (RFC 7915 §4.2)", (type, code) => {
    expect(droppedFor(run(clat, 4, error(type, code)))).toBe("icmp-type");
  });

  it("Protocol Unreachable points at the Next Header field (RFC 7915 §4.2)", () => {
    expect(icmpOf(translate(clat, 4, error(3, 2))).rest).toBe(6);
  });

  it("unused words become zero (RFC 4443 §3.1)", () => {
    expect(icmpOf(translate(clat, 4, error(3, 1, 0x00001234))).rest).toBe(0);
  });
});

describe("icmpErrorToV6() pointers", () => {
  const figure3: readonly (readonly [number, number | undefined])[] = [
    [0, 0],
    [1, 1],
    [2, 4],
    [3, 4],
    [4, undefined],
    [5, undefined],
    [6, undefined],
    [7, undefined],
    [8, 7],
    [9, 6],
    [10, undefined],
    [11, undefined],
    ...[12, 13, 14, 15].map((pointer) => [pointer, 8] as const),
    ...[16, 17, 18, 19].map((pointer) => [pointer, 24] as const),
    [20, undefined],
    [255, undefined],
  ];
  it.each(figure3)("%i -> %s (RFC 7915 figure 3)", (pointer, wanted) => {
    for (const code of [0, 2]) {
      const outcome = run(clat, 4, error(12, code, pointer << 24));
      if (wanted === undefined) expect(droppedFor(outcome)).toBe("icmp-pointer");
      else expect(icmpOf(parsePacket(only(outcome).bytes) as Packet).rest).toBe(wanted);
    }
  });
});

describe("icmpErrorToV6() MTU", () => {
  const mtuOf = (told: number, spec = clat, body = quotedUdp): number =>
    icmpOf(translate(spec, 4, error(3, 4, told, body))).rest;

  it.each([
    [1400, 1420],
    [1260, 1280],
    [1259, 1280],
    [68, 1280],
    [1480, 1500],
    [1481, 1500],
    [65535, 1500],
  ])("%i told -> %i: 20 more, at least 1280, at most the next hop's (RFC 7915 §4.2)", (told, wanted) => {
    expect(mtuOf(told)).toBe(wanted);
  });

  it("the MTU of the IPv4 side counts too (RFC 7915 §4.2)", () => {
    expect(mtuOf(9000, { ...clat, mtuV4: 1400, mtuV6: 9000 })).toBe(1420);
  });

  it("beside the MTU stand zeros or a length, which do not count (RFC 1191 §4, RFC 4884 §4.1)", () => {
    expect(mtuOf(0xffff0000 | 1400)).toBe(1420);
  });

  it.each([
    [65535, 32000],
    [9000, 8166],
    [2003, 2002],
    [2002, 1492],
    [1500, 1492],
    [1492, 1280],
    [576, 1280],
  ])("0 told about a packet of %i -> %i: the plateau below (RFC 7915 §4.2, RFC 1191 §7.1)", (length, plateau) => {
    const body = buildUdp4({ ...sent, sourcePort: 1, destinationPort: 2, payload: new Uint8Array(length - 28) });
    expect(mtuOf(0, { ...clat, mtuV4: 65535, mtuV6: 65535 }, body.subarray(0, 200))).toBe(plateau);
  });
});

describe("icmpErrorToV6() the packet inside", () => {
  it("is translated, its hop limit is not touched (RFC 7915 §4.3)", () => {
    const packet = translate(clat, 4, error(3, 3));
    expect(packet).toMatchObject({ source: CLAT6, destination: SERVER6, hopLimit: 63, protocol: 58 });
    const inner = innerOf(packet);
    expect(inner).toMatchObject({ source: SERVER6, destination: CLAT6, hopLimit: 3, trafficClass: 0x10, length: 112 });
    expect(inner.transport).toMatchObject({ kind: "udp", sourcePort: 53, destinationPort: 4000, checksum: "right" });
  });

  it("the total length follows (RFC 7915 §4.3)", () => {
    expect(translate(clat, 4, error(3, 3)).length).toBe(40 + 8 + 40 + 72);
  });

  it("may end eight octets into its transport header; its length is kept as it was (RFC 792)", () => {
    const packet = translate(clat, 4, error(11, 0, 0, quotedUdp.subarray(0, 28)));
    const inner = icmpOf(packet).body;
    expect(inner.length).toBe(48);
    expect(toHex(inner.subarray(4, 7))).toBe("004811");
  });

  it("may end in the middle of its transport header, or right behind the IP header", () => {
    const tcp = buildTcp4({ ...sent, sourcePort: 1, destinationPort: 2, payload: pattern(40) });
    for (const length of [20, 21, 28, 37, 38, 40]) {
      expect(icmpOf(translate(clat, 4, error(3, 1, 0, tcp.subarray(0, length)))).body.length).toBe(length + 20);
    }
  });

  it("TCP inside has its checksum updated (RFC 7915 §4.3)", () => {
    const tcp = buildTcp4({ ...sent, sourcePort: 1, destinationPort: 2, payload: pattern(40) });
    expect(innerOf(translate(clat, 4, error(3, 1, 0, tcp))).transport?.checksum).toBe("right");
  });

  it("UDP without a checksum inside stays without: nothing can be computed from a part", () => {
    const udp = buildUdp4({ ...sent, sourcePort: 1, destinationPort: 2, checksum: 0, payload: pattern(40) });
    expect(innerOf(translate(clat, 4, error(3, 3, 0, udp))).transport?.checksum).toBe("none");
  });

  it("an echo inside has its type and checksum translated (RFC 7915 §4.3)", () => {
    const echo = buildEcho4({ ...sent, kind: "request", identifier: 7, sequence: 9, payload: pattern(56) });
    expect(icmpOf(innerOf(translate(clat, 4, error(11, 0, 0, echo))))).toMatchObject({
      type: 128,
      rest: 0x00070009,
      checksum: "right",
    });
  });

  it("options inside are taken off (RFC 7915 §4.1)", () => {
    const options = hex("94040000 01010100");
    const udp = buildUdp4({ ...sent, sourcePort: 1, destinationPort: 2, options, payload: pattern(20) });
    expect(innerOf(translate(clat, 4, error(3, 3, 0, udp)))).toMatchObject({ length: 68 });
  });

  it.each([
    ["first", 0, true],
    ["later", 1480, false],
  ])("a %s fragment inside gets a Fragment Header (RFC 7915 §4.1, §4.3)", (_, fragmentOffset, moreFragments) => {
    const body = buildIpv4({ ...sent, identification: 0x4321, fragmentOffset, moreFragments }, 17, pattern(48));
    const inner = innerOf(translate(clat, 4, error(11, 1, 0, body)));
    expect(inner).toMatchObject({
      length: 96,
      fragment: { offset: fragmentOffset, more: moreFragments, identification: 0x4321 },
    });
  });

  it.each([
    ["an error in the error", buildIcmp4({ ...sent, type: 3, code: 1, body: quotedUdp }), "icmp-nested"],
    ["an unknown ICMP message", buildIcmp4({ ...sent, type: 13, code: 0, body: pattern(12) }), "icmp-inner"],
    ["less than a header", quotedUdp.subarray(0, 19), "icmp-inner"],
    ["nothing", new Uint8Array(0), "icmp-inner"],
    ["IPv6", hex("60").subarray(0, 1), "icmp-inner"],
    ["a header longer than the quote", Uint8Array.from([0x4f, ...quotedUdp.subarray(1, 40)]), "icmp-inner"],
    ["a total length below the header's", Uint8Array.from([0x45, 0, 0, 19, ...quotedUdp.subarray(4)]), "icmp-inner"],
  ])("%s: dropped (RFC 7915 §4.3)", (_, body, reason) => {
    expect(droppedFor(run(clat, 4, error(3, 1, 0, body)))).toBe(reason);
  });

  it("whose addresses have no mapping: dropped", () => {
    const spec = { ...clat, pref64s: [], eams: [...clat.eams, { v4: SERVER4, v6: SERVER6 }] };
    const body = buildUdp4({ source: "203.0.113.9", destination: CLAT4, sourcePort: 1, destinationPort: 2 });
    expect(droppedFor(run(spec, 4, error(3, 1, 0, body)))).toBe("icmp-inner");
  });
});

describe("icmpErrorToV6() the error itself", () => {
  it("with a wrong checksum: dropped, not made right (RFC 7915 §5)", () => {
    const packet = error(3, 1);
    packet[packet.length - 1] = (packet[packet.length - 1] ?? 0) ^ 1;
    expect(droppedFor(run(clat, 4, packet))).toBe("icmp-checksum");
  });

  it.each(["0.0.0.0", "127.0.0.1", "169.254.1.1"])(
    "from the illegal source %s is translated for trouble shooting (RFC 7915 §4.1)",
    (source) => {
      const packet = buildIcmp4({ ...out4, source, type: 11, code: 0, body: quotedUdp });
      expect(translate(clat, 4, packet).source).toMatch(/^2001:db8:64::/);
    },
  );

  it("from a private router behind the well-known prefix is translated too (RFC 7915 §4.1)", () => {
    const spec = { ...clat, pref64s: ["64:ff9b::/96"] };
    const body = buildUdp4({ source: "8.8.8.8", destination: CLAT4, sourcePort: 1, destinationPort: 2 });
    const packet = buildIcmp4({ source: "10.0.0.1", destination: "8.8.8.8", type: 11, code: 0, body });
    expect(translate(spec, 4, packet)).toMatchObject({ source: "64:ff9b::a00:1", destination: "64:ff9b::808:808" });
  });

  it.each([
    ["with TTL 1", { ttl: 1 }, "hop-limit"],
    ["to a multicast address", { destination: "224.0.0.1" }, "illegal-destination"],
    ["to the translator", { destination: TRANSLATOR4 }, "translator-protocol"],
    ["with a source route", { options: hex("83 07 04 cb007101 00") }, "source-route"],
  ])("%s: dropped, never answered (RFC 7915 §4.4)", (_, fields, reason) => {
    const packet = buildIcmp4({ ...out4, ...fields, type: 3, code: 1, body: quotedUdp });
    expect(droppedFor(run(clat, 4, packet))).toBe(reason);
  });

  it("is cut at 1280 octets (RFC 4443 §2.4 (c))", () => {
    const body = buildUdp4({ ...sent, sourcePort: 1, destinationPort: 2, payload: pattern(1400) });
    const packet = translate(clat, 4, error(3, 3, 0, body));
    expect(packet.length).toBe(1280);
    expect(icmpOf(packet).checksum).toBe("right");
  });
});

describe("icmpErrorToV6() extensions", () => {
  /** A packet of `length` octets, padded to `field`, and the extension behind it. */
  const quoted = (length: number, field: number): Uint8Array =>
    extended(buildUdp4({ ...sent, sourcePort: 53, destinationPort: 4000, payload: pattern(length - 28) }), field);

  it.each([
    [128, 128, 19],
    [60, 128, 19],
    [132, 132, 19],
    [136, 136, 20],
  ])(
    "a packet of %i in a field of %i: the length becomes %i words of 64 bits (RFC 7915 §4.2, RFC 4884 §4)",
    (length, field, words) => {
      for (const type of [3, 11]) {
        const icmp = icmpOf(translate(clat, 4, error(type, 1, (field / 4) << 16, quoted(length, field))));
        expect(icmp.rest >>> 24).toBe(words);
        expect(toHex(icmp.body.subarray(words * 8))).toBe(toHex(extension));
        expect(parsePacket(icmp.body)?.transport).toMatchObject({ kind: "udp", checksum: "right" });
        const end = parsePacket(icmp.body)?.length ?? 0;
        expect(icmp.body.subarray(end, words * 8).every((octet) => octet === 0)).toBe(true);
      }
    },
  );

  it.each([
    ["Packet Too Big", 3, 4],
    ["Parameter Problem", 12, 0],
    ["Protocol Unreachable", 3, 2],
  ])("%s has no length in ICMPv6: the extension goes (RFC 4884 §4)", (_, type, code) => {
    const rest = type === 12 ? 0x00200000 : 0x00200000 | 1400;
    const icmp = icmpOf(translate(clat, 4, error(type, code, rest, quoted(128, 128))));
    expect(icmp.body.length).toBe(148);
    expect(icmp.rest).toBe(type === 12 ? 0 : code === 2 ? 6 : 1420);
  });

  it("an extension that would make it longer than 1280 goes (RFC 7915 §4.2: truncated)", () => {
    const icmp = icmpOf(translate(clat, 4, error(3, 1, 255 << 16, quoted(1000, 1020).slice(0, 1020 + 12))));
    expect(icmp.rest >>> 24).toBe(130);
    const big = new Uint8Array(1020 + 800);
    big.set(quoted(1000, 1020));
    const cut = icmpOf(translate({ ...clat, mtuV4: 9000 }, 4, error(3, 1, 255 << 16, big)));
    expect([cut.rest, cut.body.length]).toEqual([0, 1040]);
  });

  it("a length that reaches beyond the message is none (RFC 4884 §5.5)", () => {
    const icmp = icmpOf(translate(clat, 4, error(3, 1, 200 << 16, quoted(128, 128))));
    expect([icmp.rest, icmp.body.length]).toEqual([0, 160]);
  });
});
