// Blocks of a pcapng capture (draft-ietf-opsawg-pcapng §3, §4) <-> records. Either byte order. Takes any octets: what is
// no block gives a sentence, never an exception. For tools, not for the packet path.

import {
  OPTION_COMMENT,
  optionsLength,
  type PcapngOption,
  padded,
  putOptions,
  readOptions,
  textValue,
  valueText,
} from "./pcapng-options.js";

/** Section Header Block; the same in either byte order. */
export const BLOCK_SECTION = 0x0a0d0d0a;
const BLOCK_INTERFACE = 1;
/** Obsolete, and still found. */
const BLOCK_PACKET = 2;
const BLOCK_SIMPLE_PACKET = 3;
const BLOCK_ENHANCED_PACKET = 6;

const BYTE_ORDER_MAGIC = 0x1a2b3c4d;

const OPTION_APPLICATION = 4;
const OPTION_FLAGS = 2;
const OPTION_NAME = 2;
const OPTION_DESCRIPTION = 3;
const OPTION_RESOLUTION = 9;
const OPTION_OFFSET = 14;

/** In the flags of a packet: the low two bits. */
const directions = ["unknown", "in", "out", "unknown"] as const;

/** Octets. A block is type, length, body and the length again. */
const FRAME = 12;
/** Octets. A longer block is taken for damage: it would have to be kept whole. */
export const LARGEST_BLOCK = 16 << 20;

/** Microseconds, where an interface does not say. */
const DEFAULT_RESOLUTION = 6;

interface SectionBlock {
  readonly kind: "section";
  readonly littleEndian: boolean;
  /** What wrote it. */
  readonly application?: string;
}

export interface InterfaceBlock {
  readonly kind: "interface";
  readonly linkType: number;
  /** Octets; 0: no limit. */
  readonly snapLength: number;
  /** As in if_tsresol: a power of ten, or of two with the highest bit set, of a second's parts. */
  readonly resolution: number;
  /** Seconds to add to each time. */
  readonly offset: bigint;
  readonly name?: string;
  readonly description?: string;
}

export interface PacketBlock {
  readonly kind: "packet";
  /** Index of the interface in its section. */
  readonly interface: number;
  /** In the interface's resolution, unsigned 64 bits; absent in a Simple Packet Block. */
  readonly timestamp?: bigint;
  /** What was captured. */
  readonly octets: Uint8Array;
  /** Octets that the packet had. */
  readonly originalLength: number;
  readonly comments: readonly string[];
  /** Seen from the host that captured it. */
  readonly direction: "unknown" | "in" | "out";
}

/** A block that says nothing about packets. */
export interface OtherBlock {
  readonly kind: "other";
  readonly type: number;
}

export type Block = SectionBlock | InterfaceBlock | PacketBlock | OtherBlock;

export type ReadBlock =
  | { readonly ok: true; readonly block: Block /** Octets. */; readonly length: number }
  /** Not all of it is there yet: it takes this many octets, or more. */
  | { readonly ok: "more"; readonly needed: number }
  /** A sentence without its full stop. */
  | { readonly ok: false; readonly problem: string };

/** The block at `at` of `bytes`. A section says its byte order itself. Arrays in the result are views into `bytes`. */
export function readBlock(bytes: Uint8Array, at: number, littleEndian: boolean): ReadBlock {
  const available = bytes.length - at;
  if (available < FRAME) return { ok: "more", needed: FRAME };
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, available);
  const isSection = view.getUint32(0, true) === BLOCK_SECTION;
  const order = isSection ? orderOf(view) : littleEndian;
  if (order === undefined) return bad("its byte order is neither of the two");
  const length = view.getUint32(4, order);
  if (length < FRAME || length % 4 !== 0) return bad(`a block's length of ${length} octets cannot be`);
  if (length > LARGEST_BLOCK)
    return bad(`a block of ${length} octets is larger than the ${LARGEST_BLOCK} allowed here`);
  if (available < length) return { ok: "more", needed: length };
  const again = view.getUint32(length - 4, order);
  if (again !== length) return bad(`a block gives its length as ${length} octets first and as ${again} at its end`);
  const body = new DataView(bytes.buffer, bytes.byteOffset + at + 8, length - FRAME);
  const block = isSection ? readSection(body, order) : readBody(view.getUint32(0, order), body, order);
  return typeof block === "string" ? bad(block) : { ok: true, block, length };
}

