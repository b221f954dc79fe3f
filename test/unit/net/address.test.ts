import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  formatAddress,
  formatIpv4,
  formatIpv6,
  parseAddress,
  parseIpv4,
  parseIpv6,
  sameOctets,
} from "../../../src/net/address.js";

const octets = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });

describe("parseIpv4()", () => {
  it.each([
    ["0.0.0.0", [0, 0, 0, 0]],
    ["192.0.2.33", [192, 0, 2, 33]],
    ["255.255.255.255", [255, 255, 255, 255]],
  ])("reads %s", (text, expected) => {
    expect(Array.from(parseIpv4(text) ?? [])).toEqual(expected);
  });

  it.each([
    "",
    "1.2.3",
    "1.2.3.4.5",
    "256.0.0.1",
    "01.2.3.4",
    "1.2.3.4 ",
    " 1.2.3.4",
    "1.2.3.-4",
    "1.2.3.",
    "0x1.2.3.4",
    "1..3.4",
  ])("refuses %j", (text) => {
    expect(parseIpv4(text)).toBeUndefined();
  });
});

describe("parseIpv6()", () => {
  it.each([
    ["::", "::"],
    ["::1", "::1"],
    ["2001:DB8::", "2001:db8::"],
    ["2001:0db8:0000:0000:0000:0000:0000:0001", "2001:db8::1"],
    ["64:ff9b::192.0.2.33", "64:ff9b::c000:221"],
    ["::ffff:192.0.2.1", "::ffff:c000:201"],
    ["1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"],
    ["::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"],
    ["1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304"],
  ])("reads %s (RFC 4291 §2.2)", (text, canonical) => {
    const parsed = parseIpv6(text);
    expect(parsed && formatIpv6(parsed)).toBe(canonical);
  });

  it.each([
    "",
    ":",
    ":::",
    "1",
    "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9",
    "1:2:3:4:5:6:7:8::",
    "::1::",
    "1:::2",
    ":1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:",
    "12345::",
    "g::",
    "fe80::1%eth0",
    "1.2.3.4::",
    "::1.2.3.4:1",
    "1:2:3:4:5:6:7:1.2.3.4",
    "2001:db8::/32",
  ])("refuses %j", (text) => {
    expect(parseIpv6(text)).toBeUndefined();
  });
});

describe("formatIpv6()", () => {
  it.each([
    ["2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1", "the first of equal runs (RFC 5952 §4.2.3)"],
    ["2001:0:0:1:0:0:0:1", "2001:0:0:1::1", "the longest run (RFC 5952 §4.2.3)"],
    ["2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1", "a single zero group stays (RFC 5952 §4.2.2)"],
    ["2001:DB8:AAAA:BBBB:CCCC:DDDD:EEEE:AAAA", "2001:db8:aaaa:bbbb:cccc:dddd:eeee:aaaa", "lower case (RFC 5952 §4.3)"],
    ["2001:0db8:0001:0:0:0:0:0", "2001:db8:1::", "no leading zeros (RFC 5952 §4.1)"],
  ])("writes %s as %s: %s", (text, canonical) => {
    const parsed = parseIpv6(text);
    expect(parsed && formatIpv6(parsed)).toBe(canonical);
  });

  it("is read back by parseIpv6()", () => {
    fc.assert(fc.property(octets(16), (v6) => sameOctets(parseIpv6(formatIpv6(v6)) ?? new Uint8Array(0), v6)));
  });

  it("agrees with the URL parser of WHATWG where runs of zeros abound", () => {
    const group = fc.constantFrom([0, 0], [0, 0], [0, 1], [0x12, 0x34]);
    fc.assert(
      fc.property(fc.array(group, { minLength: 8, maxLength: 8 }), (groups) => {
        const full = groups.map(([high, low]) => (((high ?? 0) << 8) | (low ?? 0)).toString(16)).join(":");
        expect(`[${formatIpv6(Uint8Array.from(groups.flat()))}]`).toBe(new URL(`http://[${full}]/`).hostname);
      }),
    );
  });
});

describe("formatIpv4()", () => {
  it("is read back by parseIpv4()", () => {
    fc.assert(fc.property(octets(4), (v4) => sameOctets(parseIpv4(formatIpv4(v4)) ?? new Uint8Array(0), v4)));
  });

  it("reads from an offset", () => {
    expect(formatIpv4(Uint8Array.of(9, 9, 192, 0, 2, 1, 9), 2)).toBe("192.0.2.1");
  });
});

describe("parseAddress(), formatAddress()", () => {
  it.each(["192.0.2.1", "2001:db8::1", "::"])("%s comes back", (text) => {
    const parsed = parseAddress(text);
    expect(parsed && formatAddress(parsed)).toBe(text);
  });
});
