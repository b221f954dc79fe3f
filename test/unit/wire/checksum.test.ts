import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checksumOf, fold, sumOctets, sumWord, updateChecksum, updateSum } from "../../../src/wire/checksum.js";

/** RFC 1071 §4.1, word by word. */
const slow = (octets: Uint8Array, initial = 0): number => {
  let sum = initial;
  for (let at = 0; at < octets.length; at += 2) {
    sum += ((octets[at] ?? 0) << 8) | (octets[at + 1] ?? 0);
    sum = (sum % 0x10000) + Math.floor(sum / 0x10000);
  }
  return sum;
};

const put = (octets: Uint8Array, at: number, value: number): Uint8Array => {
  const copy = Uint8Array.from(octets);
  copy[at] = value >> 8;
  copy[at + 1] = value;
  return copy;
};

describe("sumOctets()", () => {
  it("gives the example of RFC 1071 §3", () => {
    expect(sumOctets(Uint8Array.of(0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7), 0, 8, 0)).toBe(0xddf2);
  });

  it("agrees with the definition at every length, offset and initial sum (RFC 1071)", () => {
    const any = fc.tuple(fc.uint8Array({ maxLength: 200 }), fc.nat(20), fc.nat(0x1ffff));
    fc.assert(
      fc.property(any, ([octets, from, initial]) => {
        const at = Math.min(from, octets.length);
        expect(sumOctets(octets, at, octets.length, initial)).toBe(slow(octets.subarray(at), fold(initial)));
      }),
    );
  });

  it("does not overflow on 64 KiB of ones", () => {
    const octets = new Uint8Array(65536).fill(0xff);
    expect(sumOctets(octets, 0, octets.length, 0xffff)).toBe(0xffff);
  });

  it("is zero for zeros only", () => {
    expect(sumOctets(new Uint8Array(64), 0, 64, 0)).toBe(0);
  });
});

describe("updateChecksum()", () => {
  it("gives the example of RFC 1624 §4: 0x0000, where equation 2 went wrong", () => {
    // HC = 0xdd2f, m = 0x5555, m' = 0x3285
    expect(updateChecksum(0xdd2f, 0x5555, 0x3285)).toBe(0x0000);
  });

  it("gives what computing anew gives (RFC 1624)", () => {
    const any = fc.tuple(
      fc.uint8Array({ minLength: 4, maxLength: 64 }),
      fc.nat(31),
      fc.integer({ min: 0, max: 0xffff }),
    );
    fc.assert(
      fc.property(any, ([octets, word, value]) => {
        const at = (word * 2) % (octets.length & ~1);
        const old = ((octets[at] ?? 0) << 8) | (octets[at + 1] ?? 0);
        const changed = put(octets, at, value);
        fc.pre(slow(octets) !== 0 && slow(changed) !== 0);
        const updated = updateChecksum(checksumOf(slow(octets)), old, value);
        // All else zero and the word too: nothing tells 0 from 0xffff; callers add a non-zero pseudo-header.
        fc.pre(value !== 0);
        expect(updated).toBe(checksumOf(slow(changed)));
      }),
    );
  });
});

describe("updateSum()", () => {
  it("is updateChecksum() without the complements", () => {
    fc.assert(
      fc.property(fc.nat(0xffff), fc.nat(0xfffff), fc.nat(0xfffff), (sum, removed, added) => {
        expect(updateSum(sum, removed, added)).toBe(~updateChecksum(~sum & 0xffff, removed, added) & 0xffff);
      }),
    );
  });
});

describe("sumWord()", () => {
  it.each([
    [0x00010002, 3],
    [-1, 0x1fffe],
    [0, 0],
  ])("%i: %i", (word, sum) => {
    expect(sumWord(word)).toBe(sum);
  });
});
