// The Explicit Address Mapping Table (RFC 7757 §3): IPv4 prefixes <-> IPv6 prefixes, longest match each way, on words
// (signed 32 bits) and without allocation, since the packet path looks up every address here.

import { i32 } from "./octets.js";
import { formatPrefix, type Prefix, parsePrefix } from "./prefix.js";
import { DuplicatePrefix, PrefixTable } from "./prefix-table.js";

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
export function parseEam(text: { readonly v4: string; readonly v6: string }, index = 0): Eam {
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

export class EamTable {
  readonly size: number;
  readonly #words4: Int32Array;
  readonly #lengths4: Uint8Array;
  readonly #words6: Int32Array;
  readonly #lengths6: Uint8Array;
  readonly #table4: PrefixTable;
  readonly #table6: PrefixTable;

  /** Throws an EamError that names both mappings where two have the same prefix (RFC 7757 §5: MAY refuse). */
  constructor(eams: readonly Eam[]) {
    this.size = eams.length;
    this.#words4 = new Int32Array(eams.length * 4);
    this.#lengths4 = Uint8Array.from(eams, (eam) => eam.v4.length);
    this.#words6 = new Int32Array(eams.length * 4);
    this.#lengths6 = Uint8Array.from(eams, (eam) => eam.v6.length);
    for (const [index, eam] of eams.entries()) {
      this.#words4[index * 4] = i32(eam.v4.octets, 0);
      for (let word = 0; word < 4; word++) this.#words6[index * 4 + word] = i32(eam.v6.octets, word * 4);
    }
    this.#table4 = build({ words: this.#words4, lengths: this.#lengths4 }, eams, "v4");
    this.#table6 = build({ words: this.#words6, lengths: this.#lengths6 }, eams, "v6");
  }

  /** The mapping for an IPv4 address, or -1 (RFC 7757 §3.3.1 step 1). */
  lookup4(address: number): number {
    return this.#table4.lookup(address, 0, 0, 0);
  }

  /** The mapping for an IPv6 address, or -1 (RFC 7757 §3.3.2 step 1). */
  lookup6(w0: number, w1: number, w2: number, w3: number): number {
    return this.#table6.lookup(w0, w1, w2, w3);
  }

  /** Writes four words from `out[at]`: the IPv6 prefix, then the suffix of the IPv4 address, then zeros (RFC 7757 §3.3.1). */
  toV6(index: number, address: number, out: Int32Array, at: number): void {
    const words = this.#words6;
    const from = index << 2;
    out[at] = words[from] as number;
    out[at + 1] = words[from + 1] as number;
    out[at + 2] = words[from + 2] as number;
    out[at + 3] = words[from + 3] as number;
    const length4 = this.#lengths4[index] as number;
    if (length4 === 32) return;
    const suffix = address << length4;
    const length6 = this.#lengths6[index] as number;
    const word = at + (length6 >> 5);
    const shift = length6 & 31;
    out[word] = (out[word] as number) | (suffix >>> shift);
    // What goes over the fourth word's end would be zero, since the IPv6 suffix is at least as long as the IPv4 one.
    if (shift !== 0 && word < at + 3) out[word + 1] = (out[word + 1] as number) | (suffix << (32 - shift));
  }

  /** The IPv4 prefix followed by the IPv6 address's suffix, cut at 32 bits (RFC 7757 §3.3.2). */
  toV4(index: number, w0: number, w1: number, w2: number, w3: number): number {
    const prefix = this.#words4[index << 2] as number;
    const length4 = this.#lengths4[index] as number;
    if (length4 === 32) return prefix;
    const length6 = this.#lengths6[index] as number;
    const shift = length6 & 31;
    const word = length6 >> 5;
    const first = word === 0 ? w0 : word === 1 ? w1 : word === 2 ? w2 : w3;
    const second = word === 0 ? w1 : word === 1 ? w2 : word === 2 ? w3 : 0;
    const suffix = shift === 0 ? first : (first << shift) | (second >>> (32 - shift));
    return prefix | (suffix >>> length4);
  }

  /** Octets of memory. */
  get byteLength(): number {
    return (
      this.#table4.byteLength + this.#table6.byteLength + 2 * (this.#words4.byteLength + this.#lengths4.byteLength)
    );
  }
}

function build(list: { words: Int32Array; lengths: Uint8Array }, eams: readonly Eam[], side: "v4" | "v6"): PrefixTable {
  try {
    return new PrefixTable(list);
  } catch (cause) {
    if (!(cause instanceof DuplicatePrefix)) throw cause;
    const [first, second] = cause.indices;
    const a = eams[first];
    const b = eams[second];
    const name = (eam: Eam | undefined): string =>
      eam === undefined ? "?" : `${formatPrefix(eam.v4)},${formatPrefix(eam.v6)}`;
    throw new EamError(
      `Cannot use mapping ${name(b)}: its prefix ${b === undefined ? "?" : formatPrefix(b[side])} is that of ${name(a)} too; each prefix may stand in one mapping only (RFC 7757 §5)`,
      cause.indices,
    );
  }
}
