// Whatever comes in: no exception, nothing written outside, only well-formed packets out, every loss counted; and there
// and back again gives the packet, but for what the RFC says changes.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
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
  fragmentExtension,
} from "../../../src/wire/build.js";
import { putIpv4Checksum } from "../../../src/wire/ipv4.js";
import { parsePacket } from "../../../src/wire/parse.js";
import {
  CLAT4,
  CLAT6,
  clat,
  hex,
  in6,
  type Offload,
  type Outcome,
  only,
  out4,
  pattern,
  ports,
  run,
  SERVER4,
  SERVER6,
  toHex,
  wellFormed,
} from "./support.js";

const specs = [
  clat,
  { ...clat, mtuV4: 600, lowestIpv6Mtu: 1500, udpZeroChecksum: "drop" },
  { ...clat, pref64s: ["64:ff9b::/96", "2001:db8:64::/96"], mtuV4: 65535, mtuV6: 65535, lowestIpv6Mtu: 9000 },
  { ...clat, pref64s: ["2001:db8::/32"], eams: [{ v4: "0.0.0.0/0", v6: "2001:db8:ff00::/40" }] },
] as const;

const udpQuote4 = buildUdp4({ source: SERVER4, destination: CLAT4, ...ports, payload: pattern(100) });
const udpQuote6 = buildUdp6({ source: CLAT6, destination: SERVER6, ...ports, payload: pattern(100) });
const dstopts = { type: 60, octets: hex("00 00 01 04 00000000") };
const routing = { type: 43, octets: hex("00 02 00 00 00000000 20010db8 00000000 00000000 00000001") };

/** Packets of every kind, to be damaged. */
const seeds4 = [
  buildTcp4({ ...out4, ...ports, payload: pattern(1400), dontFragment: true }),
  buildUdp4({ ...out4, ...ports, payload: pattern(3000) }),
  buildUdp4({ ...out4, ...ports, payload: pattern(30), checksum: 0 }),
  buildUdp4({ ...out4, ...ports, payload: pattern(30), options: hex("83 07 04 cb007101 00") }),
  buildEcho4({ ...out4, kind: "request", identifier: 1, sequence: 2, payload: pattern(56) }),
  buildEcho4({ ...out4, destination: "192.0.0.2", kind: "request", identifier: 1, sequence: 2 }),
  buildIcmp4({ ...out4, type: 3, code: 4, rest: 1400, body: udpQuote4 }),
  buildIcmp4({
    ...out4,
    type: 11,
    code: 0,
    rest: 32 << 16,
    body: new Uint8Array([...udpQuote4, ...hex("2000 8a6f 0008 0101 18729a40")]),
  }),
  buildIpv4({ ...out4, moreFragments: true, fragmentOffset: 1480 }, 17, pattern(1480)),
  buildIpv4(out4, 50, pattern(60)),
];
const seeds6 = [
  buildTcp6({ ...in6, ...ports, payload: pattern(1400) }),
  buildUdp6({ ...in6, ...ports, payload: pattern(30), extensions: [dstopts, routing] }),
  buildEcho6({ ...in6, kind: "reply", identifier: 1, sequence: 2, payload: pattern(56) }),
  buildIcmp6({ ...in6, type: 2, code: 0, rest: 1400, body: udpQuote6 }),
  buildIcmp6({
    ...in6,
    type: 3,
    code: 0,
    rest: 19 << 24,
    body: new Uint8Array([...udpQuote6, 0, 0, 0, 0, ...hex("2000 8a6f 0008 0101 18729a40")]),
  }),
  buildIcmp6({
    ...in6,
    source: "fe80::1",
    type: 1,
    code: 0,
    body: udpQuote6,
    extensions: [fragmentExtension(0, false, 1)],
  }),
  buildIpv6({ ...in6, extensions: [fragmentExtension(1448, true, 99)] }, 17, pattern(1448)),
  buildIpv6(in6, 50, pattern(60)),
];

