// Which blocks of the IPv4 address space a table of prefixes touches at all, a bit a block. Most addresses on the internet
// have no mapping, and in a table of a million to find that out costs a visit to memory (100 ns, measured); this says so
// from 8 KiB, and for large tables from 2 MiB more. Never wrong when it says no.

/** Bits of an address that number a block: 8 KiB of bits for /16s, 2 MiB for /24s. */
const COARSE = 16;
const FINE = 24;
/** From so many prefixes on it pays to ask for the /24 too: fewer fit in a cache anyway. */
const LARGE = 4096;

export class Cover4 {
  readonly #coarse: Int32Array;
  readonly #fine: Int32Array | undefined;

  /** `keys`: addresses, host bits zero; `lengths`: in bits. */
  constructor(keys: Int32Array, lengths: Uint8Array) {
    this.#coarse = blocks(keys, lengths, COARSE);
    this.#fine = keys.length < LARGE ? undefined : blocks(keys, lengths, FINE);
  }

  /** False: no prefix holds the address. True: one may. */
  mayHold(address: number): boolean {
    if (!isSet(this.#coarse, address >>> (32 - COARSE))) return false;
    const fine = this.#fine;
    return fine === undefined || isSet(fine, address >>> (32 - FINE));
  }

  /** Octets of memory. */
  get byteLength(): number {
    return this.#coarse.byteLength + (this.#fine?.byteLength ?? 0);
  }
}

function isSet(bits: Int32Array, block: number): boolean {
  return (((bits[block >>> 5] as number) >>> (block & 31)) & 1) !== 0;
}

function blocks(keys: Int32Array, lengths: Uint8Array, width: number): Int32Array {
  const bits = new Int32Array(2 ** (width - 5));
  for (const [index, key] of keys.entries()) {
    const first = key >>> (32 - width);
    const count = 2 ** Math.max(0, width - (lengths[index] as number));
    if (count >= 32) {
      bits.fill(-1, first >>> 5, (first + count) >>> 5);
      continue;
    }
    for (let block = first; block < first + count; block++) {
      bits[block >>> 5] = (bits[block >>> 5] as number) | (1 << (block & 31));
    }
  }
  return bits;
}
