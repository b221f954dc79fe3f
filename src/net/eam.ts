// The Explicit Address Mapping Table (RFC 7757 §3): IPv4 prefixes <-> IPv6 prefixes, longest match each way, on words
// (signed 32 bits) and without allocation, since the packet path looks up every address here.

import { formatIpv4, formatIpv6 } from "./address.js";
import { Cover4 } from "./cover.js";
import { i32, put32 } from "./octets.js";
import { type Prefix, parsePrefix, scanPrefix } from "./prefix.js";
import { DuplicatePrefix, type PrefixList, PrefixTable } from "./prefix-table.js";

/** A mapping as text: prefixes, or addresses, which mean their full length (RFC 7757 §3.2). */
export interface EamText {
  readonly v4: string;
  readonly v6: string;
}

export interface Eam {
  readonly v4: Prefix;
  readonly v6: Prefix;
}

export class EamError extends Error {
  /** Indices into the list that was given; the second one where two mappings are at odds. */
  readonly indices: readonly number[];
  constructor(message: string, indices: readonly number[]) {
    super(message);
    this.name = "EamError";
    this.indices = indices;
  }
}

/** Parses one mapping; throws an EamError (its only index is `index`). */
export function parseEam(text: EamText, index = 0): Eam {
  const name = `${text.v4},${text.v6}`;
  const v4 = parsePrefix(text.v4);
  const v6 = parsePrefix(text.v6);
  if (v4 === undefined || v4.octets.length !== 4) {
    throw new EamError(
      `Cannot use mapping ${name}: "${text.v4}" is no IPv4 prefix; give an address or a prefix whose host bits are zero, 192.0.2.0/24`,
      [index],
    );
  }
  if (v6 === undefined || v6.octets.length !== 16) {
    throw new EamError(
      `Cannot use mapping ${name}: "${text.v6}" is no IPv6 prefix; give an address or a prefix whose host bits are zero, 2001:db8::/120`,
      [index],
    );
  }
  if (32 - v4.length > 128 - v6.length) {
    throw new EamError(
      `Cannot use mapping ${name}: the IPv4 prefix leaves ${32 - v4.length} bits and the IPv6 prefix ${128 - v6.length}; the IPv6 prefix must leave as many or more (RFC 7757 §3.2)`,
      [index],
    );
  }
  return { v4, v6 };
}

/** Values beside an IPv4 prefix: the lengths (IPv4's, and IPv6's from bit 8) and the IPv6 prefix; beside an IPv6 prefix: IPv4's and the lengths. */
const BESIDE_V4 = { lengths: 0, v6: 1, words: 5 } as const;
const BESIDE_V6 = { v4: 0, lengths: 1, words: 2 } as const;

/** Mappings as numbers. */
class Rows {
  readonly v4: Int32Array;
  readonly v6: Int32Array;
  readonly lengths4: Uint8Array;
  readonly lengths6: Uint8Array;

  constructor(count: number) {
    this.v4 = new Int32Array(count);
    this.v6 = new Int32Array(count * 4);
    this.lengths4 = new Uint8Array(count);
    this.lengths6 = new Uint8Array(count);
  }

  put(index: number, v4: Uint8Array, length4: number, v6: Uint8Array, length6: number): void {
    this.v4[index] = i32(v4, 0);
    for (let word = 0; word < 4; word++) this.v6[index * 4 + word] = i32(v6, word * 4);
    this.lengths4[index] = length4;
    this.lengths6[index] = length6;
  }

  both(index: number): number {
    return (this.lengths4[index] as number) | ((this.lengths6[index] as number) << 8);
  }

  /** Both prefixes as text. */
  format(index: number): [string, string] {
    const octets = new Uint8Array(20);
    put32(octets, 0, this.v4[index] ?? 0);
    for (let word = 0; word < 4; word++) put32(octets, 4 + word * 4, this.v6[index * 4 + word] ?? 0);
    return [`${formatIpv4(octets)}/${this.lengths4[index]}`, `${formatIpv6(octets, 4)}/${this.lengths6[index]}`];
  }
}

export class EamTable {
  readonly size: number;
  readonly #cover4: Cover4;
  readonly #table4: PrefixTable;
  readonly #table6: PrefixTable;

  /** Throws an EamError that names both mappings where two have the same prefix (RFC 7757 §5: MAY refuse). */
  constructor(eams: readonly Eam[] | Rows) {
    const rows = eams instanceof Rows ? eams : rowsOf(eams);
    this.size = rows.v4.length;
    this.#cover4 = new Cover4(rows.v4, rows.lengths4);
    this.#table4 = build(rows, 4);
    this.#table6 = build(rows, 6);
  }

  /** The same from text; throws an EamError also for what is no mapping. A million take about a second. */
  static fromText(texts: readonly EamText[]): EamTable {
    const rows = new Rows(texts.length);
    const v4 = new Uint8Array(4);
    const v6 = new Uint8Array(16);
    for (const [index, text] of texts.entries()) {
      const length4 = scanPrefix(text.v4, v4);
      const length6 = scanPrefix(text.v6, v6);
      // It throws here for certain, with an error for people.
      if (length4 < 0 || length6 < 0 || 32 - length4 > 128 - length6) parseEam(text, index);
      rows.put(index, v4, length4, v6, length6);
    }
    return new EamTable(rows);
  }

