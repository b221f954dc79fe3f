import { describe, expect, it } from "vitest";
import { parseIpv4, parseIpv6 } from "../../../src/net/address.js";
import { isMartian4, isMartian6, isNonGlobal4, nonGlobalPrefixes4 } from "../../../src/net/address-class.js";
import { i32 } from "../../../src/net/octets.js";
import { parsePrefix } from "../../../src/net/prefix.js";

const word = (text: string): number => i32(parseIpv4(text) ?? new Uint8Array(4), 0);

describe("isMartian4()", () => {
  it.each([
    "0.0.0.0",
    "0.1.2.3",
    "127.0.0.1",
    "127.255.255.255",
    "169.254.1.1",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
  ])("%s is one (RFC 1812 §5.3.7)", (text) => {
    expect(isMartian4(word(text))).toBe(true);
  });
  it.each(["1.0.0.0", "126.255.255.255", "128.0.0.0", "169.253.0.1", "169.255.0.1", "192.0.0.8", "223.255.255.255"])(
    "%s is none",
    (text) => {
      expect(isMartian4(word(text))).toBe(false);
    },
  );
});

describe("isMartian6()", () => {
  it.each([
    ["::", true],
    ["::1", true],
    ["::2", false],
    ["ff02::1", true],
    ["fe80::1", true],
    ["febf::1", true],
    ["fec0::1", false],
    ["fc00::1", false],
    ["2001:db8::1", false],
    ["64:ff9b::1", false],
  ])("%s: %s (RFC 4291 §2)", (text, expected) => {
    const octets = parseIpv6(text) ?? new Uint8Array(16);
    expect(isMartian6(i32(octets, 0), i32(octets, 4), i32(octets, 8), i32(octets, 12))).toBe(expected);
  });
});

describe("isNonGlobal4()", () => {
  it("agrees with the table at the first and last address of each prefix and beside them (RFC 6890)", () => {
    const ranges = nonGlobalPrefixes4.map((text) => {
      const prefix = parsePrefix(text);
      if (prefix === undefined) throw new Error(text);
      const first = i32(prefix.octets, 0) >>> 0;
      return { first, last: first + 2 ** (32 - prefix.length) - 1 };
    });
    const inTable = (address: number): boolean => ranges.some(({ first, last }) => address >= first && address <= last);
    for (const { first, last } of ranges) {
      for (const address of [first - 1, first, last, last + 1]) {
        if (address < 0 || address > 0xffffffff) continue;
        expect([address, isNonGlobal4(address | 0)]).toEqual([address, inTable(address)]);
      }
    }
  });

  it.each(["8.8.8.8", "192.88.99.1", "198.17.255.255", "100.63.255.255", "100.128.0.0"])("%s is global", (text) => {
    expect(isNonGlobal4(word(text))).toBe(false);
  });
});
