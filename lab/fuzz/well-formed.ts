// What is wrong with a packet that came out of the translator, whatever went in: nothing may be.

import { u8, u16 } from "../../src/net/octets.js";
import type { Frame } from "../../src/xlat/frame.js";
import type { Sample } from "./samples.js";
import { pseudoSum, sum16 } from "./sum.js";

/** The packet as far as a reader of it has to go; offsets into its octets. */
export interface Outline {
  readonly family: 4 | 6;
  readonly protocol: number;
  /** Where the transport header stands. */
  readonly upper: number;
  readonly isFragment: boolean;
  /** In octets. */
  readonly offset: number;
}

/** How `bytes` is a sound packet, or why it is none. */
export function outlineOf(bytes: Uint8Array, family: 4 | 6): Outline | string {
  return family === 4 ? outline4(bytes) : outline6(bytes);
}

function outline4(bytes: Uint8Array): Outline | string {
  if (bytes.length < 20) return "shorter than an IPv4 header";
  if (bytes[0] !== 0x45) return "version or header length";
  if (u16(bytes, 2) !== bytes.length) return "total length";
  if (sum16(bytes, 0, 20, 0) !== 0xffff) return "header checksum";
  if (u8(bytes, 8) === 0) return "TTL 0";
  const field = u16(bytes, 6);
  if ((field & 0x8000) !== 0) return "the reserved flag";
  const offset = (field & 0x1fff) * 8;
  const isFragment = (field & 0x3fff) !== 0;
  if (isFragment && (field & 0x4000) !== 0) return "a fragment with DF";
  const problem = fragmentProblem(bytes.length - 20, offset, (field & 0x2000) !== 0);
  return problem ?? { family: 4, protocol: u8(bytes, 9), upper: 20, isFragment, offset };
}

function outline6(bytes: Uint8Array): Outline | string {
  if (bytes.length < 40) return "shorter than an IPv6 header";
  if (u8(bytes, 0) >> 4 !== 6) return "version";
  if (u16(bytes, 4) !== bytes.length - 40) return "payload length";
  if ((u8(bytes, 1) & 15) !== 0 || u16(bytes, 2) !== 0) return "flow label";
  if (u8(bytes, 7) === 0) return "hop limit 0";
  const next = u8(bytes, 6);
  if (next !== 44) return { family: 6, protocol: next, upper: 40, isFragment: false, offset: 0 };
  if (bytes.length < 48) return "a Fragment Header that is cut off";
  if (u8(bytes, 41) !== 0) return "the reserved octet of the Fragment Header";
  const field = u16(bytes, 42);
  if ((field & 6) !== 0) return "the reserved bits of the Fragment Header";
  if (u16(bytes, 44) !== 0) return "the high bits of the identification";
  const more = (field & 1) !== 0;
  const offset = field & 0xfff8;
  if (!more && offset === 0) return "an atomic fragment";
  return (
    fragmentProblem(bytes.length - 48, offset, more) ?? {
      ...{ family: 6, protocol: u8(bytes, 40), upper: 48, isFragment: true, offset },
    }
  );
}

function fragmentProblem(length: number, offset: number, more: boolean): string | undefined {
  if (more && length % 8 !== 0) return "a fragment of broken units";
  if ((more || offset > 0) && length === 0) return "an empty fragment";
  if (offset + length > 65_515) return "a fragment beyond 65535";
  return undefined;
}

/** "right", "wrong", or "none" where there is none to be checked. */
export function checksumOf(
  bytes: Uint8Array,
  { family, protocol, upper, isFragment }: Outline,
): "right" | "wrong" | "none" {
  const length = bytes.length - upper;
  if (isFragment) return "none";
  const isIcmp = protocol === (family === 4 ? 1 : 58);
  if (!isIcmp && protocol !== 6 && protocol !== 17) return "none";
  if (protocol === 17 && (length < 8 || u16(bytes, upper + 6) === 0)) return "none";
  const pseudo = isIcmp && family === 4 ? 0 : pseudoSum(bytes, 0, family, protocol, length);
  return sum16(bytes, upper, bytes.length, pseudo) === 0xffff ? "right" : "wrong";
}

/** What is wrong with the packet inside an ICMP error; undefined: nothing. An error of our own quotes `sent` as it came, but for a checksum that was completed. */
export function quotedProblem(bytes: Uint8Array, { family, upper }: Outline, sent: Sample): string | undefined {
  const inner = bytes.subarray(upper + 8);
  if (sent.family === family && sent.offload.checksumStart >= 0) return undefined;
  if (sent.family === family && Buffer.compare(inner, sent.bytes.subarray(0, inner.length)) === 0) return undefined;
  if (family === 4) {
    if (inner.length < 20) return "no packet inside";
    if (inner[0] !== 0x45) return "version or header length inside";
    if (sum16(inner, 0, 20, 0) !== 0xffff) return "header checksum inside";
    return undefined;
  }
  if (inner.length < 40) return "no packet inside";
  return u8(inner, 0) >> 4 === 6 ? undefined : "version inside";
}

/** Whether an offload makes sense for the packet that comes with it; undefined: it does. */
export function offloadProblem(frame: Frame, outline: Outline): string | undefined {
  if (frame.checksumStart < 0) return frame.gsoType === 0 ? undefined : "segmentation without a partial checksum";
  const { family, protocol, upper } = outline;
  if (frame.checksumStart !== upper) return "the start of the partial checksum";
  const field = protocol === 6 ? 16 : 6;
  if (frame.checksumOffset !== field) return "the place of the partial checksum";
  if (frame.gsoType !== 0) {
    const tcp = family === 4 ? 1 : 4;
    if ((frame.gsoType & 0x7f) !== (protocol === 6 ? tcp : 5)) return "the type of segmentation";
    if (frame.gsoSize <= 0) return "the size of segments";
  }
  return undefined;
}

/** Whether the partial checksum is the pseudo-header's sum; zero and 0xffff are the same number. */
export function partialIsRight(bytes: Uint8Array, { family, protocol, upper }: Outline): boolean {
  const told = u16(bytes, upper + (protocol === 6 ? 16 : 6));
  return told % 0xffff === pseudoSum(bytes, 0, family, protocol, bytes.length - upper) % 0xffff;
}