  /** The mapping for an IPv4 address, or -1 (RFC 7757 §3.3.1 step 1). */
  lookup4(address: number): number {
    return this.#cover4.mayHold(address) ? this.#table4.lookup(address, 0, 0, 0) : -1;
  }

  /** The mapping for an IPv6 address, or -1 (RFC 7757 §3.3.2 step 1). */
  lookup6(w0: number, w1: number, w2: number, w3: number): number {
    return this.#table6.lookup(w0, w1, w2, w3);
  }

  /** Whether the IPv6 prefix of any mapping shares an address with a prefix, given as words (host bits zero) and length. */
  meets6(w0: number, w1: number, w2: number, w3: number, length: number): boolean {
    return this.#table6.meets(w0, w1, w2, w3, length);
  }

  /** `index` from `lookup4`. Writes four words from `out[at]`: the IPv6 prefix, the suffix of the IPv4 address, zeros (RFC 7757 §3.3.1). */
  toV6(index: number, address: number, out: Int32Array, at: number): void {
    const table = this.#table4;
    for (let word = 0; word < 4; word++) out[at + word] = table.value(index, BESIDE_V4.v6 + word);
    const lengths = table.value(index, BESIDE_V4.lengths);
    const length4 = lengths & 0xff;
    if (length4 === 32) return;
    const suffix = address << length4;
    const length6 = lengths >> 8;
    const word = at + (length6 >> 5);
    const shift = length6 & 31;
    out[word] = (out[word] as number) | (suffix >>> shift);
    // What goes over the fourth word's end would be zero, since the IPv6 suffix is at least as long as the IPv4 one.
    if (shift !== 0 && word < at + 3) out[word + 1] = (out[word + 1] as number) | (suffix << (32 - shift));
  }

  /** `index` from `lookup6`. The IPv4 prefix followed by the IPv6 address's suffix, cut at 32 bits (RFC 7757 §3.3.2). */
  toV4(index: number, w0: number, w1: number, w2: number, w3: number): number {
    const table = this.#table6;
    const prefix = table.value(index, BESIDE_V6.v4);
    const lengths = table.value(index, BESIDE_V6.lengths);
    const length4 = lengths & 0xff;
    if (length4 === 32) return prefix;
    const length6 = lengths >> 8;
    const shift = length6 & 31;
    const word = length6 >> 5;
    const first = word === 0 ? w0 : word === 1 ? w1 : word === 2 ? w2 : w3;
    const second = word === 0 ? w1 : word === 1 ? w2 : word === 2 ? w3 : 0;
    const suffix = shift === 0 ? first : (first << shift) | (second >>> (32 - shift));
    return prefix | (suffix >>> length4);
  }

  /** Octets of memory. */
  get byteLength(): number {
    return this.#cover4.byteLength + this.#table4.byteLength + this.#table6.byteLength;
  }
}

function rowsOf(eams: readonly Eam[]): Rows {
  const rows = new Rows(eams.length);
  for (const [index, { v4, v6 }] of eams.entries()) rows.put(index, v4.octets, v4.length, v6.octets, v6.length);
  return rows;
}

function build(rows: Rows, family: 4 | 6): PrefixTable {
  try {
    return new PrefixTable(family === 4 ? listOf4(rows) : listOf6(rows));
  } catch (cause) {
    if (!(cause instanceof DuplicatePrefix)) throw cause;
    const [first, second] = cause.indices;
    const name = rows.format(second);
    throw new EamError(
      `Cannot use mapping ${name.join()}: its prefix ${name[family === 4 ? 0 : 1]} is that of ${rows.format(first).join()} too; each prefix may stand in one mapping only (RFC 7757 §5)`,
      cause.indices,
    );
  }
}

function listOf4(rows: Rows): PrefixList {
  const values = new Int32Array(rows.v4.length * BESIDE_V4.words);
  for (let index = 0; index < rows.v4.length; index++) {
    const at = index * BESIDE_V4.words;
    values[at + BESIDE_V4.lengths] = rows.both(index);
    for (let word = 0; word < 4; word++) values[at + BESIDE_V4.v6 + word] = rows.v6[index * 4 + word] as number;
  }
  return { width: 1, keys: rows.v4, lengths: rows.lengths4, values };
}

function listOf6(rows: Rows): PrefixList {
  const values = new Int32Array(rows.v4.length * BESIDE_V6.words);
  for (let index = 0; index < rows.v4.length; index++) {
    values[index * BESIDE_V6.words + BESIDE_V6.v4] = rows.v4[index] as number;
    values[index * BESIDE_V6.words + BESIDE_V6.lengths] = rows.both(index);
  }
  return { width: 4, keys: rows.v6, lengths: rows.lengths6, values };
}