function bad(problem: string): ReadBlock {
  return { ok: false, problem };
}

function orderOf(view: DataView): boolean | undefined {
  if (view.getUint32(8, true) === BYTE_ORDER_MAGIC) return true;
  return view.getUint32(8, false) === BYTE_ORDER_MAGIC ? false : undefined;
}

function readSection(body: DataView, littleEndian: boolean): SectionBlock | string {
  if (body.byteLength < 16) return "a section's header is cut off";
  const version = body.getUint16(4, littleEndian);
  if (version !== 1) return `its version is ${version}; 1 is known`;
  const application = textOf(readOptions(body, 16, body.byteLength, littleEndian), OPTION_APPLICATION);
  return { kind: "section", littleEndian, ...(application === undefined ? {} : { application }) };
}

function readBody(type: number, body: DataView, littleEndian: boolean): Block | string {
  switch (type) {
    case BLOCK_INTERFACE:
      return readInterface(body, littleEndian);
    case BLOCK_ENHANCED_PACKET:
      return readPacket(body, littleEndian, 4);
    case BLOCK_PACKET:
      return readPacket(body, littleEndian, 2);
    case BLOCK_SIMPLE_PACKET: {
      if (body.byteLength < 4) return "a packet's block is cut off";
      const originalLength = body.getUint32(0, littleEndian);
      const octets = octetsOf(body, 4, Math.min(originalLength, body.byteLength - 4));
      return { kind: "packet", interface: 0, octets, originalLength, comments: [], direction: "unknown" };
    }
    default:
      return { kind: "other", type };
  }
}

function readInterface(body: DataView, littleEndian: boolean): InterfaceBlock | string {
  if (body.byteLength < 8) return "an interface's block is cut off";
  const options = readOptions(body, 8, body.byteLength, littleEndian);
  const resolution = options?.find(({ code, value }) => code === OPTION_RESOLUTION && value.length === 1)?.value[0];
  const offset = options?.find(({ code, value }) => code === OPTION_OFFSET && value.length === 8)?.value;
  const name = textOf(options, OPTION_NAME);
  const description = textOf(options, OPTION_DESCRIPTION);
  return {
    kind: "interface",
    linkType: body.getUint16(0, littleEndian),
    snapLength: body.getUint32(4, littleEndian),
    resolution: resolution ?? DEFAULT_RESOLUTION,
    offset: offset === undefined ? 0n : viewOf(offset).getBigInt64(0, littleEndian),
    ...(name === undefined ? {} : { name }),
    ...(description === undefined ? {} : { description }),
  };
}

/** The obsolete block differs in the first word alone: two octets of interface and a count of drops. */
function readPacket(body: DataView, littleEndian: boolean, idLength: 2 | 4): PacketBlock | string {
  if (body.byteLength < 20) return "a packet's block is cut off";
  const captured = body.getUint32(12, littleEndian);
  if (captured > body.byteLength - 20) return `a packet's ${captured} octets do not fit its block`;
  const high = BigInt(body.getUint32(4, littleEndian));
  const options = readOptions(body, 20 + padded(captured), body.byteLength, littleEndian) ?? [];
  const flags = options.find(({ code, value }) => code === OPTION_FLAGS && value.length === 4)?.value;
  return {
    kind: "packet",
    interface: idLength === 4 ? body.getUint32(0, littleEndian) : body.getUint16(0, littleEndian),
    timestamp: (high << 32n) | BigInt(body.getUint32(8, littleEndian)),
    octets: octetsOf(body, 20, captured),
    originalLength: body.getUint32(16, littleEndian),
    comments: options.filter(({ code }) => code === OPTION_COMMENT).map(({ value }) => valueText(value)),
    direction:
      flags === undefined ? "unknown" : (directions[viewOf(flags).getUint32(0, littleEndian) & 3] ?? "unknown"),
  };
}

/** Octets of the whole block. */
export function blockLength(block: Exclude<Block, OtherBlock>): number {
  return FRAME + bodyLength(block) + optionsLength(optionsOf(block, true));
}

function bodyLength(block: Exclude<Block, OtherBlock>): number {
  switch (block.kind) {
    case "section":
      return 16;
    case "interface":
      return 8;
    case "packet":
      return (block.timestamp === undefined ? 4 : 20) + padded(block.octets.length);
  }
}

