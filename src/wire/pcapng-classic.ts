// The older capture format, pcap (draft-ietf-opsawg-pcap): a header, then a record a packet. Read only.

/** Octets. */
export const CLASSIC_HEADER = 24;
const RECORD_HEADER = 16;
/** Octets. What Wireshark's own limit is, for damaged files say anything here. */
const LARGEST_RECORD = 256 << 10;

const MICROSECONDS = 0xa1b2c3d4;
const NANOSECONDS = 0xa1b23c4d;

export interface ClassicHeader {
  readonly littleEndian: boolean;
  readonly linkType: number;
  /** Nanoseconds in a unit of the records' second word. */
  readonly unit: 1 | 1000;
}

interface ClassicRecord {
  /** Nanoseconds since 1970. */
  readonly time: bigint;
  readonly octets: Uint8Array;
  readonly originalLength: number;
}

/** Whether the first four octets are those of a pcap file. */
export function isClassic(bytes: Uint8Array): boolean {
  return bytes.length >= 4 && magicOf(bytes) !== undefined;
}

function magicOf(bytes: Uint8Array): Pick<ClassicHeader, "littleEndian" | "unit"> | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (const littleEndian of [true, false]) {
    const magic = view.getUint32(0, littleEndian);
    if (magic === MICROSECONDS) return { littleEndian, unit: 1000 };
    if (magic === NANOSECONDS) return { littleEndian, unit: 1 };
  }
  return undefined;
}

/** Takes at least CLASSIC_HEADER octets; undefined where they are no header. */
export function readClassicHeader(bytes: Uint8Array): ClassicHeader | undefined {
  const magic = magicOf(bytes);
  if (magic === undefined) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  // The upper bits tell of a frame check sequence, which nothing here looks at.
  return { ...magic, linkType: view.getUint32(20, magic.littleEndian) & 0x0fffffff };
}

export type ReadClassic =
  | { readonly ok: true; readonly record: ClassicRecord /** Octets. */; readonly length: number }
  /** Not all of it is there yet: it takes this many octets, or more. */
  | { readonly ok: "more"; readonly needed: number }
  | { readonly ok: false; readonly problem: string };

/** The record at `at`; its octets are a view into `bytes`. */
export function readClassicRecord(bytes: Uint8Array, at: number, header: ClassicHeader): ReadClassic {
  const available = bytes.length - at;
  if (available < RECORD_HEADER) return { ok: "more", needed: RECORD_HEADER };
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, available);
  const order = header.littleEndian;
  const captured = view.getUint32(8, order);
  if (captured > LARGEST_RECORD) {
    return { ok: false, problem: `a packet of ${captured} octets is larger than the ${LARGEST_RECORD} allowed here` };
  }
  if (available < RECORD_HEADER + captured) return { ok: "more", needed: RECORD_HEADER + captured };
  const seconds = BigInt(view.getUint32(0, order));
  const fraction = BigInt(view.getUint32(4, order) * header.unit);
  return {
    ok: true,
    record: {
      time: seconds * 1_000_000_000n + fraction,
      octets: bytes.subarray(at + RECORD_HEADER, at + RECORD_HEADER + captured),
      originalLength: view.getUint32(12, order),
    },
    length: RECORD_HEADER + captured,
  };
}
