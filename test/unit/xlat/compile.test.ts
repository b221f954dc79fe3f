// createTranslator() refuses what can't be, in words for people; reasons and counters hang together.

import { describe, expect, it } from "vitest";
import { buildUdp4 } from "../../../src/wire/build.js";
import { COUNTERS_LENGTH, readCounters } from "../../../src/xlat/counters.js";
import { loadFrame, newFrame } from "../../../src/xlat/frame.js";
import { findReason, R, type Reason, reasons } from "../../../src/xlat/reasons.js";
import type { TranslationSpec } from "../../../src/xlat/spec.js";
import { SpecError } from "../../../src/xlat/spec-error.js";
import { createTranslator } from "../../../src/xlat/translator.js";
import { CLAT4, clat, run, SERVER4 } from "./support.js";

describe("createTranslator()", () => {
  it.each<[Partial<TranslationSpec>, RegExp]>([
    [{ pref64s: ["2001:db8::/33"] }, /PREF64 2001:db8::\/33: its length is 33; allowed are 32, 40, 48, 56, 64, 96/],
    [{ pref64s: ["2001:db8::1/96"] }, /PREF64 2001:db8::1\/96: it is no prefix/],
    [{ pref64s: ["2001:db8:0:0:ff00::/96"] }, /bits 64 to 71 are not zero/],
    [{ pref64s: ["192.0.2.0/24"] }, /IPv4 prefix/],
    [{ eams: [{ v4: "192.0.0.1/33", v6: "2001:db8::1" }] }, /mapping 192.0.0.1\/33,2001:db8::1/],
    [
      {
        eams: [
          { v4: "192.0.0.1", v6: "2001:db8::1" },
          { v4: "192.0.0.1", v6: "2001:db8::2" },
        ],
      },
      /192.0.0.1\/32,2001:db8::2\/128: its prefix 192.0.0.1\/32 is that of 192.0.0.1\/32,2001:db8::1\/128/,
    ],
    [{ mtuV4: 67 }, /mtuV4 67: a whole number of octets from 68 to 65535/],
    [{ mtuV6: 1279 }, /mtuV6 1279: a whole number of octets from 1280/],
    [{ mtuV6: 1500.5 }, /mtuV6 1500.5/],
    [{ lowestIpv6Mtu: 576 }, /lowestIpv6Mtu 576/],
    [{ translatorV4: "192.0.0" }, /translatorV4 "192.0.0": give an IPv4 address/],
    [{ translatorV6: "fe80::1%eth0" }, /translatorV6 "fe80::1%eth0": give an IPv6 address/],
    [{ icmpSource: "::1" }, /icmpSource "::1": give an IPv4 address or a prefix/],
  ])("refuses %j", (change, why) => {
    expect(() => createTranslator({ ...clat, ...change })).toThrow(SpecError);
    expect(() => createTranslator({ ...clat, ...change })).toThrow(why);
  });

  it("the same seed gives the same packets, another seed other identifications", () => {
    const expired = buildUdp4({ source: CLAT4, destination: SERVER4, sourcePort: 1, destinationPort: 2, ttl: 1 });
    const identificationOf = (seed: number): number => {
      let seen = -1;
      const frame = newFrame(2000);
      loadFrame(frame, expired);
      createTranslator(clat, { seed }).v4ToV6(frame, {
        emit: (emitted) => {
          seen = ((emitted.bytes[emitted.start + 4] ?? 0) << 8) | (emitted.bytes[emitted.start + 5] ?? 0);
        },
      });
      return seen;
    };
    expect([identificationOf(7), identificationOf(7), identificationOf(0xffff)]).toEqual([8, 8, 0]);
  });

  it("counts on in the counters it is given, packets and octets as they came in", () => {
    const counters = new Float64Array(new SharedArrayBuffer(COUNTERS_LENGTH * 8));
    const frame = newFrame(2000);
    for (let round = 0; round < 3; round++) {
      const translator = createTranslator(clat, { counters });
      for (const ttl of [64, 1]) {
        loadFrame(frame, buildUdp4({ source: CLAT4, destination: SERVER4, sourcePort: 1, destinationPort: 2, ttl }));
        translator.v4ToV6(frame, { emit: () => undefined });
      }
      loadFrame(frame, new Uint8Array(7));
      translator.v6ToV4(frame, { emit: () => expect.unreachable() });
    }
    expect(readCounters(counters)).toEqual({
      v4ToV6: { packets: 6, octets: 6 * 28, drops: { "hop-limit": 3 } },
      v6ToV4: { packets: 3, octets: 21, drops: { truncated: 3 } },
    });
  });
});

describe("reasons", () => {
  const rows: readonly Reason[] = reasons;

  it("each name stands once, in kebab case, and is found by it", () => {
    expect(new Set(rows.map((reason) => reason.name)).size).toBe(rows.length);
    for (const [index, reason] of rows.entries()) {
      expect(reason.name).toMatch(/^[a-z]+(-[a-z]+)*$/);
      expect(findReason(reason.name)).toBe(reason);
      expect(R[reason.name as keyof typeof R]).toBe(index);
    }
    expect(findReason("no-such-reason")).toBeUndefined();
  });

  it("each has a sentence, a hint, and replies only for its directions", () => {
    for (const reason of rows) {
      expect(reason.sentence).toMatch(/^[A-Z].*\.$/);
      expect(reason.hint).toMatch(/^[A-Z].*\.$/);
      if (reason.direction === "v4ToV6") expect(reason.icmpv6).toBeUndefined();
      if (reason.direction === "v6ToV4") expect(reason.icmpv4).toBeUndefined();
    }
  });

  it("only those that occurred are read", () => {
    const packet = buildUdp4({ source: CLAT4, destination: SERVER4, sourcePort: 1, destinationPort: 2 });
    expect(run(clat, 4, packet).counters.v4ToV6.drops).toEqual({});
  });
});
