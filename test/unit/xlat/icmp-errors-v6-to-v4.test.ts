// RFC 7915 §5.2, §5.3: ICMPv6 errors and the packets inside them; RFC 6791: errors from where IPv4 has no address.

import { describe, expect, it } from "vitest";
import {
  buildEcho6,
  buildIcmp6,
  buildIpv6,
  buildTcp6,
  buildUdp6,
  type Extension,
  fragmentExtension,
} from "../../../src/wire/build.js";
import { type Packet, parsePacket } from "../../../src/wire/parse.js";
import {
  CLAT4,
  CLAT6,
  clat,
  droppedFor,
  extended,
  extension,
  hex,
  ICMP_SOURCE,
  icmpOf,
  in6,
  innerOf,
  only,
  pattern,
  run,
  SERVER4,
  SERVER6,
  toHex,
  translate,
} from "./support.js";

/** The server, or a router on the way to it, tells the CLAT of an error: what the CLAT had sent is quoted. */
const sent = { source: CLAT6, destination: SERVER6 };
const quotedUdp = buildUdp6({
  ...sent,
  sourcePort: 4000,
  destinationPort: 53,
  payload: pattern(64),
  hopLimit: 3,
  trafficClass: 0x10,
});

const error = (type: number, code: number, rest = 0, body: Uint8Array = quotedUdp): Uint8Array =>
  buildIcmp6({ ...in6, type, code, rest, body });

describe("icmpErrorToV4() types and codes", () => {
  it.each([
    [1, 0, 3, 1],
    [1, 1, 3, 10],
    [1, 2, 3, 1],
    [1, 3, 3, 1],
    [1, 4, 3, 3],
    [2, 0, 3, 4],
    [3, 0, 11, 0],
    [3, 1, 11, 1],
    [4, 0, 12, 0],
    [4, 1, 3, 2],
  ])("type %i code %i -> type %i code %i (RFC 7915 §5.2)", (type, code, type4, code4) => {
    const icmp = icmpOf(translate(clat, 6, error(type, code, type === 2 ? 1400 : 0)));
    expect(icmp).toMatchObject({ type: type4, code: code4, checksum: "right" });
  });

  it.each([
    [1, 5],
    [1, 6],
    [1, 255],
    [4, 2],
    [4, 3],
    [0, 0],
    [5, 0],
    [127, 0],
  ])("type %i code %i: silently dropped (RFC 7915 §5.2)", (type, code) => {
    expect(droppedFor(run(clat, 6, error(type, code)))).toBe("icmp-type");
  });

  it("unused words become zero (RFC 792)", () => {
    expect(icmpOf(translate(clat, 6, error(1, 0, 0x00123456))).rest).toBe(0);
    expect(icmpOf(translate(clat, 6, error(4, 1, 6))).rest).toBe(0);
  });
});

describe("icmpErrorToV4() pointers", () => {
  const figure6: readonly (readonly [number, number | undefined])[] = [
    [0, 0],
    [1, 1],
    [2, undefined],
    [3, undefined],
    [4, 2],
    [5, 2],
    [6, 9],
    [7, 8],
    [8, 12],
    [23, 12],
    [24, 16],
    [39, 16],
    [40, undefined],
    [0x80000000, undefined],
    [0xffffffff, undefined],
  ];
  it.each(figure6)("%i -> %s (RFC 7915 figure 6)", (pointer, wanted) => {
    const outcome = run(clat, 6, error(4, 0, pointer));
    if (wanted === undefined) expect(droppedFor(outcome)).toBe("icmp-pointer");
    else expect(icmpOf(parsePacket(only(outcome).bytes) as Packet).rest).toBe(wanted * 2 ** 24);
  });
});

describe("icmpErrorToV4() MTU", () => {
  const mtuOf = (told: number, spec = clat, body = quotedUdp): number =>
    icmpOf(translate(spec, 6, error(2, 0, told, body))).rest;

  it.each([
    [1500, 1480],
    [1400, 1380],
    [1280, 1260],
    [1501, 1480],
    [0xffffffff, 1480],
    [1000, 980],
    [0, 68],
  ])("%i told -> %i: 20 less, at most what either link takes (RFC 7915 §5.2)", (told, wanted) => {
    expect(mtuOf(told)).toBe(wanted);
  });

  it("the MTU of the IPv4 side counts too (RFC 7915 §5.2)", () => {
    expect(mtuOf(9000, { ...clat, mtuV4: 1400, mtuV6: 9000 })).toBe(1400);
  });

  it("a Fragment Header in the packet inside takes 8 more (RFC 7915 §5.2)", () => {
    const extensions = [fragmentExtension(0, true, 77)];
    const body = buildIpv6({ ...sent, extensions }, 17, pattern(64));
    expect(mtuOf(1400, clat, body)).toBe(1372);
  });
});

