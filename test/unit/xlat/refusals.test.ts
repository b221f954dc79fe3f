// RFC 7915 §4.4, §5.4: the ICMP errors of our own, when they are sent and when they must not be; and ping to us.

import { describe, expect, it } from "vitest";
import {
  buildEcho4,
  buildEcho6,
  buildIcmp4,
  buildIcmp6,
  buildIpv4,
  buildIpv6,
  buildTcp4,
  buildUdp4,
  buildUdp6,
  fragmentExtension,
} from "../../../src/wire/build.js";
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
  SERVER6,
  TRANSLATOR4,
  TRANSLATOR6,
  toHex,
  wellFormed,
} from "./support.js";

describe("refuse4()", () => {
  it.each([
    ["hop-limit", { ttl: 1 }, clat, 11, 0],
    ["hop-limit", { ttl: 0 }, clat, 11, 0],
    ["source-route", { options: hex("83 07 04 cb007101 00") }, clat, 3, 5],
    ["source-route", { options: hex("89 07 04 cb007101 00") }, clat, 3, 5],
    ["unmapped-destination", {}, { ...clat, pref64s: [] }, 3, 13],
    ["unmapped-source", {}, { ...clat, pref64s: [], eams: [{ v4: SERVER4, v6: SERVER6 }] }, 3, 13],
    ["well-known-prefix", {}, { ...clat, pref64s: ["64:ff9b::/96"] }, 3, 13],
  ])("%s %j is told to the sender (RFC 7915 §4.1, §4.4; RFC 6052 §3.1)", (reason, fields, spec, type, code) => {
    const packet = buildUdp4({ ...out4, ...ports, ...fields, payload: pattern(40) });
    const outcome = run(spec, 4, packet);
    expect(outcome.drops).toEqual([reason]);
    const reply = wellFormed(only(outcome));
    expect(reply).toMatchObject({
      family: 4,
      source: TRANSLATOR4,
      destination: CLAT4,
      hopLimit: 64,
      trafficClass: 0xc0,
    });
    expect(icmpOf(reply)).toMatchObject({ type, code, rest: 0 });
    expect(toHex(icmpOf(reply).body)).toBe(toHex(packet));
  });

  it("an echo request is told too: traceroute by ICMP", () => {
    const packet = buildEcho4({ ...out4, kind: "request", identifier: 1, sequence: 1, ttl: 1 });
    expect(icmpOf(wellFormed(only(run(clat, 4, packet))))).toMatchObject({ type: 11, code: 0 });
  });

  const late = { ...out4, ttl: 1 };
  it.each([
    ["an ICMP error", buildIcmp4({ ...late, type: 3, code: 1, body: buildUdp4({ ...out4, ...ports }) })],
    ["an unknown ICMP message", buildIcmp4({ ...late, type: 42, code: 0, body: pattern(40) })],
    ["a fragment but the first", buildIpv4({ ...late, fragmentOffset: 8 }, 17, pattern(8))],
  ])("%s is dropped without a word (RFC 1812 §4.3.2.7)", (_, packet) => {
    expect(droppedFor(run(clat, 4, packet))).toBe("hop-limit");
  });

  it("the first fragment is told (RFC 1812 §4.3.2.7)", () => {
    const packet = buildIpv4({ ...late, moreFragments: true }, 17, pattern(8));
    expect(icmpOf(wellFormed(only(run(clat, 4, packet)))).type).toBe(11);
  });

  it.each(["224.0.0.1", "255.255.255.255"])(
    "nothing is told about a packet to %s (RFC 1812 §4.3.2.7)",
    (destination) => {
      expect(droppedFor(run(clat, 4, buildUdp4({ ...late, ...ports, destination })))).toBe("illegal-destination");
    },
  );

  it("quotes up to 576 octets (RFC 1812 §4.3.2.3)", () => {
    const packet = buildUdp4({ ...late, ...ports, payload: pattern(1400) });
    expect(only(run(clat, 4, packet)).bytes.length).toBe(576);
  });
});

