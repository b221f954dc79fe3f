// ICMP types and codes, IPv4 <-> IPv6, as RFC 7915 §4.2 and §5.2 give them, row by row. What is not listed is silently
// dropped, and so says the RFC.

/** What becomes of the second word of the ICMP header. */
type RestRule =
  /** Zero, but for the length of RFC 4884 where both sides have one. */
  | "unused"
  /** The MTU, adjusted for the difference of the headers. */
  | "mtu"
  /** The pointer, by the pointer table. */
  | "pointer"
  /** A pointer at the Next Header field of the IPv6 header. */
  | "next-header";

export interface IcmpRow {
  readonly type: number;
  readonly codes: readonly [first: number, last: number];
  readonly to: { readonly type: number; readonly code: number | "same" };
  readonly rest: RestRule;
}

/** RFC 7915 §4.2, error messages. */
export const icmpErrors4to6 = [
  { type: 3, codes: [0, 1], to: { type: 1, code: 0 }, rest: "unused" },
  { type: 3, codes: [2, 2], to: { type: 4, code: 1 }, rest: "next-header" },
  { type: 3, codes: [3, 3], to: { type: 1, code: 4 }, rest: "unused" },
  { type: 3, codes: [4, 4], to: { type: 2, code: 0 }, rest: "mtu" },
  { type: 3, codes: [5, 5], to: { type: 1, code: 0 }, rest: "unused" },
  { type: 3, codes: [6, 8], to: { type: 1, code: 0 }, rest: "unused" },
  { type: 3, codes: [9, 10], to: { type: 1, code: 1 }, rest: "unused" },
  { type: 3, codes: [11, 12], to: { type: 1, code: 0 }, rest: "unused" },
  { type: 3, codes: [13, 13], to: { type: 1, code: 1 }, rest: "unused" },
  { type: 3, codes: [15, 15], to: { type: 1, code: 1 }, rest: "unused" },
  { type: 11, codes: [0, 255], to: { type: 3, code: "same" }, rest: "unused" },
  { type: 12, codes: [0, 0], to: { type: 4, code: 0 }, rest: "pointer" },
  { type: 12, codes: [2, 2], to: { type: 4, code: 0 }, rest: "pointer" },
] as const satisfies readonly IcmpRow[];

/** RFC 7915 §5.2, error messages. */
export const icmpErrors6to4 = [
  { type: 1, codes: [0, 0], to: { type: 3, code: 1 }, rest: "unused" },
  { type: 1, codes: [1, 1], to: { type: 3, code: 10 }, rest: "unused" },
  { type: 1, codes: [2, 3], to: { type: 3, code: 1 }, rest: "unused" },
  { type: 1, codes: [4, 4], to: { type: 3, code: 3 }, rest: "unused" },
  { type: 2, codes: [0, 255], to: { type: 3, code: 4 }, rest: "mtu" },
  { type: 3, codes: [0, 255], to: { type: 11, code: "same" }, rest: "unused" },
  { type: 4, codes: [0, 0], to: { type: 12, code: 0 }, rest: "pointer" },
  { type: 4, codes: [1, 1], to: { type: 3, code: 2 }, rest: "unused" },
] as const satisfies readonly IcmpRow[];

/** The row for a type and code; undefined: silently dropped. */
export function findIcmpRow(rows: readonly IcmpRow[], type: number, code: number): IcmpRow | undefined {
  for (let index = 0; index < rows.length; index++) {
    const row = rows[index] as IcmpRow;
    if (row.type === type && code >= row.codes[0] && code <= row.codes[1]) return row;
  }
  return undefined;
}

/** "n/a" in the RFC's figures. */
const NONE = -1;

/** RFC 7915 figure 3: the octet of the IPv4 header -> the octet of the IPv6 header. */
const pointers4to6 = [
  [0, 0, 0], // Version/IHL
  [1, 1, 1], // Type of Service
  [2, 3, 4], // Total Length
  [4, 5, NONE], // Identification
  [6, 6, NONE], // Flags
  [7, 7, NONE], // Fragment Offset
  [8, 8, 7], // Time to Live
  [9, 9, 6], // Protocol
  [10, 11, NONE], // Header Checksum
  [12, 15, 8], // Source Address
  [16, 19, 24], // Destination Address
] as const;

/** RFC 7915 figure 6: the octet of the IPv6 header -> the octet of the IPv4 header. */
const pointers6to4 = [
  [0, 0, 0], // Version/Traffic Class
  [1, 1, 1], // Traffic Class/Flow Label
  [2, 3, NONE], // Flow Label
  [4, 5, 2], // Payload Length
  [6, 6, 9], // Next Header
  [7, 7, 8], // Hop Limit
  [8, 23, 12], // Source Address
  [24, 39, 16], // Destination Address
] as const;

/** The octet of the IPv6 header, or -1 where there is none. */
export function pointer4to6(pointer: number): number {
  return findPointer(pointers4to6, pointer);
}

/** The octet of the IPv4 header, or -1 where there is none. Takes all 32 bits (signed ones are beyond every header). */
export function pointer6to4(pointer: number): number {
  return findPointer(pointers6to4, pointer);
}

function findPointer(rows: readonly (readonly [number, number, number])[], pointer: number): number {
  for (let index = 0; index < rows.length; index++) {
    const row = rows[index] as readonly [number, number, number];
    if (pointer >= row[0] && pointer <= row[1]) return row[2];
  }
  return NONE;
}

/** Likely path MTUs (RFC 1191 §7.1), for routers that do not tell theirs. */
const mtuPlateaus = [65535, 32000, 17914, 8166, 4352, 2002, 1492, 1006, 508, 296, 68] as const;

/** The greatest plateau below `totalLength` that an IPv6 link can have, else 1280 (RFC 7915 §4.2). */
export function plateauBelow(totalLength: number): number {
  for (let index = 0; index < mtuPlateaus.length; index++) {
    const plateau = mtuPlateaus[index] as number;
    if (plateau < totalLength && plateau >= 1280) return plateau;
  }
  return 1280;
}
