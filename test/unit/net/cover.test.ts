import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Cover4 } from "../../../src/net/cover.js";

const maskOf = (length: number): number => (length === 0 ? 0 : -1 << (32 - length));
const prefixes = fc.array(
  fc.tuple(fc.integer(), fc.nat(32)).map(([word, length]) => ({ key: word & maskOf(length), length })),
  { maxLength: 20 },
);

const coverOf = (list: readonly { readonly key: number; readonly length: number }[]): Cover4 =>
  new Cover4(
    Int32Array.from(list, ({ key }) => key),
    Uint8Array.from(list, ({ length }) => length),
  );

describe("Cover4.mayHold()", () => {
  it("never says no to an address of a prefix", () => {
    fc.assert(
      fc.property(prefixes, fc.integer(), (list, host) => {
        const cover = coverOf(list);
        for (const { key, length } of list) expect(cover.mayHold(key | (host & ~maskOf(length)))).toBe(true);
      }),
    );
  });

  it("says no where no prefix touches the /16", () => {
    const cover = coverOf([
      { key: 0x0a010200, length: 24 },
      { key: 0x14000000, length: 6 },
    ]);
    const answers = [0x0a01ffff, 0x0a020000, 0x0a00ffff, 0x14000000, 0x17ffffff, 0x18000000, 0x13ffffff];
    expect(answers.map((address) => cover.mayHold(address))).toEqual([true, false, false, true, true, false, false]);
  });

  it("a large table tells /24s apart", () => {
    const cover = coverOf(Array.from({ length: 5000 }, (_, index) => ({ key: 0x0a000000 + index * 512, length: 32 })));
    expect([0x0a000055, 0x0a000100, 0x0a000200].map((address) => cover.mayHold(address))).toEqual([true, false, true]);
  });

  it("holds everything where a prefix has length 0, nothing where there is none", () => {
    for (const address of [0, -1, 0x7fffffff, -2147483648]) {
      expect(coverOf([{ key: 0, length: 0 }]).mayHold(address)).toBe(true);
      expect(coverOf([]).mayHold(address)).toBe(false);
    }
  });
});
