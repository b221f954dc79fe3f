// Blocks of pcapng: the codec laws, golden octets, and that no octets whatever break the reader.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Block,
  blockLength,
  encodeBlock,
  LARGEST_BLOCK,
  type OtherBlock,
  putBlock,
  readBlock,
} from "../../../src/wire/pcapng.js";

const POISON = 0xa5;

/** An option holds at most 65535 octets of UTF-8. */
const text = fc.string({ unit: "grapheme", maxLength: 60 });
const maybeText = fc.option(text, { nil: undefined });

const section = fc
  .record({ application: maybeText, littleEndian: fc.boolean() })
  .map(({ application, littleEndian }) => ({
    kind: "section" as const,
    littleEndian,
    ...(application === undefined ? {} : { application }),
  }));

const networkInterface = fc
  .record({
    linkType: fc.integer({ min: 0, max: 0xffff }),
    snapLength: fc.integer({ min: 0, max: 0xffffffff }),
    resolution: fc.integer({ min: 0, max: 255 }),
    offset: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    name: maybeText,
    description: maybeText,
  })
  .map(({ name, description, ...rest }) => ({
    kind: "interface" as const,
    ...rest,
    ...(name === undefined ? {} : { name }),
    ...(description === undefined ? {} : { description }),
  }));

const octets = fc.uint8Array({ maxLength: 100 });

const packet = fc
  .record({
    interface: fc.integer({ min: 0, max: 0xffffffff }),
    timestamp: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    octets,
    more: fc.integer({ min: 0, max: 2000 }),
    comments: fc.array(text, { maxLength: 3 }),
    direction: fc.constantFrom("unknown" as const, "in" as const, "out" as const),
  })
  .map(({ more, ...rest }) => ({ kind: "packet" as const, ...rest, originalLength: rest.octets.length + more }));

const simplePacket = octets.map((captured) => ({
  kind: "packet" as const,
  interface: 0,
  octets: captured,
  originalLength: captured.length,
  comments: [],
  direction: "unknown" as const,
}));

const block: fc.Arbitrary<Exclude<Block, OtherBlock>> = fc.oneof(section, networkInterface, packet, simplePacket);

/** The order that the block is read in: a section says its own. */
const orderOf = (record: Block, order: boolean): boolean => (record.kind === "section" ? record.littleEndian : order);

describe("putBlock(), readBlock()", () => {
  it("gives back each block, in either byte order", () => {
    fc.assert(
      fc.property(block, fc.boolean(), (record, order) => {
        const bytes = new Uint8Array(blockLength(record));
        putBlock(bytes, 0, record, order);
        const read = readBlock(bytes, 0, order);
        expect(read).toEqual({ ok: true, block: record, length: bytes.length });
      }),
    );
  });

  it("states the length that it takes, a multiple of four, twice", () => {
    fc.assert(
      fc.property(block, fc.boolean(), (record, order) => {
        const bytes = new Uint8Array(blockLength(record));
        putBlock(bytes, 0, record, order);
        const view = new DataView(bytes.buffer);
        expect(bytes.length % 4).toBe(0);
        expect(view.getUint32(4, orderOf(record, order))).toBe(bytes.length);
        expect(view.getUint32(bytes.length - 4, orderOf(record, order))).toBe(bytes.length);
      }),
    );
  });

  it("writes all of its own octets and no other, at any offset of a larger buffer", () => {
    fc.assert(
      fc.property(block, fc.boolean(), fc.integer({ min: 0, max: 40 }), (record, order, at) => {
        const length = blockLength(record);
        const plain = new Uint8Array(length);
        putBlock(plain, 0, record, order);
        const bytes = new Uint8Array(at + length + 16).fill(POISON);
        putBlock(bytes, at, record, order);
        expect(bytes.subarray(at, at + length)).toEqual(plain);
        expect(bytes.subarray(0, at).every((octet) => octet === POISON)).toBe(true);
        expect(bytes.subarray(at + length).every((octet) => octet === POISON)).toBe(true);
        expect(readBlock(bytes, at, order)).toMatchObject({ ok: true, length });
      }),
    );
  });

  it("says how much is missing of a block that is cut off", () => {
    fc.assert(
      fc.property(block, fc.nat(), (record, cut) => {
        const bytes = encodeBlock(record);
        const order = orderOf(record, true);
        const read = readBlock(bytes.subarray(0, cut % bytes.length), 0, order);
        expect(read).toEqual({ ok: "more", needed: cut % bytes.length < 12 ? 12 : bytes.length });
      }),
    );
  });

  it("takes any octets without throwing, and never reads a block longer than they are", () => {
    const length = fc.integer({ min: 0, max: 8 }).map((words) => words * 4);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), fc.boolean(), length, (bytes, order, claimed) => {
        // A length that can be, so that not all end there.
        if (bytes.length >= 8) new DataView(bytes.buffer).setUint32(4, claimed, order);
        const read = readBlock(bytes, 0, order);
        if (read.ok === true) expect(read.length).toBeLessThanOrEqual(bytes.length);
        if (read.ok === false) expect(read.problem).not.toBe("");
      }),
      { numRuns: 2000 },
    );
  });

  it("survives any change of an octet in a block", () => {
    fc.assert(
      fc.property(block, fc.nat(), fc.integer({ min: 0, max: 255 }), (record, at, octet) => {
        const bytes = encodeBlock(record);
        bytes[at % bytes.length] = octet;
        const read = readBlock(bytes, 0, orderOf(record, true));
        if (read.ok === true) expect(read.length).toBeLessThanOrEqual(bytes.length);
      }),
      { numRuns: 2000 },
    );
  });
});

