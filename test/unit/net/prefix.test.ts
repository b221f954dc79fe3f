import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseAddress } from "../../../src/net/address.js";
import {
  commonPrefixLength,
  formatPrefix,
  maskPrefix,
  type Prefix,
  parseInterfaceAddress,
  parsePrefix,
  prefixContains,
  prefixesOverlap,
  prefixFamily,
} from "../../../src/net/prefix.js";

const prefix = (text: string): Prefix => {
  const parsed = parsePrefix(text);
  if (parsed === undefined) throw new Error(text);
  return parsed;
};
const address = (text: string): Uint8Array => parseAddress(text) ?? new Uint8Array(0);

describe("parsePrefix()", () => {
  it.each([
    ["0.0.0.0/0", "0.0.0.0/0"],
    ["192.0.2.1", "192.0.2.1/32"],
    ["192.0.2.128/25", "192.0.2.128/25"],
    ["2001:DB8::/32", "2001:db8::/32"],
    ["2001:db8::1", "2001:db8::1/128"],
    ["::/0", "::/0"],
  ])("reads %s as %s", (text, canonical) => {
    expect(formatPrefix(prefix(text))).toBe(canonical);
  });

  it.each([
    "192.0.2.1/24",
    "192.0.2.0/33",
    "2001:db8::1/64",
    "2001:db8::/129",
    "192.0.2.0/",
    "192.0.2.0/024",
    "192.0.2.0/24/1",
    "192.0.2.0/-1",
    "/24",
    "x/24",
  ])("refuses %s", (text) => {
    expect(parsePrefix(text)).toBeUndefined();
  });
});

describe("parseInterfaceAddress()", () => {
  it("keeps host bits", () => {
    const parsed = parseInterfaceAddress("192.0.2.1/24");
    expect(parsed && formatPrefix(parsed)).toBe("192.0.2.1/24");
  });
});

describe("prefixContains(), prefixesOverlap(), prefixFamily()", () => {
  it.each([
    ["192.0.2.0/24", "192.0.2.255", true],
    ["192.0.2.0/24", "192.0.3.0", false],
    ["0.0.0.0/0", "255.255.255.255", true],
    ["2001:db8::/33", "2001:db8:7fff::", true],
    ["2001:db8::/33", "2001:db8:8000::", false],
    ["0.0.0.0/0", "::", false],
  ])("%s contains %s: %s", (network, host, expected) => {
    expect(prefixContains(prefix(network), address(host))).toBe(expected);
  });

  it.each([
    ["192.0.2.0/24", "192.0.2.128/25", true],
    ["192.0.2.128/25", "192.0.2.0/24", true],
    ["192.0.2.0/25", "192.0.2.128/25", false],
    ["0.0.0.0/0", "::/0", false],
  ])("%s and %s overlap: %s", (a, b, expected) => {
    expect(prefixesOverlap(prefix(a), prefix(b))).toBe(expected);
  });

  it("tells the family", () => {
    expect([prefixFamily(prefix("0.0.0.0/0")), prefixFamily(prefix("::/0"))]).toEqual([4, 6]);
  });
});

describe("maskPrefix(), commonPrefixLength()", () => {
  const octets = fc.uint8Array({ minLength: 16, maxLength: 16 });

  it("a masked address contains the address, and has no host bits", () => {
    fc.assert(
      fc.property(octets, fc.integer({ min: 0, max: 128 }), (v6, length) => {
        const masked = maskPrefix(v6, length);
        return prefixContains(masked, v6) && parsePrefix(formatPrefix(masked)) !== undefined;
      }),
    );
  });

  it("counts the bits up to the first that differs", () => {
    fc.assert(
      fc.property(octets, fc.integer({ min: 0, max: 127 }), (v6, bit) => {
        const other = Uint8Array.from(v6);
        other[bit >> 3] = (other[bit >> 3] ?? 0) ^ (0x80 >> (bit & 7));
        return commonPrefixLength(v6, other) === bit && commonPrefixLength(v6, v6) === 128;
      }),
    );
  });
});
