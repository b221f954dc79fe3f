import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatIpv4, formatIpv6, parseIpv4, parseIpv6 } from "../../../src/net/address.js";
import { AddressMap, MAPPED_EAM, MAPPED_NONE, MAPPED_PREF64 } from "../../../src/net/address-map.js";
import { EamError, EamTable, parseEam } from "../../../src/net/eam.js";
import { i32, put32 } from "../../../src/net/octets.js";
import { parsePref64 } from "../../../src/net/rfc6052.js";

const wellKnown = parsePref64("64:ff9b::/96");
if (wellKnown === undefined) throw new Error("64:ff9b::/96");

const mapOf = (eams: readonly (readonly [string, string])[]): AddressMap =>
  new AddressMap(new EamTable(eams.map(([v4, v6], index) => parseEam({ v4, v6 }, index))), [wellKnown], false);

const toV6 = (map: AddressMap, address: string): [string, number] => {
  const words = new Int32Array(4);
  const mapped = map.toV6(i32(parseIpv4(address) ?? new Uint8Array(4), 0), words, 0);
  const octets = new Uint8Array(16);
  for (const [index, word] of words.entries()) put32(octets, index * 4, word);
  return [formatIpv6(octets), mapped];
};

const toV4 = (map: AddressMap, address: string): [string, number] => {
  const mapped = map.toV4(parseIpv6(address) ?? new Uint8Array(16), 0);
  const octets = new Uint8Array(4);
  put32(octets, 0, map.v4[0] ?? 0);
  return [formatIpv4(octets), mapped];
};

/** RFC 7757 figure 1. */
const figure1 = [
  ["192.0.2.1", "2001:db8:aaaa::"],
  ["192.0.2.2/32", "2001:db8:bbbb::b/128"],
  ["192.0.2.16/28", "2001:db8:cccc::/124"],
  ["192.0.2.128/26", "2001:db8:dddd::/64"],
  ["192.0.2.192/29", "2001:db8:eeee:8::/62"],
  ["192.0.2.224/31", "64:ff9b::/127"],
] as const;

/** RFC 7757 figure 7. */
const figure7 = [
  ["192.0.2.1", "2001:db8:aaaa::", MAPPED_EAM],
  ["192.0.2.2", "2001:db8:bbbb::b", MAPPED_EAM],
  ["192.0.2.16", "2001:db8:cccc::", MAPPED_EAM],
  ["192.0.2.24", "2001:db8:cccc::8", MAPPED_EAM],
  ["192.0.2.31", "2001:db8:cccc::f", MAPPED_EAM],
  ["192.0.2.128", "2001:db8:dddd::", MAPPED_EAM],
  ["192.0.2.152", "2001:db8:dddd:0:6000::", MAPPED_EAM],
  ["192.0.2.183", "2001:db8:dddd:0:dc00::", MAPPED_EAM],
  ["192.0.2.191", "2001:db8:dddd:0:fc00::", MAPPED_EAM],
  ["192.0.2.195", "2001:db8:eeee:9:8000::", MAPPED_EAM],
  ["192.0.2.225", "64:ff9b::1", MAPPED_EAM],
  ["192.0.2.248", "64:ff9b::c000:2f8", MAPPED_PREF64],
] as const;

describe("EamTable, AddressMap.toV6() and toV4()", () => {
  const map = mapOf(figure1);

  it.each(figure7)("%s -> %s (RFC 7757 appendix B)", (v4, v6, how) => {
    expect(toV6(map, v4)).toEqual([v6, how]);
  });

  it.each(figure7)("%s <- %s (RFC 7757 appendix B)", (v4, v6, how) => {
    expect(toV4(map, v6)).toEqual([v4, how]);
  });

  it("cuts trailing bits behind 32 (RFC 7757 §3.3.2 step 5)", () => {
    expect(toV4(map, "2001:db8:dddd:0:6000:0:0:ffff")).toEqual(["192.0.2.152", MAPPED_EAM]);
  });

  it("takes the longest match each way, which overlapping makes unsymmetric (RFC 7757 §5, figure 2)", () => {
    const overlapping = mapOf([
      ["0.0.0.0/0", "2001:db8:ff00::/40"],
      ["198.51.100.64/32", "2001:db8::abcd/128"],
    ]);
    expect(toV4(overlapping, "2001:db8:ffc6:3364:4000::")).toEqual(["198.51.100.64", MAPPED_EAM]);
    expect(toV6(overlapping, "198.51.100.64")).toEqual(["2001:db8::abcd", MAPPED_EAM]);
    expect(toV6(overlapping, "198.51.100.65")).toEqual(["2001:db8:ffc6:3364:4100::", MAPPED_EAM]);
  });

  it("does IVI with one mapping of everything (RFC 7757 appendix A.2)", () => {
    const ivi = mapOf([["0.0.0.0/0", "2001:db8:ff00::/40"]]);
    expect(toV6(ivi, "192.0.2.33")).toEqual(["2001:db8:ffc0:2:2100::", MAPPED_EAM]);
    expect(toV4(ivi, "2001:db8:ffc0:2:2100::")).toEqual(["192.0.2.33", MAPPED_EAM]);
  });

  it("an address without mapping falls to RFC 6052, or to nothing (RFC 7757 §3.3.1 step 2)", () => {
    const bare = new AddressMap(new EamTable([]), [], false);
    expect(toV6(bare, "192.0.2.1")[1]).toBe(MAPPED_NONE);
    expect(toV4(bare, "2001:db8::1")[1]).toBe(MAPPED_NONE);
  });

  it("every mapping of unequal lengths gives back the address it took", () => {
    const lengths = fc
      .tuple(fc.integer({ min: 0, max: 32 }), fc.integer({ min: 0, max: 128 }))
      .filter(([l4, l6]) => 32 - l4 <= 128 - l6);
    fc.assert(
      fc.property(
        lengths,
        fc.uint8Array({ minLength: 4, maxLength: 4 }),
        fc.uint8Array({ minLength: 16, maxLength: 16 }),
        ([l4, l6], a4, a6) => {
          const cut = (octets: Uint8Array, length: number): Uint8Array =>
            octets.map((octet, index) => octet & (0xff00 >> Math.min(8, Math.max(0, length - index * 8))));
          const single = mapOf([[`${formatIpv4(cut(a4, l4))}/${l4}`, `${formatIpv6(cut(a6, l6))}/${l6}`]]);
          const [there, how] = toV6(single, formatIpv4(a4));
          expect(how).toBe(MAPPED_EAM);
          expect(toV4(single, there)).toEqual([formatIpv4(a4), MAPPED_EAM]);
        },
      ),
    );
  });
});

