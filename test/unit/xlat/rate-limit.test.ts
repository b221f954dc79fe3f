// RFC 4443 §2.4 (f), RFC 1812 §4.3.2.8: our own ICMP errors are limited; those that are translated are not.

import { describe, expect, it } from "vitest";
import { buildIcmp6, buildUdp4, buildUdp6 } from "../../../src/wire/build.js";
import { defaultRateLimit, TokenBucket } from "../../../src/xlat/rate-limit.js";
import type { TranslationSpec } from "../../../src/xlat/spec.js";
import { createTranslator } from "../../../src/xlat/translator.js";
import { CLAT4, CLAT6, clat, pattern, ports, runAll, SERVER4, SERVER6 } from "./support.js";

const late4 = buildUdp4({ source: CLAT4, destination: SERVER4, ...ports, ttl: 1 });
const late6 = buildUdp6({ source: SERVER6, destination: CLAT6, ...ports, hopLimit: 1 });
const limited: TranslationSpec = { ...clat, rateLimit: { perSecond: 10, burst: 5 } };
const times = (count: number, packet: Uint8Array): Uint8Array[] => new Array<Uint8Array>(count).fill(packet);

describe("TokenBucket.take()", () => {
  it("lets a burst pass, then so many a second, and saves up no more than a burst (RFC 4443 §2.4 (f))", () => {
    let now = 1000;
    const bucket = new TokenBucket({ perSecond: 10, burst: 5 }, () => now);
    const taken = (): number => Array.from({ length: 100 }, () => bucket.take()).filter(Boolean).length;
    expect(taken()).toBe(5);
    now += 99;
    expect(taken()).toBe(0);
    now += 1;
    expect(taken()).toBe(1);
    now += 350;
    expect(taken()).toBe(3);
    now += 3_600_000;
    expect(taken()).toBe(5);
  });
});

describe("refuse4(), refuse6() rate limits", () => {
  it.each([
    ["IPv4", 4, late4, "v4ToV6"],
    ["IPv6", 6, late6, "v6ToV4"],
  ] as const)("%s: behind the burst, errors are counted and not sent (RFC 4443 §2.4 (f))", (_, family, packet, way) => {
    const { out, counters } = runAll(limited, family, times(8, packet), { now: () => 0 });
    expect(out).toHaveLength(5);
    expect(counters[way].drops).toEqual({ "hop-limit": 8, "error-rate": 3 });
  });

  it("time lets them flow again", () => {
    let now = 0;
    const before = (index: number): void => {
      now = index * 100;
    };
    expect(runAll(limited, 4, times(50, late4), { now: () => now, before }).out).toHaveLength(50);
  });

  it("each family has its own (RFC 4443 §2.4 (f) is about IPv6, RFC 1812 §4.3.2.8 about IPv4)", () => {
    const translator = createTranslator(limited, { now: () => 0 });
    const sent = { 4: 0, 6: 0 };
    const send = (family: 4 | 6, packet: Uint8Array): void => {
      const bytes = new Uint8Array(128 + packet.length);
      bytes.set(packet, 128);
      const frame = {
        ...{ bytes, start: 128, end: bytes.length },
        ...{ gsoType: 0, gsoSize: 0, checksumStart: -1, checksumOffset: 0 },
      };
      const outlet = { emit: () => sent[family]++ };
      if (family === 4) translator.v4ToV6(frame, outlet);
      else translator.v6ToV4(frame, outlet);
    };
    for (let index = 0; index < 20; index++) send(index % 2 === 0 ? 4 : 6, index % 2 === 0 ? late4 : late6);
    expect(sent).toEqual({ 4: 5, 6: 5 });
  });

  it("errors of others are translated however many they are", () => {
    const body = buildUdp6({ source: CLAT6, destination: SERVER6, ...ports, payload: pattern(40) });
    const error = buildIcmp6({ source: "2001:db8:9::1", destination: CLAT6, type: 1, code: 0, body });
    expect(runAll(limited, 6, times(100, error), { now: () => 0 }).out).toHaveLength(100);
  });

  it.each([
    ["without a clock", clat, {}, 400],
    ["with rateLimit: false", { ...clat, rateLimit: false as const }, { now: () => 0 }, 400],
    ["with what is there by default", clat, { now: () => 0 }, defaultRateLimit.burst],
    ["with none at all", { ...clat, rateLimit: { perSecond: 0, burst: 0 } }, { now: () => 0 }, 0],
  ])("%s (RFC 7915 §4.4, §5.4: sent, rate-limited, or not sent)", (_, spec, time, sent) => {
    expect(runAll(spec, 4, times(400, late4), time).out).toHaveLength(sent);
    expect(runAll(spec, 6, times(400, late6), time).out).toHaveLength(sent);
  });

  it.each([
    [{ perSecond: -1, burst: 1 }, /perSecond -1/],
    [{ perSecond: 1, burst: Number.NaN }, /burst NaN/],
  ])("%j is refused", (rateLimit, why) => {
    expect(() => createTranslator({ ...clat, rateLimit })).toThrow(why);
  });
});