const damage = fc.record({
  spec: fc.constantFrom(...specs),
  which: fc.nat(),
  /** Where (early octets more often) and what. */
  changes: fc.array(fc.tuple(fc.oneof(fc.nat(70), fc.nat(3000)), fc.nat(255)), { maxLength: 6 }),
  cut: fc.option(fc.nat(200)),
  /** Makes the header's checksum and length right again, so that the damage is met further in. */
  mend: fc.boolean(),
  offload: fc.option(
    fc.record({
      gsoType: fc.constantFrom(0, 1, 3, 4, 5, 0x81, 0x84),
      gsoSize: fc.constantFrom(0, 1, 536, 1400, 65535),
      checksumStart: fc.constantFrom(-1, 0, 20, 24, 40, 48, 60, 3000),
      checksumOffset: fc.constantFrom(0, 2, 6, 16, 100, 65535),
    }),
  ),
});

/** IPv4 protocols that are IPv6 extension headers: copied, as RFC 7915 §4.1 says, and what follows them is none. */
const extensionNumbers = [0, 43, 44, 60];

const expectSound = (input: Uint8Array, outcome: Outcome): void => {
  for (const emitted of outcome.out) {
    const packet = parsePacket(emitted.bytes);
    expect(packet, toHex(emitted.bytes.subarray(0, 80))).toBeDefined();
    expect(packet).toMatchObject({ family: emitted.family, length: emitted.bytes.length, headerChecksumIsRight: true });
    if (emitted.checksumStart >= 0) expect(emitted.checksumStart).toBe(emitted.family === 4 ? 20 : 40);
  }
  if (outcome.out.length === 0 && !mayBeHeld(input)) expect(outcome.drops.length).toBeGreaterThan(0);
};

/** Fragments of ICMP, and of UDP without a checksum, wait for the rest. */
const mayBeHeld = (input: Uint8Array): boolean => {
  const packet = parsePacket(input);
  return packet?.fragment !== undefined && [1, 17, 58].includes(packet.protocol);
};

const damaged = (seed: Uint8Array, changes: readonly (readonly [number, number])[], cut: number | null): Uint8Array => {
  const packet = Uint8Array.from(seed);
  for (const [at, value] of changes) if (at < packet.length) packet[at] = value;
  return packet.subarray(0, cut === null ? packet.length : Math.max(0, packet.length - cut));
};

describe("v4ToV6(), v6ToV4()", () => {
  it("damaged IPv4 packets: no exception, sound packets out, every loss counted", () => {
    fc.assert(
      fc.property(damage, ({ spec, which, changes, cut, mend, offload }) => {
        const packet = damaged(seeds4[which % seeds4.length] ?? udpQuote4, changes, cut);
        if (mend && packet.length >= 20) {
          packet[0] = 0x40 | Math.max(5, (packet[0] ?? 0) & 15);
          packet[2] = packet.length >> 8;
          packet[3] = packet.length;
          putIpv4Checksum(packet, 0, Math.min(packet.length, ((packet[0] ?? 0) & 15) * 4));
        }
        fc.pre(!extensionNumbers.includes(packet[9] ?? 0));
        expectSound(packet, run(spec, 4, packet, (offload ?? {}) as Offload));
      }),
      { numRuns: 3000 },
    );
  });

  it("damaged IPv6 packets: no exception, sound packets out, every loss counted", () => {
    fc.assert(
      fc.property(damage, ({ spec, which, changes, cut, mend, offload }) => {
        const packet = damaged(seeds6[which % seeds6.length] ?? udpQuote6, changes, cut);
        if (mend && packet.length >= 40) {
          packet[0] = 0x60 | ((packet[0] ?? 0) & 15);
          packet[4] = (packet.length - 40) >> 8;
          packet[5] = packet.length - 40;
        }
        expectSound(packet, run(spec, 6, packet, (offload ?? {}) as Offload));
      }),
      { numRuns: 3000 },
    );
  });

  it("random octets: no exception, nothing comes out that is no packet", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.constantFrom(4, 6), (octets, family) => {
        fc.pre(family === 6 || !extensionNumbers.includes(octets[9] ?? 0));
        expectSound(octets, run(clat, family, octets));
      }),
      { numRuns: 1000 },
    );
  });
});