describe("AddressMap.toV4() where mappings and PREF64s meet", () => {
  it.each([
    ["a mapping inside the PREF64", "64:ff9b::/127", "64:ff9b::1", "192.0.2.225", MAPPED_EAM],
    ["the PREF64 beside it", "64:ff9b::/127", "64:ff9b::2", "0.0.0.2", MAPPED_PREF64],
    ["a mapping around the PREF64", "64:ff00::/24", "64:ff9b::1", "192.0.2.225", MAPPED_EAM],
    ["the PREF64 far from any mapping", "2001:db8::/127", "64:ff9b::2", "0.0.0.2", MAPPED_PREF64],
    ["the mapping far from any PREF64", "2001:db8::/127", "2001:db8::1", "192.0.2.225", MAPPED_EAM],
  ])("%s (RFC 7757 §3.3.2)", (_, prefix, v6, v4, how) => {
    // The first bit behind 64:ff00::/24 is set in 64:ff9b::, and so is the last one of the others: .225.
    expect(toV4(mapOf([["192.0.2.224/31", prefix]]), v6)).toEqual([v4, how]);
  });
});

describe("AddressMap with several PREF64s", () => {
  const pref64s = ["2001:db8:64::/96", "2001:db8::/32", "2001:db8:100::/40", "2001:db8:122::/48", "64:ff9b::/96"]
    .concat(["2001:db8:133:300::/56", "2001:db8:133:444::/64"])
    .map((text) => parsePref64(text) ?? wellKnown);
  const map = new AddressMap(new EamTable([]), pref64s, false);

  it("sends by the first", () => {
    expect(toV6(map, "192.0.2.33")).toEqual(["2001:db8:64::c000:221", MAPPED_PREF64]);
  });

  it.each([
    ["2001:db8:64::c000:221", "192.0.2.33"],
    ["2001:db8:c000:221::", "192.0.2.33"],
    ["2001:db8:1c0:2:21::", "192.0.2.33"],
    ["2001:db8:122:c000:2:2100::", "192.0.2.33"],
    ["2001:db8:133:3c0:0:221::", "192.0.2.33"],
    ["2001:db8:133:444:c0:2:2100::", "192.0.2.33"],
    ["64:ff9b::c000:221", "192.0.2.33"],
  ])("recognises %s, the longest prefix first", (v6, v4) => {
    expect(toV4(map, v6)).toEqual([v4, MAPPED_PREF64]);
  });

  it("refuses an address whose octet 8 is not zero (RFC 6052 §2.2)", () => {
    expect(toV4(map, "2001:db8:c000:221:100::")[1]).toBe(MAPPED_NONE);
  });
});

describe("EamTable.fromText()", () => {
  it("maps as the table of parsed mappings does", () => {
    const table = EamTable.fromText(figure1.map(([v4, v6]) => ({ v4, v6 })));
    const map = new AddressMap(table, [wellKnown], false);
    for (const [v4, v6, how] of figure7) {
      expect(toV6(map, v4)).toEqual([v6, how]);
      expect(toV4(map, v6)).toEqual([v4, how]);
    }
  });
});

describe("parseEam(), new EamTable()", () => {
  it.each([
    ["192.0.2.0/24", "2001:db8::/121", /leaves 8 bits and the IPv6 prefix 7/],
    ["192.0.2.1/24", "2001:db8::/120", /no IPv4 prefix/],
    ["2001:db8::", "2001:db8::", /no IPv4 prefix/],
    ["192.0.2.0/24", "192.0.2.0/24", /no IPv6 prefix/],
    ["192.0.2.0/24", "2001:db8::1/120", /no IPv6 prefix/],
  ])("refuses %s,%s (RFC 7757 §3.2)", (v4, v6, why) => {
    expect(() => parseEam({ v4, v6 }, 3)).toThrow(why);
    expect(() =>
      EamTable.fromText([
        { v4: "203.0.113.1", v6: "2001:db8::77" },
        { v4, v6 },
      ]),
    ).toThrow(why);
  });

  it.each([
    ["v4", ["198.51.100.8", "2001:db8::1"], ["198.51.100.8", "2001:db8::2"]],
    ["v6", ["198.51.100.8", "2001:db8::1"], ["198.51.100.9", "2001:db8::1"]],
  ] as const)(
    "refuses the same %s prefix twice and names both mappings (RFC 7757 §5, figure 3)",
    (_, first, second) => {
      const build = (): EamTable => new EamTable([first, second].map(([v4, v6], index) => parseEam({ v4, v6 }, index)));
      expect(build).toThrow(EamError);
      expect(build).toThrow(first[0]);
      try {
        build();
      } catch (error) {
        expect((error as EamError).indices).toEqual([0, 1]);
      }
    },
  );
});
