// RFC 7757 §4.2.2 and appendix B.1: two mapped IPv6 nodes talk through the translator, errors included.

import { describe, expect, it } from "vitest";
import { buildEcho6, buildIcmp4, buildIcmp6, buildTcp6, buildUdp4, buildUdp6 } from "../../../src/wire/build.js";
import { parsePacket } from "../../../src/wire/parse.js";
import type { TranslationSpec } from "../../../src/xlat/spec.js";
import { clat, droppedFor, icmpOf, only, pattern, ports, run, runAll, toHex, wellFormed } from "./support.js";

/** RFC 7757 figure 1, and the pool of appendix B.1. */
const spec: TranslationSpec = {
  ...clat,
  pref64s: ["64:ff9b::/96"],
  wkpStrict: false,
  eams: [
    { v4: "192.0.2.1", v6: "2001:db8:aaaa::" },
    { v4: "192.0.2.2/32", v6: "2001:db8:bbbb::b/128" },
    { v4: "192.0.2.16/28", v6: "2001:db8:cccc::/124" },
  ],
  icmpSource: "198.51.100.1",
};
const a = "2001:db8:aaaa::";
const b = "2001:db8:bbbb::b";
/** The nodes as they see each other: behind the PREF64. */
const aSeen = "64:ff9b::c000:201";
const bSeen = "64:ff9b::c000:202";

const hairpinned = (packet: Uint8Array) => {
  const outcome = run(spec, 6, packet);
  expect(outcome.drops).toEqual([]);
  const emitted = only(outcome);
  expect(emitted.family).toBe(6);
  return wellFormed(emitted);
};

describe("hairpin()", () => {
  it("a normal packet (RFC 7757 figure 8)", () => {
    const packet = buildTcp6({ source: a, destination: bSeen, ...ports, payload: pattern(1400), trafficClass: 0xb8 });
    expect(hairpinned(packet)).toMatchObject({
      source: aSeen,
      destination: b,
      trafficClass: 0xb8,
      length: packet.length,
    });
  });

  it("one hop is taken off, not two (RFC 7757 §4.2.2)", () => {
    expect(hairpinned(buildUdp6({ source: a, destination: bSeen, ...ports, hopLimit: 2 })).hopLimit).toBe(1);
  });

  it("the answer goes the same way back (RFC 7757 figure 11)", () => {
    expect(hairpinned(buildUdp6({ source: b, destination: aSeen, ...ports }))).toMatchObject({
      source: bSeen,
      destination: a,
    });
  });

  it("echo", () => {
    const echo = buildEcho6({ source: a, destination: bSeen, kind: "request", identifier: 1, sequence: 2 });
    expect(icmpOf(hairpinned(echo))).toMatchObject({ type: 128, checksum: "right" });
  });

  it("an error of a router (RFC 7757 figure 9)", () => {
    const body = buildUdp6({ source: aSeen, destination: b, ...ports, payload: pattern(40) });
    const error = buildIcmp6({ source: "2001:db8::1234", destination: aSeen, type: 1, code: 0, body });
    const packet = hairpinned(error);
    expect(packet).toMatchObject({ source: "64:ff9b::c633:6401", destination: a, hopLimit: 63 });
    expect(icmpOf(packet)).toMatchObject({ type: 1, code: 0 });
    const inner = parsePacket(icmpOf(packet).body);
    expect(inner).toMatchObject({ source: a, destination: bSeen, transport: { kind: "udp", checksum: "right" } });
  });

  it("an error of the host (RFC 7757 figure 10)", () => {
    const body = buildUdp6({ source: aSeen, destination: b, ...ports, payload: pattern(40) });
    const packet = hairpinned(buildIcmp6({ source: b, destination: aSeen, type: 1, code: 4, body }));
    expect(packet).toMatchObject({ source: bSeen, destination: a });
    expect(parsePacket(icmpOf(packet).body)).toMatchObject({ source: a, destination: bSeen });
  });

  it("Packet Too Big tells the same MTU behind two passes (RFC 7915 §4.2, §5.2)", () => {
    const body = buildTcp6({ source: aSeen, destination: b, ...ports, payload: pattern(200) });
    const packet = hairpinned(
      buildIcmp6({ source: "2001:db8::1", destination: aSeen, type: 2, code: 0, rest: 1400, body }),
    );
    expect(icmpOf(packet)).toMatchObject({ type: 2, rest: 1400 });
  });

  it("super-packets stay super-packets", () => {
    const packet = buildTcp6({ source: a, destination: bSeen, ...ports, payload: pattern(9000) });
    const offload = { gsoType: 4, gsoSize: 1400, checksumStart: 40, checksumOffset: 16 };
    expect(only(run(spec, 6, packet, offload))).toMatchObject({ family: 6, gsoType: 4, checksumStart: 40 });
  });

  it("what is refused behind the turn is dropped without an IPv4 error", () => {
    const packet = buildUdp6({ source: a, destination: bSeen, ...ports, payload: pattern(1440) });
    expect(droppedFor(run({ ...spec, mtuV6: 1480 }, 6, packet))).toBe("too-big");
  });

  it("packets behind a hairpinned one are translated as ever", () => {
    const packets = [
      buildUdp6({ source: a, destination: bSeen, ...ports }),
      buildUdp6({ source: a, destination: "64:ff9b::cb00:7101", ...ports }),
    ];
    expect(runAll(spec, 6, packets).out.map((emitted) => emitted.family)).toEqual([6, 4]);
  });

  it.each([
    ["to an IPv4 address without a mapping (A3)", "64:ff9b::cb00:7101", spec],
    ["where it is switched off", bSeen, { ...spec, hairpinning: false }],
  ])("not %s (RFC 7757 §4.2.2)", (_, destination, used) => {
    expect(only(run(used, 6, buildUdp6({ source: a, destination, ...ports }))).family).toBe(4);
  });

  it("not to a mapped IPv6 address: it was translated by its mapping (A2)", () => {
    const packet = buildUdp6({ source: "64:ff9b::cb00:7101", destination: b, ...ports });
    expect(toHex(only(run(spec, 6, packet)).bytes.subarray(0, 1))).toBe("45");
  });
});

