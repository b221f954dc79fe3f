// Fragments that came out, put together as their receiver would, and what is wrong with the transport then.

import { put16, u8, u16 } from "../../src/net/octets.js";
import { sum16 } from "./sum.js";
import { checksumOf, outlineOf } from "./well-formed.js";

interface Out {
  readonly family: 4 | 6;
  readonly bytes: Uint8Array;
}

/** Packets that are no fragments, as they are, and one that the fragments make, if they are all there. All are of one family. */
export function joined(out: readonly Out[]): Uint8Array[] {
  const whole = out.filter(({ family, bytes }) => !isFragment(bytes, family)).map(({ bytes }) => bytes);
  const parts = out.filter(({ family, bytes }) => isFragment(bytes, family));
  const [first] = parts;
  if (first === undefined) return whole;
  const isOf4 = first.family === 4;
  const headers = isOf4 ? 20 : 40;
  const pieces = parts.map(({ bytes }) => {
    const field = u16(bytes, isOf4 ? 6 : 42);
    const offset = isOf4 ? (field & 0x1fff) * 8 : field & 0xfff8;
    return { data: bytes.subarray(isOf4 ? 20 : 48), offset, more: (field & (isOf4 ? 0x2000 : 1)) !== 0 };
  });
  const total = Math.max(...pieces.map(({ data, offset }) => offset + data.length));
  const there = pieces.reduce((sum, { data }) => sum + data.length, 0);
  if (there !== total || pieces.every(({ more }) => more)) return whole;
  const bytes = new Uint8Array(headers + total);
  bytes.set(first.bytes.subarray(0, headers));
  for (const { data, offset } of pieces) bytes.set(data, headers + offset);
  if (isOf4) {
    put16(bytes, 2, bytes.length);
    put16(bytes, 6, 0);
    put16(bytes, 10, 0);
    put16(bytes, 10, ~sum16(bytes, 0, 20, 0) & 0xffff);
  } else {
    put16(bytes, 4, total);
    bytes[6] = first.bytes[40] as number;
  }
  return [...whole, bytes];
}

/** What is wrong with the transport of a whole packet that was sound; undefined: nothing. */
export function transportProblem(bytes: Uint8Array): string | undefined {
  const family = u8(bytes, 0) >> 4 === 4 ? 4 : 6;
  const outline = outlineOf(bytes, family);
  if (typeof outline === "string") return outline;
  if (checksumOf(bytes, outline) === "wrong") return "checksum";
  if (outline.protocol !== 17) return undefined;
  const { upper } = outline;
  if (u16(bytes, upper + 4) !== bytes.length - upper) return "UDP length";
  return u16(bytes, upper + 6) === 0 ? "no UDP checksum" : undefined;
}

function isFragment(bytes: Uint8Array, family: 4 | 6): boolean {
  return family === 4 ? (u16(bytes, 6) & 0x3fff) !== 0 : u8(bytes, 6) === 44;
}
