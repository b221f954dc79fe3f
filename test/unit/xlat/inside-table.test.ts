// Which IPv4 addresses are of this side (RFC 7756 §6); what follows from it is in inside.test.ts.

import { describe, expect, it } from "vitest";
import { insideTable, isInside } from "../../../src/xlat/inside.js";
import { SpecError } from "../../../src/xlat/spec-error.js";

describe("insideTable()", () => {
  it.each([
    ["192.0.2.0", true],
    ["192.0.2.1", true],
    ["192.0.2.2", false],
    ["10.255.0.1", true],
    ["11.0.0.0", false],
  ])("%s: %s", (text, expected) => {
    const table = insideTable(["192.0.2.1/32", "192.0.2.0/32", "10.0.0.0/8"]);
    const word = text.split(".").reduce((sum, octet) => (sum << 8) | Number(octet), 0);
    expect(isInside(table, word, !expected)).toBe(expected);
  });

  it("an empty list has nothing inside; no list: the answer is what the caller says", () => {
    expect(isInside(insideTable([]), 1, true)).toBe(false);
    expect([isInside(undefined, 1, true), isInside(undefined, 1, false)]).toEqual([true, false]);
  });

  it.each(["192.0.2.1/24", "2001:db8::/32", "x"])("%s is refused", (text) => {
    expect(() => insideTable([text])).toThrow(SpecError);
  });
});