describe('hairpinning: "simple"', () => {
  const simple: TranslationSpec = { ...spec, hairpinning: "simple" };
  /** What the IPv4 side sends back, one hop later. */
  const back4 = { source: "192.0.2.1", destination: "192.0.2.2" };
  const body4 = buildUdp4({ ...back4, ...ports, payload: pattern(40) });

  it("goes out to the IPv4 side, which sends it back (RFC 7757 §4.2.1)", () => {
    const out = only(run(simple, 6, buildUdp6({ source: a, destination: bSeen, ...ports })));
    expect(wellFormed(out)).toMatchObject({ family: 4, ...back4 });
    expect(wellFormed(only(run(simple, 4, out.bytes)))).toMatchObject({ source: aSeen, destination: b, hopLimit: 62 });
  });

  it("rule 1: a source from the IPv4 side is never mapped by the table (RFC 7757 §4.2.1)", () => {
    const packet = buildUdp4({ ...back4, ...ports });
    expect(wellFormed(only(run(simple, 4, packet)))).toMatchObject({ source: aSeen, destination: b });
    expect(wellFormed(only(run(spec, 4, packet)))).toMatchObject({ source: a, destination: b });
  });

  it.each([
    ["rule 2: of a router", "198.51.100.1", "64:ff9b::c633:6401"],
    ["rules 2 and 3: of the host", "192.0.2.2", bSeen],
    ["rule 3 not: of another mapped host", "192.0.2.17", "2001:db8:cccc::1"],
  ])("an error, %s (RFC 7757 §4.2.1)", (_, source, seen) => {
    const error = buildIcmp4({ source, destination: "192.0.2.1", type: 3, code: 1, body: body4 });
    const packet = wellFormed(only(run(simple, 4, error)));
    expect(packet).toMatchObject({ source: seen, destination: a });
    expect(parsePacket(icmpOf(packet).body)).toMatchObject({ source: a, destination: bSeen });
  });
});
