import { describe, expect, it } from "vitest";
import { type Eam, parseEam } from "../../../src/net/eam.js";
import { describeEamOverlap, findEamOverlaps } from "../../../src/net/eam-overlap.js";

const eams = (...texts: readonly string[]): Eam[] =>
  texts.map((text, index) => {
    const [v4 = "", v6 = ""] = text.split(",");
    return parseEam({ v4, v6 }, index);
  });

/** RFC 7757 figure 2. */
const figure2 = eams("0.0.0.0/0,2001:db8:ff00::/40", "198.51.100.64/32,2001:db8::abcd/128");

describe("findEamOverlaps()", () => {
  it.each([
    ["figure 2 of the RFC: in IPv4", figure2, [[4, 0, 1]]],
    ["the later one may be the larger", figure2.toReversed(), [[4, 1, 0]]],
    ["in IPv6 only", eams("192.0.2.1,2001:db8::1", "192.0.2.8/29,2001:db8::/64"), [[6, 1, 0]]],
    [
      "in both",
      eams("192.0.2.0/24,2001:db8::/120", "192.0.2.1,2001:db8::1"),
      [
        [4, 0, 1],
        [6, 0, 1],
      ],
    ],
    [
      "nested three deep: each with the one next around it",
      eams(
        "10.0.0.0/8,2001:db8:1::/96",
        "10.1.0.0/16,2001:db8:2::/96",
        "10.1.1.0/24,2001:db8:3::/96",
        "11.0.0.0/8,::/64",
      ),
      [
        [4, 0, 1],
        [4, 1, 2],
      ],
    ],
    [
      "neighbours do not",
      eams("192.0.2.0/25,2001:db8::/121", "192.0.2.128/25,2001:db8::80/121", "192.0.3.0/24,::/64"),
      [],
    ],
    ["none", [], []],
  ])("%s (RFC 7757 §5)", (_, list, expected) => {
    const found = findEamOverlaps(list, 10);
    expect(found.map(({ family, around, within }) => [family, around, within])).toEqual(expected);
  });

  it("gives no more than is asked for", () => {
    const many = eams(
      "10.0.0.0/8,2001:db8::/96",
      ...Array.from({ length: 50 }, (_, i) => `10.0.0.${i},2001:db8:1::${i}`),
    );
    expect(findEamOverlaps(many, 3)).toHaveLength(3);
  });
});

describe("describeEamOverlap()", () => {
  it("names both", () => {
    const [overlap] = findEamOverlaps(figure2, 1);
    expect(overlap && describeEamOverlap(figure2, overlap)).toBe(
      "Mapping 198.51.100.64/32,2001:db8::abcd/128 lies in 0.0.0.0/0,2001:db8:ff00::/40 by its IPv4 prefix: addresses of the larger one may not come back as they went out (RFC 7757 §5)",
    );
  });
});
