import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DuplicatePrefix, PrefixTable } from "../../../src/net/prefix-table.js";

interface Row {
  readonly words: readonly number[];
  readonly length: number;
}

const mask = (length: number, word: number): number => {
  const bits = Math.min(32, Math.max(0, length - word * 32));
  return bits === 0 ? 0 : bits === 32 ? -1 : -1 << (32 - bits);
};

const covers = (row: Row, address: readonly number[]): boolean =>
  [0, 1, 2, 3].every((word) => (((row.words[word] ?? 0) ^ (address[word] ?? 0)) & mask(row.length, word)) === 0);

const table = (rows: readonly Row[]): PrefixTable =>
  new PrefixTable({
    width: 4,
    keys: Int32Array.from(rows.flatMap((row) => row.words)),
    lengths: Uint8Array.from(rows, (row) => row.length),
    values: Int32Array.from(rows.flatMap((_, index) => [7, index])),
  });

/** The longest match, the slow way. */
const search = (rows: readonly Row[], address: readonly number[]): number => {
  let best = -1;
  for (const [index, row] of rows.entries()) {
    if (covers(row, address) && (best < 0 || row.length > (rows[best]?.length ?? 0))) best = index;
  }
  return best;
};

/** Few different bits, so that prefixes nest and addresses meet them. */
const word = fc.integer({ min: 0, max: 255 }).map((bits) => (bits << 24) | (bits * 0x010101));
const address = fc.array(word, { minLength: 4, maxLength: 4 });

const rows = (longest: number) =>
  fc.array(fc.tuple(address, fc.integer({ min: 0, max: longest })), { maxLength: 60 }).map((list) => {
    const unique = new Map<string, Row>();
    for (const [words, length] of list) {
      const masked = words.map((value, index) => value & mask(length, index));
      unique.set(`${masked.join()}/${length}`, { words: masked, length });
    }
    return [...unique.values()];
  });

describe("PrefixTable.lookup()", () => {
  it("finds what a linear search finds, all lengths mixed", () => {
    fc.assert(
      fc.property(rows(128), fc.array(address, { minLength: 1, maxLength: 40 }), (list, addresses) => {
        const built = table(list);
        for (const [w0, w1, w2, w3] of [...addresses, ...list.map((row) => row.words)]) {
          const a = [w0 ?? 0, w1 ?? 0, w2 ?? 0, w3 ?? 0];
          const place = built.lookup(a[0] ?? 0, a[1] ?? 0, a[2] ?? 0, a[3] ?? 0);
          expect(place < 0 ? -1 : built.value(place, 1)).toBe(search(list, a));
        }
      }),
      { numRuns: 300 },
    );
  });

  it("finds what a linear search finds among IPv4 prefixes", () => {
    fc.assert(
      fc.property(rows(32), fc.array(word, { minLength: 1, maxLength: 40 }), (list, addresses) => {
        const unique = [...new Map(list.map((row) => [`${row.words[0]}/${row.length}`, row])).values()];
        const built = new PrefixTable({
          width: 1,
          keys: Int32Array.from(unique, (row) => row.words[0] ?? 0),
          lengths: Uint8Array.from(unique, (row) => row.length),
          values: Int32Array.from(unique.flatMap((_, index) => [index, 1, 2, 3, 4])),
        });
        for (const a of [...addresses, ...unique.map((row) => row.words[0] ?? 0)]) {
          const place = built.lookup(a, 0, 0, 0);
          const found = search(unique, [a, 0, 0, 0]);
          if (found < 0) expect(place).toBe(-1);
          else expect([0, 1, 2, 3, 4].map((value) => built.value(place, value))).toEqual([found, 1, 2, 3, 4]);
        }
      }),
      { numRuns: 300 },
    );
  });

  it("finds nothing in an empty table", () => {
    expect(table([]).lookup(1, 2, 3, 4)).toBe(-1);
  });

  it("a prefix of length 0 matches everything", () => {
    const all = table([{ words: [0, 0, 0, 0], length: 0 }]);
    expect(all.value(all.lookup(-1, -1, -1, -1), 1)).toBe(0);
  });

  it("100,000 neighbouring addresses are all found, and their neighbours are not", () => {
    const count = 100_000;
    const keys = Int32Array.from({ length: count }, (_, index) => index * 2);
    const values = Int32Array.from({ length: count * 5 }, (_, index) => index / 5);
    const built = new PrefixTable({ width: 1, keys, lengths: new Uint8Array(count).fill(32), values });
    let wrong = 0;
    for (let index = 0; index < count; index++) {
      if (built.value(built.lookup(index * 2, 0, 0, 0), 0) !== index) wrong++;
      if (built.lookup(index * 2 + 1, 0, 0, 0) !== -1) wrong++;
    }
    expect(wrong).toBe(0);
  });
});

describe("PrefixTable.meets()", () => {
  it("agrees with looking at each prefix, all lengths mixed", () => {
    fc.assert(
      fc.property(rows(128), address, fc.integer({ min: 0, max: 128 }), (list, words, length) => {
        const wanted = list.some((row) => covers({ ...row, length: Math.min(row.length, length) }, words));
        const [w0 = 0, w1 = 0, w2 = 0, w3 = 0] = words.map((value, index) => value & mask(length, index));
        expect(table(list).meets(w0, w1, w2, w3, length)).toBe(wanted);
      }),
    );
  });
});

describe("new PrefixTable()", () => {
  it("refuses a prefix that is there twice, and names both", () => {
    const row = { words: [0x0a000000, 0, 0, 0], length: 8 };
    const other = { words: [0x0b000000, 0, 0, 0], length: 8 };
    expect(() => table([other, row, other])).toThrow(DuplicatePrefix);
    try {
      table([other, row, other]);
    } catch (error) {
      expect((error as DuplicatePrefix).indices).toEqual([0, 2]);
    }
  });
});
