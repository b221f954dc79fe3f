// Fragmented ICMP, and fragmented UDP without a checksum: put together, translated, and fragmented again where needed.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { buildEcho4, buildEcho6, buildIpv4, buildIpv6, buildUdp4, fragmentExtension } from "../../../src/wire/build.js";
import { sumOctets } from "../../../src/wire/checksum.js";
import { ipv6PseudoSum } from "../../../src/wire/ipv6.js";
import { REASSEMBLY_SLOTS, REASSEMBLY_TIMEOUT } from "../../../src/xlat/reassembly.js";
import { CLAT4, clat, in6, pattern, runAll, SERVER4, TRANSLATOR4, toHex, wellFormed } from "./support.js";

const out4 = { source: CLAT4, destination: SERVER4, identification: 0x4242 };
const echo = { kind: "request", identifier: 7, sequence: 9 } as const;

/** The payload of an IPv4 packet in fragments of `size` octets. */
const fragments4 = (packet: Uint8Array, size: number, protocol: number, fields = {}): Uint8Array[] => {
  const payload = packet.subarray(20);
  const parts: Uint8Array[] = [];
  for (let offset = 0; offset < payload.length; offset += size) {
    const moreFragments = offset + size < payload.length;
    const flags = { ...out4, ...fields, fragmentOffset: offset, moreFragments };
    parts.push(buildIpv4(flags, protocol, payload.subarray(offset, offset + size)));
  }
  return parts;
};

const fragments6 = (packet: Uint8Array, size: number): Uint8Array[] => {
  const payload = packet.subarray(40);
  const parts: Uint8Array[] = [];
  for (let offset = 0; offset < payload.length; offset += size) {
    const extensions = [fragmentExtension(offset, offset + size < payload.length, 0x11114242)];
    parts.push(buildIpv6({ ...in6, extensions }, 58, payload.subarray(offset, offset + size)));
  }
  return parts;
};

const ping4 = (length: number, fields = {}): Uint8Array[] =>
  fragments4(buildEcho4({ ...out4, ...fields, ...echo, payload: pattern(length) }), 1480, 1, fields);

describe("v4ToV6() fragmented ICMP", () => {
  it("a ping of 4000 octets comes out in fragments, its checksum right (RFC 7915 §4.2)", () => {
    const { out, drops } = runAll(clat, 4, ping4(4000));
    expect(drops).toEqual([]);
    const packets = out.map(wellFormed);
    expect(packets.map((p) => [p.fragment?.offset, p.fragment?.more])).toEqual([
      [0, true],
      [1232, true],
      [2464, true],
      [3696, false],
    ]);
    expect(packets.every((p) => p.protocol === 58 && p.hopLimit === 63 && p.fragment?.identification === 0x4242)).toBe(
      true,
    );
    const data = Buffer.concat(packets.map((p) => p.payload));
    expect(sumOctets(data, 0, data.length, ipv6PseudoSum(out[0]?.bytes ?? new Uint8Array(40), 0, 58, 4008))).toBe(
      0xffff,
    );
    expect([data[0], toHex(data.subarray(8))]).toEqual([128, toHex(pattern(4000))]);
  });

  it("in any order, with duplicates (RFC 791 §3.2)", () => {
    const parts = ping4(4000);
    fc.assert(
      fc.property(fc.shuffledSubarray(parts, { minLength: 3 }), fc.nat(2), (order, again) => {
        const first = order[0] ?? new Uint8Array(0);
        const { out } = runAll(clat, 4, again === 0 ? [first, ...order] : order);
        expect(out.length).toBe(4);
      }),
    );
  });

  it("one that fits IPv6's minimum MTU when whole goes whole", () => {
    const { out } = runAll(clat, 4, fragments4(buildEcho4({ ...out4, ...echo, payload: pattern(1000) }), 504, 1));
    expect(out.map(wellFormed)).toMatchObject([{ length: 1048, extensions: [], transport: { checksum: "right" } }]);
  });

  it("the longest ping there is", () => {
    const { out, drops } = runAll(clat, 4, ping4(65507));
    expect([drops, out.length]).toEqual([[], Math.ceil(65515 / 1232)]);
    expect(toHex(out.at(-1)?.bytes.subarray(-8) ?? new Uint8Array(0))).toBe(toHex(pattern(65507).subarray(-8)));
  });

  it("a ping of 4000 octets to the translator is answered, in fragments", () => {
    const { out } = runAll(clat, 4, ping4(4000, { destination: TRANSLATOR4 }));
    const packets = out.map(wellFormed);
    expect(packets.map((p) => p.length)).toEqual([1500, 1500, 1068]);
    const data = Buffer.concat(packets.map((p) => p.payload));
    expect([data[0], sumOctets(data, 0, data.length, 0)]).toEqual([0, 0xffff]);
  });
});

