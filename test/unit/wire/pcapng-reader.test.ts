// CaptureReader: captures of both kinds, in any chunks, from damaged files too.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { put32 } from "../../../src/net/octets.js";
import { blockLength, encodeBlock, type InterfaceBlock, type PacketBlock, putBlock } from "../../../src/wire/pcapng.js";
import { type CapturedFrame, CaptureReader, nanoseconds } from "../../../src/wire/pcapng-reader.js";

function concat(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

function networkInterface(fields: Partial<InterfaceBlock> = {}): InterfaceBlock {
  return { kind: "interface", linkType: 101, snapLength: 0, resolution: 6, offset: 0n, ...fields };
}

function packet(octets: Uint8Array, fields: Partial<PacketBlock> = {}): PacketBlock {
  return {
    kind: "packet",
    interface: 0,
    timestamp: 1_700_000_000_123_456n,
    octets,
    originalLength: octets.length,
    comments: [],
    direction: "unknown",
    ...fields,
  };
}

const section = { kind: "section", littleEndian: true } as const;

interface Result {
  readonly frames: CapturedFrame[];
  readonly problem: string | undefined;
}

function read(bytes: Uint8Array, chunk = bytes.length): Result {
  const reader = new CaptureReader();
  const frames: CapturedFrame[] = [];
  for (let at = 0; at < bytes.length; at += chunk) frames.push(...reader.push(bytes.subarray(at, at + chunk)));
  reader.end();
  return { frames, problem: reader.problem };
}

const one = Uint8Array.of(0x45, 1, 2);
const two = Uint8Array.of(0x60, 9);

const capture = concat(
  encodeBlock({ ...section, application: "test" }),
  encodeBlock(networkInterface({ name: "a" })),
  encodeBlock(networkInterface({ linkType: 1, resolution: 9, offset: 10n })),
  encodeBlock(packet(one, { comments: ["first"] })),
  encodeBlock(packet(two, { interface: 1, timestamp: 5n, originalLength: 99 })),
);

describe("CaptureReader with pcapng", () => {
  it("gives packets with the link type and the time of their interface", () => {
    expect(read(capture)).toEqual({
      problem: undefined,
      frames: [
        { number: 1, linkType: 101, time: 1_700_000_000_123_456_000n, octets: one, originalLength: 3 },
        { number: 2, linkType: 1, time: 10_000_000_005n, octets: two, originalLength: 99 },
      ],
    });
  });

  it("gives the same from chunks of any size", () => {
    for (let chunk = 1; chunk <= 64; chunk++) expect(read(capture, chunk)).toEqual(read(capture));
  });

  it("begins anew with each section, whatever its byte order", () => {
    const other = { kind: "section", littleEndian: false } as const;
    const described = networkInterface({ linkType: 228 });
    const big = (block: Parameters<typeof putBlock>[2]): Uint8Array => {
      const bytes = new Uint8Array(blockLength(block));
      putBlock(bytes, 0, block, false);
      return bytes;
    };
    const both = concat(capture, big(other), big(described), big(packet(one)));
    expect(read(both).frames.map(({ number, linkType }) => [number, linkType])).toEqual([
      [1, 101],
      [2, 1],
      [3, 228],
    ]);
  });

  it("reads packets without a time, cut at the interface's limit", () => {
    const { timestamp: _, ...simple } = packet(Uint8Array.of(1, 2, 3, 4, 5));
    const cut = concat(encodeBlock(section), encodeBlock(networkInterface({ snapLength: 3 })), encodeBlock(simple));
    expect(read(cut).frames).toEqual([
      { number: 1, linkType: 101, time: 0n, octets: Uint8Array.of(1, 2, 3), originalLength: 5 },
    ]);
  });

  it.each([
    [new Uint8Array(0), "it is empty"],
    [Uint8Array.of(1, 2, 3), "it ends in the middle of a block (at octet 0)"],
    [new TextEncoder().encode("root:x:0:0"), "it is neither pcapng nor pcap (at octet 0)"],
    [Uint8Array.of(0x1f, 0x8b, 8, 0, 0), "it is compressed by gzip; uncompress it first (at octet 0)"],
    [capture.subarray(0, capture.length - 4), `it ends in the middle of a block (at octet ${capture.length - 36})`],
    [
      concat(encodeBlock(section), encodeBlock(packet(one))),
      "a packet is of interface 0, which was not described (at octet 28)",
    ],
    [
      concat(encodeBlock(section), ...Array.from({ length: 4097 }, () => encodeBlock(networkInterface()))),
      "it has more than 4096 interfaces (at octet 81948)",
    ],
  ])("%#: says what is wrong: %s", (bytes, problem) => {
    expect(read(bytes).problem).toBe(problem);
  });

  it("gives what came before the damage", () => {
    const damaged = concat(capture, new Uint8Array(12));
    expect(read(damaged)).toMatchObject({
      frames: [{ number: 1 }, { number: 2 }],
      problem: `a block's length of 0 octets cannot be (at octet ${capture.length})`,
    });
  });
});

describe("nanoseconds()", () => {
  it.each([
    [0, 0n, 7n, 7_000_000_000n],
    [3, 0n, 7n, 7_000_000n],
    [9, 0n, 7n, 7n],
    [12, 0n, 7_999n, 7n],
    [0x80 | 10, 0n, 1024n, 1_000_000_000n],
    [6, -1n, 1n, -999_999_000n],
    [127, 0n, 2n ** 64n - 1n, 0n],
  ])("resolution %d, offset %d, time %d: %d", (resolution, offset, timestamp, expected) => {
    expect(nanoseconds(timestamp, networkInterface({ resolution, offset }))).toBe(expected);
  });
});

/** A pcap file: header and records. */
function classic(magic: number, littleEndian: boolean, frames: readonly Uint8Array[], linkType = 1): Uint8Array {
  const header = new Uint8Array(24);
  const view = new DataView(header.buffer);
  view.setUint32(0, magic, littleEndian);
  view.setUint16(4, 2, littleEndian);
  view.setUint16(6, 4, littleEndian);
  view.setUint32(16, 65535, littleEndian);
  view.setUint32(20, linkType, littleEndian);
  const records = frames.map((octets) => {
    const record = new Uint8Array(16 + octets.length);
    const fields = new DataView(record.buffer);
    fields.setUint32(0, 1_700_000_000, littleEndian);
    fields.setUint32(4, 7, littleEndian);
    fields.setUint32(8, octets.length, littleEndian);
    fields.setUint32(12, octets.length + 1, littleEndian);
    record.set(octets, 16);
    return record;
  });
  return concat(header, ...records);
}

describe("CaptureReader with pcap", () => {
  it.each([
    [0xa1b2c3d4, true, 1_700_000_000_000_007_000n],
    [0xa1b2c3d4, false, 1_700_000_000_000_007_000n],
    [0xa1b23c4d, true, 1_700_000_000_000_000_007n],
    [0xa1b23c4d, false, 1_700_000_000_000_000_007n],
  ])("magic %s, little-endian %s", (magic, littleEndian, time) => {
    const bytes = classic(magic, littleEndian, [one, two], 0x10000000 + 113);
    const expected = {
      problem: undefined,
      frames: [
        { number: 1, linkType: 113, time, octets: one, originalLength: 4 },
        { number: 2, linkType: 113, time, octets: two, originalLength: 3 },
      ],
    };
    for (const chunk of [bytes.length, 1, 7, 16, 24, 25]) expect(read(bytes, chunk)).toEqual(expected);
  });

  it("says what is wrong", () => {
    const bytes = classic(0xa1b2c3d4, true, [one]);
    expect(read(bytes.subarray(0, 20)).problem).toBe("it ends in the middle of a block (at octet 0)");
    expect(read(bytes.subarray(0, 42)).problem).toBe("it ends in the middle of a packet (at octet 24)");
    new DataView(bytes.buffer).setUint32(32, 1 << 20, true);
    expect(read(bytes).problem).toBe("a packet of 1048576 octets is larger than the 262144 allowed here (at octet 24)");
  });
});

describe("CaptureReader on any octets", () => {
  it("never throws, and keeps no more than it was given", () => {
    const start = fc.constantFrom(capture, classic(0xa1b2c3d4, true, [one, two]), new Uint8Array(0));
    const change = fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 }));
    fc.assert(
      fc.property(
        start,
        fc.array(change, { maxLength: 8 }),
        fc.uint8Array(),
        fc.integer({ min: 1, max: 70 }),
        (given, changes, tail, chunk) => {
          const bytes = concat(given, tail);
          for (const [at, octet] of changes) if (bytes.length > 0) bytes[at % bytes.length] = octet;
          const { frames } = read(bytes, chunk);
          const total = frames.reduce((sum, { octets }) => sum + octets.length, 0);
          expect(total).toBeLessThanOrEqual(bytes.length);
          expect(read(bytes)).toEqual(read(bytes, chunk));
        },
      ),
      { numRuns: 1000 },
    );
  });

  it("gives back what was written, in any chunks", () => {
    const octets = fc.uint8Array({ maxLength: 50 });
    fc.assert(
      fc.property(fc.array(octets), fc.integer({ min: 1, max: 100 }), (packets, chunk) => {
        const bytes = concat(
          encodeBlock(section),
          encodeBlock(networkInterface()),
          ...packets.map((each) => encodeBlock(packet(each))),
        );
        const { frames, problem } = read(bytes, chunk);
        expect(problem).toBeUndefined();
        expect(frames.map((frame) => frame.octets)).toEqual(packets);
      }),
    );
  });

  it("puts a large block together once, not with each chunk", () => {
    const large = new Uint8Array(8 << 20);
    put32(large, 0, 0x45000000);
    const bytes = concat2(encodeBlock(section), encodeBlock(networkInterface()), encodeBlock(packet(large)));
    const before = process.cpuUsage();
    const { frames } = read(bytes, 1024);
    const { user, system } = process.cpuUsage(before);
    expect(frames[0]?.octets.length).toBe(large.length);
    // Copied with each chunk it would be 32 GiB, which takes many seconds anywhere.
    expect((user + system) / 1e6).toBeLessThan(5);
  });
});

function concat2(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}