describe("encodeBlock()", () => {
  const hex = (bytes: Uint8Array): string =>
    Buffer.from(bytes)
      .toString("hex")
      .replaceAll(/(.{8})/g, "$1 ")
      .trim();

  it("of a section (draft-ietf-opsawg-pcapng §4.1)", () => {
    expect(hex(encodeBlock({ kind: "section", littleEndian: true, application: "clatd" }))).toBe(
      "0a0d0d0a 2c000000 4d3c2b1a 01000000 ffffffff ffffffff 04000500 636c6174 64000000 00000000 2c000000",
    );
  });

  it("of an interface (§4.2)", () => {
    const raw = { kind: "interface", linkType: 101, snapLength: 0, resolution: 9, offset: 0n } as const;
    expect(hex(encodeBlock(raw))).toBe("01000000 20000000 65000000 00000000 09000100 09000000 00000000 20000000");
  });

  it("of a packet with a comment and a direction (§4.3)", () => {
    const record = {
      kind: "packet",
      interface: 1,
      timestamp: 0x0000000100000002n,
      octets: Uint8Array.of(0x45, 0, 0),
      originalLength: 60,
      comments: ["hi"],
      direction: "out",
    } as const;
    expect(hex(encodeBlock(record))).toBe(
      "06000000 38000000 01000000 01000000 02000000 03000000 3c000000 45000000 " +
        "01000200 68690000 02000400 02000000 00000000 38000000",
    );
  });

  it("cuts a comment at a character where an option can hold no more", () => {
    const record = {
      kind: "packet",
      interface: 0,
      timestamp: 0n,
      octets: new Uint8Array(0),
      originalLength: 0,
      comments: ["§".repeat(40_000)],
      direction: "unknown",
    } as const;
    const read = readBlock(encodeBlock(record), 0, true);
    expect(read.ok === true && read.block.kind === "packet" && read.block.comments).toEqual(["§".repeat(32_767)]);
  });

  it("does not write where there is no room", () => {
    const record = { kind: "section", littleEndian: true } as const;
    expect(() => putBlock(new Uint8Array(20), 0, record)).toThrow(RangeError);
  });
});

describe("readBlock() problems", () => {
  const words = (...values: number[]): Uint8Array => {
    const bytes = new Uint8Array(values.length * 4);
    for (const [index, value] of values.entries()) new DataView(bytes.buffer).setUint32(index * 4, value, true);
    return bytes;
  };

  it.each([
    [words(6, 8, 8), "a block's length of 8 octets cannot be"],
    [words(6, 13, 0, 13), "a block's length of 13 octets cannot be"],
    [words(6, LARGEST_BLOCK + 4, 0), "a block of 16777220 octets is larger than the 16777216 allowed here"],
    [words(6, 16, 0, 12), "a block gives its length as 16 octets first and as 12 at its end"],
    [words(6, 16, 0, 16), "a packet's block is cut off"],
    [words(1, 12, 12), "an interface's block is cut off"],
    [words(6, 32, 0, 0, 0, 9, 9, 32), "a packet's 9 octets do not fit its block"],
    [words(0x0a0d0d0a, 28, 0x1a2b3c4e, 1, 0, 0, 28), "its byte order is neither of the two"],
    [words(0x0a0d0d0a, 28, 0x1a2b3c4d, 2, 0, 0, 28), "its version is 2; 1 is known"],
    [words(0x0a0d0d0a, 16, 0x1a2b3c4d, 16), "a section's header is cut off"],
  ])("%#: %s", (bytes, problem) => {
    expect(readBlock(bytes, 0, true)).toEqual({ ok: false, problem });
  });

  it("passes over blocks that it does not know", () => {
    expect(readBlock(words(0x80000bad, 16, 7, 16), 0, true)).toEqual({
      ok: true,
      block: { kind: "other", type: 0x80000bad },
      length: 16,
    });
  });
});
