// What the RFCs leave to the administrator: traffic class and TOS of one's own, and the pool for errors without an address.

import { describe, expect, it } from "vitest";
import { buildIcmp4, buildIcmp6, buildUdp4, buildUdp6 } from "../../../src/wire/build.js";
import { SpecError } from "../../../src/xlat/spec-error.js";
import { createTranslator } from "../../../src/xlat/translator.js";
import { CLAT4, CLAT6, clat, ports, run, runAll, SERVER4, SERVER6, translate, wellFormed } from "./support.js";

const out4 = { source: CLAT4, destination: SERVER4, ...ports };
const in6 = { source: SERVER6, destination: CLAT6, ...ports };

describe("trafficClassV6, tosV4", () => {
  it.each([0, 0x2e << 2, 255])(
    "%i is set whatever came (RFC 7915 §4.1 Traffic Class, §5.1 Type of Service)",
    (value) => {
      expect(translate({ ...clat, trafficClassV6: value }, 4, buildUdp4({ ...out4, tos: 0x55 })).trafficClass).toBe(
        value,
      );
      expect(translate({ ...clat, tosV4: value }, 6, buildUdp6({ ...in6, trafficClass: 0x55 })).trafficClass).toBe(
        value,
      );
    },
  );

  it("each concerns its direction only", () => {
    const spec = { ...clat, trafficClassV6: 1, tosV4: 2 };
    expect(translate(spec, 4, buildUdp4(out4)).trafficClass).toBe(1);
    expect(translate(spec, 6, buildUdp6(in6)).trafficClass).toBe(2);
  });

  it.each([-1, 256, 1.5, Number.NaN])("%d is refused", (value) => {
    expect(() => createTranslator({ ...clat, trafficClassV6: value })).toThrow(SpecError);
    expect(() => createTranslator({ ...clat, tosV4: value })).toThrow(/from 0 to 255/);
  });
});

describe("kernelTakesHop", () => {
  const spec = { ...clat, kernelTakesHop: true };
  const error4 = buildIcmp4({
    ...out4,
    type: 3,
    code: 3,
    body: buildUdp4({ ...out4, source: SERVER4, destination: CLAT4 }),
  });
  const error6 = buildIcmp6({
    ...in6,
    type: 1,
    code: 4,
    body: buildUdp6({ ...in6, source: CLAT6, destination: SERVER6 }),
  });

  it.each([2, 64, 255])(
    "a TTL of %i stays as it is, both ways: the kernel takes the hop off (RFC 7915 §4.1, §5.1)",
    (ttl) => {
      expect(translate(spec, 4, buildUdp4({ ...out4, ttl })).hopLimit).toBe(ttl);
      expect(translate(spec, 6, buildUdp6({ ...in6, hopLimit: ttl })).hopLimit).toBe(ttl);
    },
  );

  it("that of an ICMP error as well", () => {
    expect(translate(spec, 4, error4).hopLimit).toBe(translate(clat, 4, error4).hopLimit + 1);
    expect(translate(spec, 6, error6).hopLimit).toBe(translate(clat, 6, error6).hopLimit + 1);
  });

  it("on the way out a TTL of 1 ends here, where the error has an IPv4 address (RFC 7915 §4.4)", () => {
    const { out, drops } = run(spec, 4, buildUdp4({ ...out4, ttl: 1 }));
    expect(drops).toEqual(["hop-limit"]);
    expect(out.map((error) => wellFormed(error).source)).toEqual([clat.translatorV4]);
  });

  it("on the way in the kernel has taken it off already, so 1 is enough and 0 is not", () => {
    expect(translate(spec, 6, buildUdp6({ ...in6, hopLimit: 1 })).hopLimit).toBe(1);
    expect(run(spec, 6, buildUdp6({ ...in6, hopLimit: 0 })).drops).toEqual(["hop-limit"]);
  });
});

describe("icmpSource as a pool", () => {
  const body = buildUdp6({ ...in6, source: CLAT6, destination: SERVER6 });
  const error = buildIcmp6({ source: "2001:db8:99::1", destination: CLAT6, type: 3, code: 0, body });
  const sources = (icmpSource: string, count: number): string[] =>
    runAll({ ...clat, icmpSource }, 6, Array<Uint8Array>(count).fill(error)).out.map((out) => wellFormed(out).source);

  it("addresses are picked from it at random, all of them in the end (RFC 6791 §5)", () => {
    const picked = sources("203.0.113.8/29", 200);
    expect(new Set(picked)).toEqual(new Set([8, 9, 10, 11, 12, 13, 14, 15].map((last) => `203.0.113.${last}`)));
    const same = picked.filter((source, index) => source === picked[index + 1]);
    expect(same.length).toBeLessThan(60);
  });

  it("the same seed picks the same", () => {
    expect(sources("203.0.113.0/24", 20)).toEqual(sources("203.0.113.0/24", 20));
  });

  it("the destination itself is never picked", () => {
    expect(new Set(sources("192.0.0.0/31", 50))).toEqual(new Set(["192.0.0.0"]));
  });

  it("one address is one address", () => {
    expect(new Set(sources("203.0.113.9", 10))).toEqual(new Set(["203.0.113.9"]));
  });

  it.each(["203.0.113.9/29", "2001:db8::/64", "x"])("%s is refused", (icmpSource) => {
    expect(() => createTranslator({ ...clat, icmpSource })).toThrow(/icmpSource/);
  });

  it("an error that has an address keeps it", () => {
    const own = buildIcmp6({ source: SERVER6, destination: CLAT6, type: 3, code: 0, body });
    expect(run({ ...clat, icmpSource: "203.0.113.8/29" }, 6, own).out.map((out) => wellFormed(out).source)).toEqual([
      SERVER4,
    ]);
  });
});
