import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { aggregate, coverOf } from "../../../src/net/aggregate.js";
import { formatPrefix, maskPrefix, type Prefix, parsePrefix, prefixContains } from "../../../src/net/prefix.js";

const parse = (text: string): Prefix => {
  const prefix = parsePrefix(text);
  if (prefix === undefined) throw new Error(text);
  return prefix;
};

const cases: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  ["nothing", [], []],
  ["two halves", ["192.0.2.128/25", "192.0.2.0/25"], ["192.0.2.0/24"]],
  ["four quarters", ["192.0.2.3/32", "192.0.2.1/32", "192.0.2.0/32", "192.0.2.2/32"], ["192.0.2.0/30"]],
  ["neighbours that are no halves", ["192.0.2.1/32", "192.0.2.2/32"], ["192.0.2.1/32", "192.0.2.2/32"]],
  ["what lies in another one", ["192.0.2.77/32", "192.0.2.0/24", "192.0.2.0/25"], ["192.0.2.0/24"]],
  ["the same twice", ["192.0.2.1/32", "192.0.2.1/32"], ["192.0.2.1/32"]],
  ["everything", ["0.0.0.0/1", "128.0.0.0/1"], ["0.0.0.0/0"]],
  ["IPv6", ["2001:db8:0:1::/64", "2001:db8::/64", "2001:db8:0:2::/63"], ["2001:db8::/62"]],
];

describe("aggregate()", () => {
  for (const [what, given, expected] of cases) {
    it(`aggregate() of ${what}`, () => {
      expect(aggregate(given.map(parse)).map(formatPrefix)).toEqual(expected);
    });
  }

  it("aggregate() holds the same addresses as before, and no two of its prefixes touch", () => {
    const prefix = fc
      .tuple(fc.uint8Array({ minLength: 2, maxLength: 2 }), fc.integer({ min: 22, max: 32 }))
      .map(([octets, length]) => maskPrefix(Uint8Array.of(192, 0, ...octets), length));
    fc.assert(
      fc.property(fc.array(prefix, { maxLength: 30 }), fc.uint8Array({ minLength: 2, maxLength: 2 }), (list, tail) => {
        const result = aggregate(list);
        const address = Uint8Array.of(192, 0, ...tail);
        const inside = (all: readonly Prefix[]): number => all.filter((one) => prefixContains(one, address)).length;
        expect(inside(result)).toBe(inside(list) > 0 ? 1 : 0);
        expect(aggregate(result)).toEqual(result);
      }),
    );
  });

  it("aggregate() of ten thousand addresses in a row is a handful", () => {
    const list = Array.from({ length: 10_000 }, (_, index) => parse(`10.0.${index >> 8}.${index & 255}/32`));
    expect(aggregate(list).map(formatPrefix)).toEqual([
      "10.0.0.0/19",
      "10.0.32.0/22",
      "10.0.36.0/23",
      "10.0.38.0/24",
      "10.0.39.0/28",
    ]);
  });
});

describe("coverOf()", () => {
  it.each([
    [["192.0.2.1/32"], "192.0.2.1/32"],
    [["192.0.2.0/25", "192.0.2.128/25"], "192.0.2.0/24"],
    [["2001:db8:a::1/128", "2001:db8:b::/64"], "2001:db8:a::/47"],
    [["::/1", "8000::/1"], "::/0"],
  ])("coverOf() %j is %s", (texts, expected) => {
    const cover = coverOf(texts.map(parse));
    expect(cover === undefined ? undefined : formatPrefix(cover)).toBe(expected);
  });

  it("coverOf() nothing is nothing", () => {
    expect(coverOf([])).toBeUndefined();
  });
});
