// pref64Of(): RFC 7050 §3 over all six prefix lengths of RFC 6052 §2.2.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { pref64Of } from "../../../src/discovery/well-known-address.js";
import { formatIpv6, parseIpv6 } from "../../../src/net/address.js";
import { formatPrefix, maskPrefix } from "../../../src/net/prefix.js";
import { asPref64, embed, PREF64_LENGTHS } from "../../../src/net/rfc6052.js";

const found = (address: string): string | undefined => {
  const octets = parseIpv6(address);
  if (octets === undefined) throw new Error(`${address} is no address`);
  const prefix = pref64Of(octets);
  return prefix === undefined ? undefined : formatPrefix(prefix);
};

describe("pref64Of() locations (RFC 6052 §2.2, RFC 7050 §3)", () => {
  it.each([
    ["2001:db8:c000:aa::", "2001:db8::/32"],
    ["2001:db8:1c0:0:aa::", "2001:db8:100::/40"],
    ["2001:db8:122:c000:0:aa00::", "2001:db8:122::/48"],
    ["2001:db8:122:3c0:0:aa::", "2001:db8:122:300::/56"],
    ["2001:db8:122:344:c0:0:aa00:0", "2001:db8:122:344::/64"],
    ["2001:db8:122:344::c000:aa", "2001:db8:122:344::/96"],
    ["64:ff9b::c000:aa", "64:ff9b::/96"],
    ["64:ff9b::192.0.0.171", "64:ff9b::/96"],
    ["2001:db8:c000:ab::", "2001:db8::/32"],
    ["2001:db8:1c0:0:ab::", "2001:db8:100::/40"],
    ["2001:db8:122:c000:0:ab00::", "2001:db8:122::/48"],
    ["2001:db8:122:3c0:0:ab::", "2001:db8:122:300::/56"],
    ["2001:db8:122:344:c0:0:ab00:0", "2001:db8:122:344::/64"],
  ])("%s holds %s", (address, prefix) => {
    expect(found(address)).toBe(prefix);
  });

  it("finds any prefix of any length from an address with it", () => {
    const octets = fc.uint8Array({ minLength: 16, maxLength: 16 });
    fc.assert(
      fc.property(octets, fc.constantFrom(...PREF64_LENGTHS), fc.constantFrom(170, 171), (random, length, last) => {
        const octets = Uint8Array.from(random);
        // A global unicast address without a well-known one in it by chance.
        octets[0] = 0x20 | ((octets[0] ?? 0) & 0x1f);
        octets[8] = 0;
        fc.pre(!Buffer.from(octets).includes(Buffer.of(192, 0)));
        const pref64 = asPref64(maskPrefix(octets, length));
        if (pref64 === undefined) throw new Error("not a PREF64");
        fc.pre((pref64.octets[length / 8 - 1] ?? 0) !== 192);
        const address = embed(pref64, Uint8Array.of(192, 0, 0, last));
        expect(formatPrefix(pref64Of(address) ?? { octets: address, length: 0 })).toBe(formatPrefix(pref64));
      }),
      { numRuns: 2000 },
    );
  });
});

describe("pref64Of() present only once (RFC 7050 §3)", () => {
  it("refuses an address where the well-known one stands twice", () => {
    expect(found("2001:db8:c000:aa::c000:aa")).toBeUndefined();
  });

  it("finds the same prefix by the other well-known address", () => {
    expect(found("2001:db8:c000:aa::c000:ab")).toBe("2001:db8:c000:aa::/96");
    expect(found("2001:db8:c000:ab::c000:aa")).toBe("2001:db8:c000:ab::/96");
  });

  it("refuses an address where either may be the one that was put in", () => {
    expect(found("2001:db8:c000:aa:c0:0:ab01:0")).toBeUndefined();
  });

  it("counts instances that are not at a standard location", () => {
    // Once at octets 2 to 5, once at 12 to 15.
    expect(found("2001:c000:aa::c000:aa")).toBeUndefined();
    expect(found("2001:c000:aa::c000:ab")).toBe("2001:c000:aa::/96");
  });

  it("takes a suffix that is not zero (BIND's dns64 suffix)", () => {
    expect(found("2001:db8:c000:aa::1")).toBe("2001:db8::/32");
  });
});

describe("pref64Of() what is no PREF64", () => {
  it.each([
    ["2001:db8::1", "an ordinary address (hijacking)"],
    ["2001:db8::c000:201", "another IPv4 address"],
    ["2001:db8::c0:0:aa", "the octets beside a standard location"],
    ["2001:db8:122:344:1c0:0:aa00:0", "octet 8 not zero"],
    ["2001:db8:0:0:100:0:c000:aa", "octet 8 not zero, /96"],
    ["::c000:aa", "IPv4-compatible"],
    ["::ffff:192.0.0.170", "IPv4-mapped"],
    ["fe80::c000:aa", "link-local"],
    ["ff02::c000:aa", "multicast"],
    ["::", "nothing"],
  ])("%s: %s", (address) => {
    expect(found(address)).toBeUndefined();
  });

  it("takes any sixteen octets", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (octets) => {
        const prefix = pref64Of(octets);
        if (prefix !== undefined) expect(formatIpv6(octets)).toMatch(/[0-9a-f:]+/);
      }),
    );
  });
});
