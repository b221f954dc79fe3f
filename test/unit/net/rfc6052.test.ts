import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatIpv4, formatIpv6, parseIpv4, parseIpv6, sameOctets } from "../../../src/net/address.js";
import { maskPrefix, parsePrefix } from "../../../src/net/prefix.js";
import {
  asPref64,
  embed,
  extract,
  isWellKnownPrefix,
  PREF64_LENGTHS,
  type Pref64,
  parsePref64,
  pref64Problem,
} from "../../../src/net/rfc6052.js";

const pref64 = (text: string): Pref64 => {
  const parsed = parsePref64(text);
  if (parsed === undefined) throw new Error(text);
  return parsed;
};
const v4 = (text: string): Uint8Array => parseIpv4(text) ?? new Uint8Array(0);
const v6 = (text: string): Uint8Array => parseIpv6(text) ?? new Uint8Array(0);

/** RFC 6052 §2.4, tables 1 and 2. */
const table = [
  ["2001:db8::/32", "192.0.2.33", "2001:db8:c000:221::"],
  ["2001:db8:100::/40", "192.0.2.33", "2001:db8:1c0:2:21::"],
  ["2001:db8:122::/48", "192.0.2.33", "2001:db8:122:c000:2:2100::"],
  ["2001:db8:122:300::/56", "192.0.2.33", "2001:db8:122:3c0:0:221::"],
  ["2001:db8:122:344::/64", "192.0.2.33", "2001:db8:122:344:c0:2:2100:0"],
  ["2001:db8:122:344::/96", "192.0.2.33", "2001:db8:122:344::c000:221"],
  ["64:ff9b::/96", "192.0.2.33", "64:ff9b::c000:221"],
] as const;

describe("embed()", () => {
  it.each(table)("%s and %s give %s (RFC 6052 §2.4)", (prefix, address, expected) => {
    expect(formatIpv6(embed(pref64(prefix), v4(address)))).toBe(formatIpv6(v6(expected)));
  });

  it("leaves octet 8 zero for every length (RFC 6052 §2.2)", () => {
    for (const length of PREF64_LENGTHS) {
      const prefix = asPref64(maskPrefix(v6("2001:db8:1:2::"), length));
      expect(prefix && embed(prefix, v4("255.255.255.255"))[8]).toBe(0);
    }
  });
});

describe("extract()", () => {
  it.each(table)("%s: %s comes out of %s (RFC 6052 §2.4)", (prefix, address, embedded) => {
    const extracted = extract(pref64(prefix), v6(embedded));
    expect(extracted && formatIpv4(extracted)).toBe(address);
  });

  it("gives back what embed() put in, for every length", () => {
    const any = fc.tuple(
      fc.constantFrom(...PREF64_LENGTHS),
      fc.uint8Array({ minLength: 16, maxLength: 16 }),
      fc.uint8Array({ minLength: 4, maxLength: 4 }),
    );
    fc.assert(
      fc.property(any, ([length, octets, address]) => {
        octets[8] = 0;
        const prefix = asPref64(maskPrefix(octets, length));
        return prefix !== undefined && sameOctets(extract(prefix, embed(prefix, address)) ?? octets, address);
      }),
    );
  });

  it("ignores the suffix (RFC 6052 §2.2: SHOULD ignore)", () => {
    const extracted = extract(pref64("2001:db8::/32"), v6("2001:db8:c000:221:00ff:ffff:ffff:ffff"));
    expect(extracted && formatIpv4(extracted)).toBe("192.0.2.33");
  });

  it("refuses an address whose octet 8 is not zero (RFC 6052 §2.2: MUST be zero)", () => {
    expect(extract(pref64("2001:db8::/32"), v6("2001:db8:c000:221:0100::"))).toBeUndefined();
  });

  it("refuses an address of another prefix", () => {
    expect(extract(pref64("64:ff9b::/96"), v6("64:ff9b:1::c000:221"))).toBeUndefined();
  });
});

describe("parsePref64(), pref64Problem()", () => {
  it.each([
    ["2001:db8::/33", /length is 33/],
    ["2001:db8::/128", /length is 128/],
    ["2001:db8:0:0:100::/96", /bits 64 to 71/],
    ["192.0.2.0/24", /IPv4 prefix/],
  ])("refuses %s and says why (RFC 6052 §2.2)", (text, why) => {
    expect(parsePref64(text)).toBeUndefined();
    const prefix = parsePrefix(text);
    expect(prefix && pref64Problem(prefix)).toMatch(why);
  });
});

describe("isWellKnownPrefix()", () => {
  it.each([
    ["64:ff9b::/96", true],
    ["64:ff9b:1::/96", false],
    ["2001:db8::/96", false],
  ])("%s: %s (RFC 6052 §2.1, RFC 8215)", (text, expected) => {
    expect(isWellKnownPrefix(pref64(text))).toBe(expected);
  });
});
