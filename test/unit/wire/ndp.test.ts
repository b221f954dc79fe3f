// Neighbor Discovery: a table of every option as octets, the laws of a codec, and random octets.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  encodeNdp,
  type NdpMessage,
  ndpLength,
  parseNdp,
  type RouterAdvertisement,
  writeNdp,
} from "../../../src/wire/ndp.js";
import { type NdpOption, ndpOptionLength, parseNdpOptions, writeNdpOption } from "../../../src/wire/ndp-options.js";

const hex = (text: string): Uint8Array =>
  Uint8Array.from(text.replaceAll(/\s+/g, "").match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
const show = (octets: Uint8Array): string => Buffer.from(octets).toString("hex");

/** Each option and what it is on the wire. */
const table: readonly (readonly [string, NdpOption, string])[] = [
  [
    "source link-layer address (RFC 4861 §4.6.1)",
    { option: "source-link-layer", address: hex("02005e100001") },
    "01 01 02005e100001",
  ],
  [
    "target link-layer address (RFC 4861 §4.6.1)",
    { option: "target-link-layer", address: hex("02005e100002") },
    "02 01 02005e100002",
  ],
  [
    "prefix information (RFC 4861 §4.6.2)",
    { option: "prefix", prefix: "2001:db8:1::/64", onLink: true, autonomous: true, valid: 86400, preferred: 14400 },
    "03 04 40 c0 00015180 00003840 00000000 20010db8000100000000000000000000",
  ],
  [
    "prefix information that is for ever and only on-link",
    { option: "prefix", prefix: "::/0", onLink: true, autonomous: false, valid: 0xffffffff, preferred: 0xffffffff },
    "03 04 00 80 ffffffff ffffffff 00000000 00000000000000000000000000000000",
  ],
  ["MTU (RFC 4861 §4.6.4)", { option: "mtu", mtu: 1280 }, "05 01 0000 00000500"],
  [
    "route information without octets (RFC 4191 §2.3)",
    { option: "route", prefix: "::/0", preference: "low", lifetime: 600 },
    "18 01 00 18 00000258",
  ],
  [
    "route information of 8 octets",
    { option: "route", prefix: "2001:db8:64::/64", preference: "high", lifetime: 600 },
    "18 02 40 08 00000258 20010db800640000",
  ],
  [
    "route information of 16 octets",
    { option: "route", prefix: "2001:db8:64::/96", preference: "medium", lifetime: 0xffffffff },
    "18 03 60 00 ffffffff 20010db8006400000000000000000000",
  ],
  [
    "RDNSS with two servers (RFC 8106 §5.1)",
    { option: "rdnss", servers: ["2001:db8:53::2", "fe80::1"], lifetime: 1800 },
    "19 05 0000 00000708 20010db8005300000000000000000002 fe800000000000000000000000000001",
  ],
  [
    "DNSSL (RFC 8106 §5.2)",
    { option: "dnssl", domains: ["example.com", "lab"], lifetime: 1800 },
    "1f 04 0000 00000708 07 6578616d706c65 03 636f6d 00 03 6c6162 00 000000000000",
  ],
  [
    "PREF64 of 96 bits (RFC 8781 §4)",
    { option: "pref64", prefix: "64:ff9b::/96", lifetime: 1800 },
    "26 02 0708 0064ff9b 00000000 00000000",
  ],
  [
    "PREF64 of 64 bits",
    { option: "pref64", prefix: "2001:db8:64:1::/64", lifetime: 8 },
    "26 02 0009 20010db8 00640001 00000000",
  ],
  [
    "PREF64 of 56 bits",
    { option: "pref64", prefix: "2001:db8:64:100::/56", lifetime: 16 },
    "26 02 0012 20010db8 00640100 00000000",
  ],
  [
    "PREF64 of 48 bits",
    { option: "pref64", prefix: "2001:db8:64::/48", lifetime: 24 },
    "26 02 001b 20010db8 00640000 00000000",
  ],
  [
    "PREF64 of 40 bits",
    { option: "pref64", prefix: "2001:db8:6400::/40", lifetime: 32 },
    "26 02 0024 20010db8 64000000 00000000",
  ],
  [
    "PREF64 of 32 bits, withdrawn",
    { option: "pref64", prefix: "2001:db8::/32", lifetime: 0 },
    "26 02 0005 20010db8 00000000 00000000",
  ],
  [
    "PREF64 with the longest lifetime",
    { option: "pref64", prefix: "64:ff9b::/96", lifetime: 65528 },
    "26 02 fff8 0064ff9b 00000000 00000000",
  ],
  ["an option that we do not know", { option: "unknown", type: 200, body: hex("010203040506") }, "c8 01 010203040506"],
];

const encodeOption = (option: NdpOption): Uint8Array => {
  const out = new Uint8Array(ndpOptionLength(option));
  writeNdpOption(option, out, 0);
  return out;
};

describe("writeNdpOption(), parseNdpOptions()", () => {
  it.each(table)("%s: octets as stated, and back", (_name, option, octets) => {
    expect(show(encodeOption(option))).toBe(show(hex(octets)));
    expect(parseNdpOptions(hex(octets))).toEqual([option]);
  });

  it.each(table)("%s: writes each octet of a larger buffer at an offset, and no other", (_name, option, octets) => {
    const length = ndpOptionLength(option);
    const out = new Uint8Array(length + 24).fill(0xa5);
    expect(writeNdpOption(option, out, 16)).toBe(16 + length);
    expect(show(out)).toBe("a5".repeat(16) + show(hex(octets)) + "a5".repeat(8));
  });

  it.each(table)("%s: refuses a buffer that is too small", (_name, option) => {
    expect(() => writeNdpOption(option, new Uint8Array(ndpOptionLength(option) - 1), 0)).toThrow(RangeError);
  });

  it.each([
    [1, 8],
    [9, 16],
    [65527, 65528],
    [90000, 65528],
  ])("rounds a PREF64 lifetime of %i s up to %i s (RFC 8781 §4.1)", (lifetime, sent) => {
    const parsed = parseNdpOptions(encodeOption({ option: "pref64", prefix: "64:ff9b::/96", lifetime }));
    expect(parsed).toEqual([{ option: "pref64", prefix: "64:ff9b::/96", lifetime: sent }]);
  });

  it.each([
    ["a code of 6 (RFC 8781 §4)", "26 02 0706 0064ff9b 00000000 00000000"],
    ["a code of 7", "26 02 0707 0064ff9b 00000000 00000000"],
    ["a length of 24 octets", "26 03 0708 0064ff9b 00000000 00000000 0000000000000000"],
    ["a length of 8 octets", "26 01 0708 0064ff9b"],
    ["bits 64 to 71 that are not zero (RFC 6052 §2.2)", "26 02 0708 20010db8 00640000 01000000"],
  ])("ignores a PREF64 option with %s", (_name, octets) => {
    expect(parseNdpOptions(hex(octets))).toMatchObject([{ option: "unknown", type: 38 }]);
  });

  it("ignores the bits behind a PREF64's length", () => {
    expect(parseNdpOptions(hex("26 02 000d 20010db8 ffffffff ffffffff"))).toEqual([
      { option: "pref64", prefix: "2001:db8::/32", lifetime: 8 },
    ]);
  });

  it.each([
    ["a prefix longer than 128 bits", 3, "03 04 81 c0 00015180 00003840 00000000 20010db8000100000000000000000000"],
    ["a route with the reserved preference (RFC 4191 §2.3)", 24, "18 01 00 10 00000258"],
    ["a route with fewer octets than its length asks for", 24, "18 02 60 00 00000258 20010db800640000"],
    ["an RDNSS option with half an address", 25, "19 02 0000 00000708 20010db800530000"],
    ["a DNSSL option whose label ends behind it", 31, "1f 02 0000 00000708 3f61620000000000"],
    ["a DNSSL option with a compressed name", 31, "1f 02 0000 00000708 c000000000000000"],
  ])("keeps %s as an unknown option", (_name, type, octets) => {
    expect(parseNdpOptions(hex(octets))).toEqual([{ option: "unknown", type, body: hex(octets).slice(2) }]);
  });

  it.each([
    ["an option of length 0", "05 00 0000 00000500"],
    ["an option that ends behind the message", "05 02 0000 00000500"],
    ["half an option's head", "05"],
  ])("refuses all options because of %s (RFC 4861 §6.1.2)", (_name, octets) => {
    expect(parseNdpOptions(hex(octets))).toBeUndefined();
  });

  it("refuses to write what is no PREF64, no address or too long", () => {
    expect(() => encodeOption({ option: "pref64", prefix: "2001:db8::/33", lifetime: 8 })).toThrow(RangeError);
    expect(() => encodeOption({ option: "rdnss", servers: ["192.0.2.1"], lifetime: 8 })).toThrow(RangeError);
    expect(() => encodeOption({ option: "dnssl", domains: ["a..b"], lifetime: 8 })).toThrow(RangeError);
    expect(() => encodeOption({ option: "unknown", type: 1, body: new Uint8Array(2040) })).toThrow(RangeError);
  });
});

const advertisement: RouterAdvertisement = {
  message: "router-advertisement",
  hopLimit: 64,
  managed: false,
  other: true,
  preference: "high",
  routerLifetime: 1800,
  reachableTime: 30_000,
  retransTimer: 1000,
  options: table.map(([, option]) => option),
};

describe("encodeNdp(), parseNdp()", () => {
  it("writes a Router Advertisement's fixed part as RFC 4861 §4.2 draws it, the preference as RFC 4191 §2.2", () => {
    const octets = encodeNdp({ ...advertisement, options: [] });
    expect(show(octets)).toBe("86000000" + "40" + "48" + "0708" + "00007530" + "000003e8");
  });

  it.each<[string, NdpMessage]>([
    ["a Router Advertisement with every option", advertisement],
    [
      "a Router Solicitation",
      { message: "router-solicitation", options: [{ option: "source-link-layer", address: hex("02005e100001") }] },
    ],
    ["an empty Router Solicitation", { message: "router-solicitation", options: [] }],
  ])("%s: back as it was, of the stated length, at any offset", (_name, message) => {
    const octets = encodeNdp(message);
    expect(octets.length).toBe(ndpLength(message));
    expect(parseNdp(octets)).toEqual(message);
    const out = new Uint8Array(octets.length + 10).fill(0xa5);
    expect(writeNdp(message, out, 5)).toBe(5 + octets.length);
    expect(show(out)).toBe("a5".repeat(5) + show(octets) + "a5".repeat(5));
  });

  it.each([
    ["another type", "87000000 00000000"],
    ["a code that is not 0 (RFC 4861 §6.1.1)", "85010000 00000000"],
    ["fewer than 8 octets", "85000000 000000"],
    ["a Router Advertisement of 15 octets", "86000000 40000708 00000000 000000"],
    ["an option of length 0", "85000000 00000000 01 00 02005e100001"],
    ["nothing", ""],
  ])("discards %s", (_name, octets) => {
    expect(parseNdp(hex(octets))).toBeUndefined();
  });

  it("never throws for octets from the network, and gives back what it understood", () => {
    const message = fc
      .tuple(fc.constantFrom(133, 134), fc.uint8Array({ maxLength: 120 }))
      .map(([type, rest]) => Uint8Array.from([type, 0, ...rest]));
    fc.assert(
      fc.property(message, (octets) => {
        const parsed = parseNdp(octets);
        if (parsed === undefined) return;
        // Reserved bits are not kept, so the second time round nothing changes any more.
        const again = encodeNdp(parsed);
        expect(parseNdp(again)).toEqual(parsed);
        expect(again.length).toBeLessThanOrEqual(octets.length);
      }),
      { numRuns: 5000 },
    );
  });

  it("never throws for one flipped bit in a good message", () => {
    const good = encodeNdp(advertisement);
    for (let bit = 0; bit < good.length * 8; bit++) {
      const octets = good.slice();
      octets[bit >> 3] = (octets[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(() => parseNdp(octets)).not.toThrow();
    }
  });
});
