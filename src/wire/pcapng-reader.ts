// A capture, pcapng or pcap, from chunk to chunk: packets with their link type and time. Keeps no more than one block.
// Takes any octets: what is no capture gives `problem`, never an exception.

import { BLOCK_SECTION, type Block, type InterfaceBlock, readBlock } from "./pcapng.js";
import {
  CLASSIC_HEADER,
  type ClassicHeader,
  isClassic,
  readClassicHeader,
  readClassicRecord,
} from "./pcapng-classic.js";

export interface CapturedFrame {
  /** From 1. */
  readonly number: number;
  readonly linkType: number;
  /** Nanoseconds since 1970. */
  readonly time: bigint;
  readonly octets: Uint8Array;
  /** Octets that the frame had, of which `octets` may be the first. */
  readonly originalLength: number;
}

/** Of a section. Each takes memory here, and no capture has so many. */
const MOST_INTERFACES = 4096;

const NANOSECONDS = 1_000_000_000n;

type Format =
  | { readonly kind: "pcapng"; littleEndian: boolean; readonly interfaces: InterfaceBlock[] }
  | { readonly kind: "pcap"; readonly header: ClassicHeader };

export class CaptureReader {
  #pending: Uint8Array[] = [];
  #pendingLength = 0;
  /** Less than this need not be looked at: a large block comes in many chunks, and is put together once. */
  #needed = 4;
  /** Octets in front of those pending, for messages. */
  #offset = 0;
  #count = 0;
  #format: Format | undefined;
  #problem: string | undefined;

  /** A sentence without its full stop; nothing more comes then. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** The frames that end in `chunk`; their octets stay valid. */
  push(chunk: Uint8Array): CapturedFrame[] {
    if (this.#problem !== undefined) return [];
    this.#pending.push(chunk);
    this.#pendingLength += chunk.length;
    if (this.#pendingLength < this.#needed) return [];
    const joined = join(this.#pending, this.#pendingLength);
    const frames: CapturedFrame[] = [];
    let at = 0;
    while (this.#problem === undefined) {
      const taken = this.#take(joined, at, frames);
      if (taken === 0) break;
      at += taken;
    }
    this.#offset += at;
    this.#pending = [joined.subarray(at)];
    this.#pendingLength = joined.length - at;
    return frames;
  }

  /** No more chunks come: what is left over is a problem. */
  end(): void {
    if (this.#problem !== undefined) return;
    if (this.#pendingLength > 0) {
      this.#fail(`it ends in the middle of a ${this.#format?.kind === "pcap" ? "packet" : "block"}`, 0);
    } else if (this.#format === undefined) this.#problem = "it is empty";
  }

  /** Octets that were read; 0: more are needed, or there is a problem. */
  #take(bytes: Uint8Array, at: number, frames: CapturedFrame[]): number {
    if (this.#format === undefined) return this.#begin(bytes, at);
    return this.#format.kind === "pcap"
      ? this.#takeClassic(bytes, at, this.#format.header, frames)
      : this.#takeBlock(bytes, at, this.#format, frames);
  }

  #begin(bytes: Uint8Array, at: number): number {
    if (isClassic(bytes)) {
      const header = bytes.length < CLASSIC_HEADER ? undefined : readClassicHeader(bytes);
      if (header === undefined) return this.#wait(CLASSIC_HEADER);
      this.#format = { kind: "pcap", header };
      return CLASSIC_HEADER;
    }
    const first = new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0);
    if (first !== BLOCK_SECTION) {
      const isGzip = first >>> 16 === 0x1f8b;
      return this.#fail(isGzip ? "it is compressed by gzip; uncompress it first" : "it is neither pcapng nor pcap", at);
    }
    this.#format = { kind: "pcapng", littleEndian: true, interfaces: [] };
    return this.#takeBlock(bytes, at, this.#format, []);
  }

  #takeClassic(bytes: Uint8Array, at: number, header: ClassicHeader, frames: CapturedFrame[]): number {
    const read = readClassicRecord(bytes, at, header);
    if (read.ok === "more") return this.#wait(read.needed);
    if (!read.ok) return this.#fail(read.problem, at);
    frames.push({ number: ++this.#count, linkType: header.linkType, ...read.record });
    return read.length;
  }

  #takeBlock(
    bytes: Uint8Array,
    at: number,
    format: Extract<Format, { kind: "pcapng" }>,
    frames: CapturedFrame[],
  ): number {
    const read = readBlock(bytes, at, format.littleEndian);
    if (read.ok === "more") return this.#wait(read.needed);
    if (!read.ok) return this.#fail(read.problem, at);
    const problem = this.#use(read.block, format, frames);
    return problem === undefined ? read.length : this.#fail(problem, at);
  }

  #use(block: Block, format: Extract<Format, { kind: "pcapng" }>, frames: CapturedFrame[]): string | undefined {
    switch (block.kind) {
      case "section":
        format.littleEndian = block.littleEndian;
        format.interfaces.length = 0;
        return undefined;
      case "interface":
        if (format.interfaces.length === MOST_INTERFACES) return `it has more than ${MOST_INTERFACES} interfaces`;
        format.interfaces.push(block);
        return undefined;
      case "packet": {
        const from = format.interfaces[block.interface];
        if (from === undefined) return `a packet is of interface ${block.interface}, which was not described`;
        const { originalLength, timestamp } = block;
        const limit = timestamp === undefined && from.snapLength > 0 ? from.snapLength : block.octets.length;
        frames.push({
          number: ++this.#count,
          linkType: from.linkType,
          time: timestamp === undefined ? 0n : nanoseconds(timestamp, from),
          // A Simple Packet Block does not say how much was captured, but that it is no more than the limit.
          octets: block.octets.subarray(0, limit),
          originalLength,
        });
        return undefined;
      }
      case "other":
        return undefined;
    }
  }

  #wait(octets: number): 0 {
    this.#needed = octets;
    return 0;
  }

  #fail(problem: string, at: number): 0 {
    this.#problem = `${problem} (at octet ${this.#offset + at})`;
    return 0;
  }
}

function join(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const joined = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    joined.set(chunk, at);
    at += chunk.length;
  }
  return joined;
}

/** A time in the interface's resolution as nanoseconds since 1970. */
export function nanoseconds(timestamp: bigint, { resolution, offset }: InterfaceBlock): bigint {
  const exponent = BigInt(resolution & 0x7f);
  const fine = (resolution & 0x80) === 0 ? 10n ** exponent : 2n ** exponent;
  return (timestamp * NANOSECONDS) / fine + offset * NANOSECONDS;
}