describe("icmpErrorToV4() the packet inside", () => {
  it("is translated, its hop limit is not touched (RFC 7915 §5.3)", () => {
    const packet = translate(clat, 6, error(1, 4));
    expect(packet).toMatchObject({ source: SERVER4, destination: CLAT4, hopLimit: 63, protocol: 1, length: 120 });
    const inner = innerOf(packet);
    expect(inner).toMatchObject({
      source: CLAT4,
      destination: SERVER4,
      hopLimit: 3,
      trafficClass: 0x10,
      length: 92,
      headerChecksumIsRight: true,
    });
    expect(inner.transport).toMatchObject({ kind: "udp", sourcePort: 4000, destinationPort: 53, checksum: "right" });
  });

  it("may be cut anywhere behind its headers; its length is kept as it was", () => {
    const tcp = buildTcp6({ ...sent, sourcePort: 1, destinationPort: 2, payload: pattern(1400) });
    for (const length of [40, 41, 48, 57, 58, 60, 500]) {
      const inner = icmpOf(translate(clat, 6, error(1, 0, 0, tcp.subarray(0, length)))).body;
      expect(inner.length).toBe(length - 20);
      expect(toHex(inner.subarray(2, 4))).toBe((1440).toString(16).padStart(4, "0"));
    }
  });

  it("DF inside as the packet would have had it (RFC 7915 §5.3: just like a normal packet)", () => {
    const big = buildTcp6({ ...sent, sourcePort: 1, destinationPort: 2, payload: pattern(1400) });
    const flagsOf = (body: Uint8Array): string =>
      toHex(icmpOf(translate(clat, 6, error(2, 0, 1400, body))).body.subarray(6, 8));
    expect(flagsOf(big.subarray(0, 200))).toBe("4000");
    expect(flagsOf(quotedUdp)).toBe("0000");
  });

  it("an echo inside has its type and checksum translated (RFC 7915 §5.3)", () => {
    const echo = buildEcho6({ ...sent, kind: "request", identifier: 7, sequence: 9, payload: pattern(56) });
    expect(icmpOf(innerOf(translate(clat, 6, error(3, 0, 0, echo))))).toMatchObject({
      type: 8,
      rest: 0x00070009,
      checksum: "right",
    });
  });

  it("extension headers inside are skipped (RFC 7915 §5.1, §5.3)", () => {
    const hopByHop: Extension = { type: 0, octets: hex("00 00 05 02 0000 01 00") };
    const body = buildUdp6({
      ...sent,
      sourcePort: 1,
      destinationPort: 2,
      payload: pattern(20),
      extensions: [hopByHop],
    });
    expect(innerOf(translate(clat, 6, error(1, 0, 0, body)))).toMatchObject({ length: 48, protocol: 17 });
  });

  it.each([
    ["first", 0, true],
    ["later", 1432, false],
  ])("a %s fragment inside (RFC 7915 §5.1.1, §5.3)", (_, offset, more) => {
    const extensions = [fragmentExtension(offset, more, 0x12344321)];
    const body = buildIpv6({ ...sent, extensions }, 17, pattern(48));
    expect(innerOf(translate(clat, 6, error(3, 1, 0, body)))).toMatchObject({
      length: 68,
      fragment: { offset, more, identification: 0x4321 },
    });
  });

  it.each([
    ["an error in the error", buildIcmp6({ ...sent, type: 1, code: 0, body: quotedUdp }), "icmp-nested"],
    ["neighbour discovery", buildIcmp6({ ...sent, type: 135, code: 0, body: pattern(16) }), "icmp-inner"],
    ["less than a header", quotedUdp.subarray(0, 39), "icmp-inner"],
    ["nothing", new Uint8Array(0), "icmp-inner"],
    ["IPv4", Uint8Array.from([0x45, ...quotedUdp.subarray(1)]), "icmp-inner"],
    ["a chain cut off", buildIpv6(sent, 60, hex("11 02 0000 00000000")), "icmp-inner"],
    [
      "a source without a mapping",
      buildUdp6({ ...sent, source: "2001:db8::77", sourcePort: 1, destinationPort: 2 }),
      "icmp-inner",
    ],
    [
      "a destination without a mapping",
      buildUdp6({ ...sent, destination: "2001:db8::77", sourcePort: 1, destinationPort: 2 }),
      "icmp-inner",
    ],
    [
      "a length that ends inside its chain",
      buildIpv6(sent, 60, hex("11 00 0000 00000000")).map((octet, index) => (index === 5 ? 4 : octet)),
      "icmp-inner",
    ],
  ])("%s: dropped (RFC 7915 §5.3)", (_, body, reason) => {
    expect(droppedFor(run(clat, 6, error(1, 0, 0, body)))).toBe(reason);
  });
});