describe("v6ToV4() fragmented ICMPv6", () => {
  const whole = buildEcho6({ ...in6, kind: "reply", identifier: 7, sequence: 9, payload: pattern(4000) });

  it("comes out in fragments, its checksum right, the identification's low 16 bits kept (RFC 7915 §5.1.1, §5.2)", () => {
    const { out, drops } = runAll(clat, 6, fragments6(whole, 1232));
    expect(drops).toEqual([]);
    const packets = out.map(wellFormed);
    expect(packets.map((p) => [p.length, p.fragment?.offset, p.dontFragment])).toEqual([
      [1500, 0, false],
      [1500, 1480, false],
      [1068, 2960, false],
    ]);
    expect(packets.every((p) => p.protocol === 1 && p.identification === 0x4242)).toBe(true);
    const data = Buffer.concat(packets.map((p) => p.payload));
    expect([data[0], sumOctets(data, 0, data.length, 0)]).toEqual([0, 0xffff]);
  });
});

describe("v4ToV6() fragmented UDP without a checksum", () => {
  const datagram = (checksum?: number): Uint8Array =>
    buildUdp4({
      ...out4,
      sourcePort: 1,
      destinationPort: 2,
      payload: pattern(4000),
      ...(checksum === undefined ? {} : { checksum }),
    });

  it("is put together and gets one (RFC 7915 §4.5)", () => {
    const { out, drops } = runAll(clat, 4, fragments4(datagram(0), 1480, 17));
    expect(drops).toEqual([]);
    const data = Buffer.concat(out.map(wellFormed).map((p) => p.payload));
    expect(sumOctets(data, 0, data.length, ipv6PseudoSum(out[0]?.bytes ?? new Uint8Array(40), 0, 17, 4008))).toBe(
      0xffff,
    );
  });

  it("with a checksum it goes fragment by fragment, at once", () => {
    const [first, ...later] = fragments4(datagram(), 1480, 17);
    expect(runAll(clat, 4, [first ?? new Uint8Array(0)]).out.length).toBe(2);
    expect(runAll(clat, 4, later).out.length).toBe(3);
  });

  it("where the policy is to drop, the first fragment is dropped (RFC 7915 §4.5)", () => {
    const { drops } = runAll({ ...clat, udpZeroChecksum: "drop" }, 4, fragments4(datagram(0), 1480, 17).slice(0, 1));
    expect(drops).toEqual(["udp-checksum-zero"]);
  });
});

describe("Reassembly bounds", () => {
  it("fragments that wait longer than the timeout are given up and counted (RFC 6146 §3.4)", () => {
    const [a, b, c] = ping4(4000) as [Uint8Array, Uint8Array, Uint8Array];
    let time = 0;
    const late = runAll(clat, 4, [a, b, c], {
      now: () => time,
      before: (index) => {
        time += index === 2 ? REASSEMBLY_TIMEOUT + 1 : 0;
      },
    });
    expect([late.out.length, late.counters.v4ToV6.drops]).toEqual([0, { "reassembly-timeout": 2 }]);
    const inTime = runAll(clat, 4, [a, b, c], {
      now: () => time,
      before: (index) => {
        time += index === 2 ? REASSEMBLY_TIMEOUT : 0;
      },
    });
    expect(inTime.out.length).toBe(4);
  });

  it("the oldest makes room when too many are open, and is counted", () => {
    const starts = Array.from(
      { length: REASSEMBLY_SLOTS + 1 },
      (_, identification) => ping4(4000, { identification })[0] ?? new Uint8Array(0),
    );
    const rest = ping4(4000, { identification: 1 }).slice(1);
    const { out, counters } = runAll(clat, 4, [...starts, ...rest]);
    expect(counters.v4ToV6.drops).toEqual({ "reassembly-full": 1 });
    expect(out.length).toBe(4);
  });

  it.each([
    ["overlaps", { fragmentOffset: 1472, moreFragments: true }, 1480],
    ["says other things about the same octets", { moreFragments: true }, 1480],
  ])("a fragment that %s kills the whole message (RFC 5722 §3)", (_, fields, length) => {
    const [first, second] = ping4(4000) as [Uint8Array, Uint8Array];
    const bad = buildIpv4({ ...out4, ...fields }, 1, new Uint8Array(length).fill(0xee));
    expect(runAll(clat, 4, [first, second, bad]).counters.v4ToV6.drops).toEqual({ "reassembly-overlap": 3 });
  });

  it("a last fragment that ends before what is there kills the message", () => {
    const [, second] = ping4(4000) as [Uint8Array, Uint8Array];
    const bad = buildIpv4({ ...out4, fragmentOffset: 8 }, 1, pattern(8));
    expect(runAll(clat, 4, [second, bad]).counters.v4ToV6.drops).toEqual({ "reassembly-overlap": 2 });
  });

  it("a second last fragment that ends elsewhere kills the message", () => {
    const [, , last] = ping4(4000) as [Uint8Array, Uint8Array, Uint8Array];
    const other = buildIpv4({ ...out4, fragmentOffset: 4440 }, 1, pattern(8));
    expect(runAll(clat, 4, [last, other]).drops).toEqual(["reassembly-overlap"]);
  });

  it("fragments of different senders, identifications and protocols do not mix", () => {
    const [a1] = ping4(4000) as [Uint8Array];
    const others = [{ identification: 1 }, { source: "192.0.0.1", destination: "203.0.113.1" }];
    const later = others.flatMap((fields) => ping4(4000, fields).slice(1));
    expect(runAll(clat, 4, [a1, ...later]).out.length).toBe(0);
  });
});