describe("refuse6()", () => {
  it.each([
    ["hop-limit", { hopLimit: 1 }, clat, 3, 0],
    ["hop-limit", { hopLimit: 0 }, clat, 3, 0],
    ["unmapped-destination", { destination: "2001:db8::77" }, clat, 1, 1],
    ["unmapped-source", { source: "2001:db8::77" }, clat, 1, 1],
    ["well-known-prefix", { source: "64:ff9b::a00:1" }, { ...clat, pref64s: ["64:ff9b::/96"] }, 1, 1],
  ])("%s %j is told to the sender (RFC 7915 §5.1, §5.4; RFC 6052 §3.1)", (reason, fields, spec, type, code) => {
    const packet = buildUdp6({ ...in6, ...ports, ...fields, payload: pattern(40) });
    const outcome = run(spec, 6, packet);
    expect(outcome.drops).toEqual([reason]);
    const reply = wellFormed(only(outcome));
    const to = "source" in fields ? fields.source : SERVER6;
    expect(reply).toMatchObject({ family: 6, source: TRANSLATOR6, destination: to, hopLimit: 64 });
    expect(icmpOf(reply)).toMatchObject({ type, code, rest: 0 });
    expect(toHex(icmpOf(reply).body)).toBe(toHex(packet));
  });

  it("wkpStrict=false lets the well-known prefix stand for any address (RFC 6052 §3.1)", () => {
    const spec = { ...clat, pref64s: ["64:ff9b::/96"], wkpStrict: false };
    expect(run(spec, 6, buildUdp6({ ...in6, ...ports, source: "64:ff9b::a00:1" })).drops).toEqual([]);
  });

  it("an echo request is told too: traceroute by ICMPv6", () => {
    const packet = buildEcho6({ ...in6, kind: "request", identifier: 1, sequence: 1, hopLimit: 1 });
    expect(icmpOf(wellFormed(only(run(clat, 6, packet))))).toMatchObject({ type: 3, code: 0 });
  });

  const late = { ...in6, hopLimit: 1 };
  it.each([
    ["an ICMPv6 error", buildIcmp6({ ...late, type: 1, code: 1, body: buildUdp6({ ...in6, ...ports }) })],
    ["a redirect", buildIcmp6({ ...late, type: 137, code: 0, body: pattern(40) })],
    [
      "an ICMPv6 error behind extension headers",
      buildIcmp6({
        ...late,
        extensions: [{ type: 60, octets: new Uint8Array(8) }, fragmentExtension(0, true, 1)],
        type: 1,
        code: 1,
        body: pattern(48),
      }),
    ],
    ["a fragment but the first", buildIpv6({ ...late, extensions: [fragmentExtension(8, false, 1)] }, 17, pattern(8))],
  ])("%s is dropped without a word (RFC 4443 §2.4 (e))", (_, packet) => {
    expect(droppedFor(run(clat, 6, packet))).toBe("hop-limit");
  });

  it("without an address of our own nothing is told, only counted", () => {
    const { translatorV6: _, ...silent } = clat;
    expect(droppedFor(run(silent, 6, buildUdp6({ ...late, ...ports })))).toBe("hop-limit");
  });
});

describe("answerAtTranslator()", () => {
  it("answers ping from its own address (RFC 1122 §3.2.2.6)", () => {
    const echo = { kind: "request", identifier: 7, sequence: 3, payload: pattern(56) } as const;
    for (const fields of [{ ttl: 1 }, { tos: 0xb8 }, { options: hex("94040000") }, { dontFragment: true }]) {
      const outcome = run(clat, 4, buildEcho4({ ...out4, ...fields, destination: TRANSLATOR4, ...echo }));
      expect(outcome.drops).toEqual([]);
      const reply = wellFormed(only(outcome));
      expect(reply).toMatchObject({ family: 4, source: TRANSLATOR4, destination: CLAT4, hopLimit: 64, length: 84 });
      expect(icmpOf(reply)).toMatchObject({ type: 0, rest: 0x00070003, checksum: "right" });
      expect(toHex(icmpOf(reply).body)).toBe(toHex(pattern(56)));
    }
  });

  it("an address of 0.0.0.0 gets no answer", () => {
    const echo = buildEcho4({
      source: "0.0.0.0",
      destination: TRANSLATOR4,
      kind: "request",
      identifier: 7,
      sequence: 3,
    });
    expect(droppedFor(run(clat, 4, echo))).toBe("illegal-source");
  });

  it.each([
    ["UDP", buildUdp4({ ...out4, destination: TRANSLATOR4, ...ports }), "translator-port", 3],
    ["TCP", buildTcp4({ ...out4, destination: TRANSLATOR4, ...ports }), "translator-protocol", 2],
  ])("%s is unreachable there (RFC 1122 §3.2.2.1)", (_, packet, reason, code) => {
    const outcome = run(clat, 4, packet);
    expect(outcome.drops).toEqual([reason]);
    expect(icmpOf(wellFormed(only(outcome)))).toMatchObject({ type: 3, code });
  });

  it.each([
    [
      "an echo reply",
      buildEcho4({ ...out4, destination: TRANSLATOR4, kind: "reply", identifier: 1, sequence: 1 }),
      "icmp-type",
    ],
    [
      "half an ICMP header",
      buildIpv4({ ...out4, destination: TRANSLATOR4 }, 1, new Uint8Array(4)),
      "truncated-transport",
    ],
  ])("%s is dropped", (_, packet, reason) => {
    expect(droppedFor(run(clat, 4, packet))).toBe(reason);
  });
});