/** Writes `blockLength` octets from `at`; throws a RangeError where they do not fit. A packet without a time has no options. */
export function putBlock(bytes: Uint8Array, at: number, block: Exclude<Block, OtherBlock>, littleEndian = true): void {
  const length = blockLength(block);
  if (at + length > bytes.length) throw new RangeError(`Cannot write a block of ${length} octets: there is less room`);
  const order = block.kind === "section" ? block.littleEndian : littleEndian;
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, length);
  view.setUint32(0, typeOf(block), order);
  view.setUint32(4, length, order);
  putBody(view, block, order);
  putOptions(view, 8 + bodyLength(block), optionsOf(block, order), order);
  view.setUint32(length - 4, length, order);
}

/** The block as octets of its own. */
export function encodeBlock(block: Exclude<Block, OtherBlock>): Uint8Array {
  const bytes = new Uint8Array(blockLength(block));
  putBlock(bytes, 0, block);
  return bytes;
}

function typeOf(block: Exclude<Block, OtherBlock>): number {
  switch (block.kind) {
    case "section":
      return BLOCK_SECTION;
    case "interface":
      return BLOCK_INTERFACE;
    case "packet":
      return block.timestamp === undefined ? BLOCK_SIMPLE_PACKET : BLOCK_ENHANCED_PACKET;
  }
}

function putBody(view: DataView, block: Exclude<Block, OtherBlock>, order: boolean): void {
  switch (block.kind) {
    case "section":
      view.setUint32(8, BYTE_ORDER_MAGIC, order);
      view.setUint16(12, 1, order);
      view.setUint16(14, 0, order);
      // The length of the section: not known, since it is written as it comes.
      view.setBigInt64(16, -1n, order);
      return;
    case "interface":
      view.setUint16(8, block.linkType, order);
      view.setUint16(10, 0, order);
      view.setUint32(12, block.snapLength, order);
      return;
    case "packet": {
      const simple = block.timestamp === undefined;
      if (simple) view.setUint32(8, block.originalLength, order);
      else {
        view.setUint32(8, block.interface, order);
        view.setUint32(12, Number((block.timestamp >> 32n) & 0xffffffffn), order);
        view.setUint32(16, Number(block.timestamp & 0xffffffffn), order);
        view.setUint32(20, block.octets.length, order);
        view.setUint32(24, block.originalLength, order);
      }
      const from = simple ? 12 : 28;
      const room = octetsOf(view, from, padded(block.octets.length));
      room.set(block.octets);
      room.fill(0, block.octets.length);
    }
  }
}

function optionsOf(block: Exclude<Block, OtherBlock>, order: boolean): PcapngOption[] {
  switch (block.kind) {
    case "section":
      return textOption(OPTION_APPLICATION, block.application);
    case "interface": {
      const offset = new Uint8Array(8);
      viewOf(offset).setBigInt64(0, block.offset, order);
      return [
        ...textOption(OPTION_NAME, block.name),
        ...textOption(OPTION_DESCRIPTION, block.description),
        ...(block.resolution === DEFAULT_RESOLUTION
          ? []
          : [{ code: OPTION_RESOLUTION, value: Uint8Array.of(block.resolution) }]),
        ...(block.offset === 0n ? [] : [{ code: OPTION_OFFSET, value: offset }]),
      ];
    }
    case "packet":
      if (block.timestamp === undefined) return [];
      return [
        ...block.comments.map((comment) => ({ code: OPTION_COMMENT, value: textValue(comment) })),
        ...(block.direction === "unknown" ? [] : [flagsOption(block.direction, order)]),
      ];
  }
}

function flagsOption(direction: PacketBlock["direction"], order: boolean): PcapngOption {
  const value = new Uint8Array(4);
  viewOf(value).setUint32(0, directions.indexOf(direction), order);
  return { code: OPTION_FLAGS, value };
}

function textOption(code: number, text: string | undefined): PcapngOption[] {
  return text === undefined ? [] : [{ code, value: textValue(text) }];
}

function textOf(options: readonly PcapngOption[] | undefined, code: number): string | undefined {
  const option = options?.find((candidate) => candidate.code === code);
  return option === undefined ? undefined : valueText(option.value);
}

function octetsOf(view: DataView, at: number, length: number): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset + at, length);
}

function viewOf(octets: Uint8Array): DataView {
  return new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
}
