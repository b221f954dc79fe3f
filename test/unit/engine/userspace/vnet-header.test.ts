import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readVnetHeader, writeVnetHeader } from "../../../../src/engine/userspace/vnet-header.js";
import { type Frame, HEADROOM, newFrame } from "../../../../src/xlat/frame.js";

const at = HEADROOM - 10;

function read(hex: string): Frame {
  const frame = newFrame(100);
  frame.bytes.set(Buffer.from(hex.replaceAll(" ", ""), "hex"), at);
  readVnetHeader(frame, at);
  return frame;
}

function write(fields: Partial<Frame>, length = 10): string {
  const frame = Object.assign(newFrame(100), fields);
  frame.bytes.fill(0xa5, 0, HEADROOM);
  // A TCP header of 32 octets behind an IPv6 header.
  frame.bytes[HEADROOM + 40 + 12] = 0x80;
  writeVnetHeader(frame, HEADROOM - length, length);
  return Buffer.from(frame.bytes.subarray(HEADROOM - length, HEADROOM)).toString("hex");
}

describe("readVnetHeader() (virtio 1.2 §5.1.6)", () => {
  it.each([
    // flags, gso_type, hdr_len, gso_size, csum_start, csum_offset
    ["00 00 0000 0000 0000 0000", "a complete packet", { gsoType: 0, gsoSize: 0, checksumStart: -1 }],
    ["02 00 0000 0000 0000 0000", "DATA_VALID", { gsoType: 0, gsoSize: 0, checksumStart: -1 }],
    ["01 00 0000 0000 1400 0600", "NEEDS_CSUM, UDP", { gsoType: 0, checksumStart: 20, checksumOffset: 6 }],
    [
      "01 01 3400 a005 1400 1000",
      "a TCPv4 super-packet",
      { gsoType: 1, gsoSize: 1440, checksumStart: 20, checksumOffset: 16 },
    ],
    ["01 84 4800 9405 2800 1000", "a TCPv6 one with ECN", { gsoType: 0x84, gsoSize: 1428, checksumStart: 40 }],
    ["01 05 3000 b004 2800 0600", "UDP_L4", { gsoType: 5, gsoSize: 1200, checksumStart: 40, checksumOffset: 6 }],
  ])("%s: %s", (hex, _what, fields) => {
    expect(read(hex)).toMatchObject(fields);
  });
});

describe("writeVnetHeader() (virtio 1.2 §5.1.6)", () => {
  it.each([
    ["a complete packet", {}, "00000000000000000000"],
    ["NEEDS_CSUM", { checksumStart: 40, checksumOffset: 6 }, "01000000000028000600"],
    [
      "a TCPv6 super-packet: hdr_len counts the TCP header's own length",
      { gsoType: 4, gsoSize: 1428, checksumStart: 40, checksumOffset: 16 },
      "01044800940528001000",
    ],
    [
      "UDP_L4: hdr_len ends with the UDP header",
      { gsoType: 5, gsoSize: 1200, checksumStart: 40, checksumOffset: 6 },
      "01053000b00428000600",
    ],
  ])("%s", (_what, fields, hex) => {
    expect(write(fields)).toBe(hex);
  });

  it("leaves no octet of a longer header as it was", () => {
    expect(write({}, 12)).toBe("00".repeat(12));
    expect(write({ checksumStart: 40, checksumOffset: 6 }, 12)).toBe("010000000000280006000000");
  });

  it("is read back as it was written", () => {
    const word = fc.integer({ min: 0, max: 0xffff });
    const fields = fc.record({
      gsoType: fc.constantFrom(0, 1, 4, 5, 0x81, 0x84),
      gsoSize: word,
      checksumStart: fc.integer({ min: 0, max: 60 }),
      checksumOffset: word,
    });
    fc.assert(
      fc.property(fields, (given) => {
        const frame = Object.assign(newFrame(100), given);
        writeVnetHeader(frame, at, 10);
        const back = newFrame(100);
        back.bytes.set(frame.bytes);
        readVnetHeader(back, at);
        const expected = given.gsoType === 0 ? { ...given, gsoSize: 0 } : given;
        expect(back).toMatchObject(expected);
      }),
    );
  });
});