describe("icmpErrorToV4() where the source has no IPv4 address", () => {
  const from = (source: string): Uint8Array =>
    buildIcmp6({ ...in6, source, type: 2, code: 0, rest: 1400, body: quotedUdp });

  it.each([
    ["a router's global address", "2001:db8:99::1"],
    ["a router's link-local address", "fe80::1"],
    ["an address that embeds an illegal one", "2001:db8:64::7f00:1"],
    ["the CLAT's own address: the host's own error about a flow of the CLAT", CLAT6],
  ])("%s: icmpSource (RFC 6791, RFC 7915 §6)", (_, source) => {
    expect(translate(clat, 6, from(source))).toMatchObject({ source: ICMP_SOURCE, destination: CLAT4 });
  });

  it("an address that has one keeps it", () => {
    expect(translate(clat, 6, from("2001:db8:64::cb00:7109")).source).toBe("203.0.113.9");
  });

  it("a router numbered from 240.0.0.0/4 keeps it, though packets from there are not translated", () => {
    expect(translate(clat, 6, from("2001:db8:64::f000:1")).source).toBe("240.0.0.1");
  });

  it("a private router behind the well-known prefix keeps its address", () => {
    const spec = { ...clat, pref64s: ["64:ff9b::/96"] };
    const body = buildUdp6({ source: CLAT6, destination: "64:ff9b::808:808", sourcePort: 1, destinationPort: 2 });
    const packet = buildIcmp6({ source: "64:ff9b::a00:1", destination: CLAT6, type: 3, code: 0, body });
    expect(translate(spec, 6, packet).source).toBe("10.0.0.1");
  });

  it.each(["::", "::1", "ff02::1"])("%s is no router's address: dropped", (source) => {
    expect(droppedFor(run(clat, 6, from(source)))).toBe("illegal-source");
  });
});

describe("icmpErrorToV4() the error itself", () => {
  it("with a wrong checksum: dropped, not made right (RFC 7915 §5)", () => {
    const packet = error(1, 0);
    packet[packet.length - 1] = (packet[packet.length - 1] ?? 0) ^ 1;
    expect(droppedFor(run(clat, 6, packet))).toBe("icmp-checksum");
  });

  it.each([
    ["with hop limit 1", { hopLimit: 1 }, "hop-limit"],
    ["to a multicast address", { destination: "ff02::1" }, "illegal-destination"],
    ["to an address without a mapping", { destination: "2001:db8::77" }, "unmapped-destination"],
    [
      "with segments left",
      { extensions: [{ type: 43, octets: hex("00 02 00 01 00000000 20010db8 00000000 00000000 00000001") }] },
      "routing-header",
    ],
  ])("%s: dropped, never answered (RFC 4443 §2.4 (e))", (_, fields, reason) => {
    const packet = buildIcmp6({ ...in6, ...fields, type: 1, code: 0, body: quotedUdp });
    expect(droppedFor(run(clat, 6, packet))).toBe(reason);
  });

  it("in an atomic fragment is translated like one without", () => {
    const packet = buildIcmp6({
      ...in6,
      extensions: [fragmentExtension(0, false, 9)],
      type: 1,
      code: 4,
      body: quotedUdp,
    });
    expect(icmpOf(translate(clat, 6, packet))).toMatchObject({ type: 3, code: 3, checksum: "right" });
  });
});

describe("icmpErrorToV4() extensions", () => {
  /** A packet of `length` octets, padded to `field`, and the extension behind it. */
  const quoted = (length: number, field: number): Uint8Array =>
    extended(buildUdp6({ ...sent, sourcePort: 4000, destinationPort: 53, payload: pattern(length - 48) }), field);

  it.each([
    [128, 128, 32],
    [60, 128, 32],
    [152, 152, 33],
    [1040, 1040, 255],
    [1100, 1104, 255],
  ])(
    "a packet of %i in a field of %i: the length becomes %i words of 32 bits (RFC 7915 §5.2, RFC 4884 §4)",
    (length, field, words) => {
      for (const type of [1, 3]) {
        const icmp = icmpOf(translate(clat, 6, error(type, 0, (field / 8) * 2 ** 24, quoted(length, field))));
        expect((icmp.rest >>> 16) & 0xff).toBe(words);
        expect(toHex(icmp.body.subarray(words * 4))).toBe(toHex(extension));
        const inner = icmp.body.subarray(0, words * 4);
        expect(toHex(inner.subarray(2, 4))).toBe((length - 20).toString(16).padStart(4, "0"));
        expect(inner.subarray(Math.min(length - 20, words * 4)).every((octet) => octet === 0)).toBe(true);
      }
    },
  );

  it("a length that reaches beyond the message is none (RFC 4884 §5.5)", () => {
    const icmp = icmpOf(translate(clat, 6, error(1, 0, 200 * 2 ** 24, quoted(128, 128))));
    expect([icmp.rest, icmp.body.length]).toEqual([0, 120]);
  });
});