describe("there and back again", () => {
  const payload = fc.uint8Array({ maxLength: 1200 });
  const tos = fc.nat(255);
  const ttl = fc.integer({ min: 3, max: 255 });

  it("4 -> 6 -> 4: all but TTL and identification (RFC 7915 §4, §5)", () => {
    const kinds = fc.constantFrom("tcp", "udp", "echo", "other", "fragment");
    fc.assert(
      fc.property(kinds, payload, tos, ttl, fc.nat(65535), (kind, data, trafficClass, hops, identification) => {
        const fields = { ...out4, tos: trafficClass, ttl: hops, identification };
        const packet =
          kind === "tcp"
            ? buildTcp4({ ...fields, ...ports, payload: data })
            : kind === "udp"
              ? buildUdp4({ ...fields, ...ports, payload: data })
              : kind === "echo"
                ? buildEcho4({ ...fields, kind: "request", identifier: 5, sequence: 6, payload: data })
                : kind === "other"
                  ? buildIpv4(fields, 50, data)
                  : buildIpv4({ ...fields, fragmentOffset: 800 }, 17, Uint8Array.of(1, ...data));
        const there = only(run(clat, 4, packet));
        const back = only(run(clat, 6, there.bytes));
        wellFormed(back);
        const expected = Uint8Array.from(packet);
        expected[8] = hops - 2;
        if (kind !== "fragment") expected.set([0x12, 0x34], 4);
        putIpv4Checksum(expected, 0, 20);
        expect(toHex(back.bytes)).toBe(toHex(expected));
      }),
    );
  });

  it("6 -> 4 -> 6: all but hop limit and flow label (RFC 7915 §4, §5)", () => {
    const kinds = fc.constantFrom("tcp", "udp", "echo", "other", "fragment");
    fc.assert(
      fc.property(kinds, payload, tos, ttl, fc.nat(65535), (kind, data, trafficClass, hopLimit, identification) => {
        const fields = { ...in6, trafficClass, hopLimit };
        const extensions = [fragmentExtension(800, false, identification)];
        const packet =
          kind === "tcp"
            ? buildTcp6({ ...fields, ...ports, payload: data })
            : kind === "udp"
              ? buildUdp6({ ...fields, ...ports, payload: data })
              : kind === "echo"
                ? buildEcho6({ ...fields, kind: "reply", identifier: 5, sequence: 6, payload: data })
                : kind === "other"
                  ? buildIpv6(fields, 50, data)
                  : buildIpv6({ ...fields, extensions }, 17, Uint8Array.of(1, ...data));
        const there = only(run(clat, 6, packet));
        const back = only(run(clat, 4, there.bytes));
        const expected = Uint8Array.from(packet);
        expected[7] = hopLimit - 2;
        expect(toHex(back.bytes)).toBe(toHex(expected));
      }),
    );
  });

  it("an error about a translated packet comes back as an error about the packet that was sent (RFC 7915 §5.3)", () => {
    fc.assert(
      fc.property(
        fc.constantFrom("tcp", "udp", "echo"),
        payload,
        fc.integer({ min: 24, max: 616 }).map((words) => words * 2),
        (kind, data, quoted) => {
          const packet =
            kind === "tcp"
              ? buildTcp4({ ...out4, ...ports, payload: data })
              : kind === "udp"
                ? buildUdp4({ ...out4, ...ports, payload: data })
                : buildEcho4({ ...out4, kind: "request", identifier: 5, sequence: 6, payload: data });
          const there = only(run(clat, 4, packet)).bytes;
          const error = buildIcmp6({
            source: "2001:db8:9::1",
            destination: CLAT6,
            type: 3,
            code: 0,
            body: there.subarray(0, Math.min(1232, quoted)),
          });
          const back = wellFormed(only(run(clat, 6, error)));
          if (back.transport?.kind !== "icmp") throw new Error("no ICMP");
          const sent = Uint8Array.from(packet);
          sent[8] = 63;
          putIpv4Checksum(sent, 0, 20);
          const quote = back.transport.body;
          expect(toHex(quote)).toBe(toHex(sent.subarray(0, quote.length)));
        },
      ),
    );
  });
});
