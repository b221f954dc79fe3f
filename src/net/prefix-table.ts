// Longest-prefix match over up to millions of prefixes, in typed arrays, nothing allocated per look-up. One hash table
// holds all lengths; a look-up is a binary search over the lengths that occur, led to the longer ones by markers
// (Waldvogel, Varghese, Turner, Plattner 1997): one probe where all prefixes are of one length, at most six for IPv4
// and eight for IPv6 whatever the mixture.
//
// With a million prefixes memory is what costs: measured, a look at a random place is 100 to 150 ns, most of it for the
// page table. So key and values stand together in a slot of 32 octets, and a probe looks at one place only.

/** What is put in. */
export interface PrefixList {
  /** Words of a key: 1 for IPv4, 4 for IPv6. */
  readonly width: 1 | 4;
  /** `width` words a prefix, host bits zero. */
  readonly keys: Int32Array;
  /** In bits. */
  readonly lengths: Uint8Array;
  /** `6 - width` words a prefix, the caller's own. */
  readonly values: Int32Array;
}

/** Words of a slot: the key, then what follows. */
const SLOT = 8;
/** Behind the key: the index of the length + 1; 0: the slot is empty. */
const LEVEL = 0;
/** Behind the key: of a prefix its own place + 1, of a marker that of the longest prefix around it; 0: none. */
const BEST = 1;
const VALUES = 2;

/** Slots are at most so full. */
const FULLEST = 0.7;

export class DuplicatePrefix extends Error {
  /** Indices of the two. */
  readonly indices: readonly [number, number];
  constructor(first: number, second: number) {
    super(`Prefixes ${first} and ${second} are the same`);
    this.name = "DuplicatePrefix";
    this.indices = [first, second];
  }
}

export class PrefixTable {
  readonly #width: 1 | 4;
  readonly #levels: number;
  /** Four words a level. */
  readonly #masks: Int32Array;
  readonly #slots: Int32Array;

  /** Throws a DuplicatePrefix where two prefixes are the same. */
  constructor(list: PrefixList) {
    const lengths = [...new Set(list.lengths)].sort((a, b) => a - b);
    this.#width = list.width;
    this.#levels = lengths.length;
    this.#masks = Int32Array.from(lengths.flatMap((length) => [0, 1, 2, 3].map((word) => wordMask(length, word))));
    let capacity = 8;
    while (capacity * FULLEST < list.lengths.length) capacity *= 2;
    // How many markers there will be shows only as the table fills.
    for (;;) {
      const slots = new Filling(capacity, list, lengths, this.#masks).run();
      if (slots !== undefined) {
        this.#slots = slots;
        return;
      }
      capacity *= 2;
    }
  }

  /** The place of the longest prefix that the address lies in, or -1. An IPv4 address is the first word. */
  lookup(w0: number, w1: number, w2: number, w3: number): number {
    const slots = this.#slots;
    const masks = this.#masks;
    const width = this.#width;
    let low = 0;
    let high = this.#levels - 1;
    let best = 0;
    while (low <= high) {
      const level = (low + high) >> 1;
      const at = level << 2;
      const slot = findSlot(
        slots,
        width,
        w0 & (masks[at] as number),
        w1 & (masks[at + 1] as number),
        w2 & (masks[at + 2] as number),
        w3 & (masks[at + 3] as number),
        level + 1,
      );
      if (slots[slot + width + LEVEL] === 0) {
        high = level - 1;
      } else {
        best = slots[slot + width + BEST] as number;
        low = level + 1;
      }
    }
    return best - 1;
  }

  /** Whether any prefix shares an address with the given one: looks at all of them, for building time. */
  meets(w0: number, w1: number, w2: number, w3: number, length: number): boolean {
    const slots = this.#slots;
    const width = this.#width;
    const words = [w0, w1, w2, w3];
    const given = [0, 1, 2, 3].map((word) => wordMask(length, word));
    for (let slot = 0; slot < slots.length; slot += SLOT) {
      const level = (slots[slot + width + LEVEL] as number) - 1;
      if (level < 0 || slots[slot + width + BEST] !== slot + 1) continue;
      let differs = 0;
      for (let word = 0; word < width; word++) {
        const mask = (this.#masks[level * 4 + word] as number) & (given[word] as number);
        differs |= ((slots[slot + word] as number) ^ (words[word] as number)) & mask;
      }
      if (differs === 0) return true;
    }
    return false;
  }

  /** A word of the caller's values for the prefix at a place. */
  value(place: number, word: number): number {
    return this.#slots[place + this.#width + VALUES + word] as number;
  }

  /** Octets of memory. */
  get byteLength(): number {
    return this.#slots.buffer.byteLength;
  }
}

/** One try to fill a table of a certain size. */
class Filling {
  readonly #list: PrefixList;
  readonly #masks: Int32Array;
  readonly #levels: number;
  readonly #levelOf: Int16Array;
  readonly #slots: Int32Array;
  /** The index of the prefix in each slot. */
  readonly #indices: Int32Array;
  #room: number;

  constructor(capacity: number, list: PrefixList, lengths: readonly number[], masks: Int32Array) {
    this.#list = list;
    this.#masks = masks;
    this.#levels = lengths.length;
    this.#levelOf = new Int16Array(129);
    for (const [level, length] of lengths.entries()) this.#levelOf[length] = level;
    this.#slots = alignedWords(capacity * SLOT);
    this.#indices = new Int32Array(capacity);
    this.#room = Math.floor(capacity * FULLEST);
  }

  /** The slots, or undefined where they do not suffice. */
  run(): Int32Array | undefined {
    const count = this.#list.lengths.length;
    for (let index = 0; index < count; index++) this.#putPrefix(index);
    if (this.#levels > 1) {
      for (let index = 0; index < count && this.#room >= 0; index++) this.#putMarkers(index);
    }
    return this.#room >= 0 ? this.#slots : undefined;
  }

  #putPrefix(index: number): void {
    const { width, values, lengths } = this.#list;
    const level = this.#levelOf[lengths[index] as number] as number;
    const slot = this.#find(index, level);
    const slots = this.#slots;
    if (slots[slot + width + LEVEL] !== 0) throw new DuplicatePrefix(this.#indices[slot / SLOT] as number, index);
    this.#occupy(slot, index, level);
    this.#indices[slot / SLOT] = index;
    slots[slot + width + BEST] = slot + 1;
    const own = SLOT - VALUES - width;
    for (let word = 0; word < own; word++) slots[slot + width + VALUES + word] = values[index * own + word] as number;
  }

  /** Puts what leads the binary search on to a prefix: the prefix cut at each shorter level that is tried before. */
  #putMarkers(index: number): void {
    const { width, lengths } = this.#list;
    const own = this.#levelOf[lengths[index] as number] as number;
    let low = 0;
    let high = this.#levels - 1;
    for (let level = (low + high) >> 1; level !== own; level = (low + high) >> 1) {
      if (level > own) {
        high = level - 1;
        continue;
      }
      low = level + 1;
      const slot = this.#find(index, level);
      if (this.#slots[slot + width + LEVEL] !== 0) continue;
      this.#occupy(slot, index, level);
      this.#slots[slot + width + BEST] = this.#around(index, level) + 1;
    }
  }

  #occupy(slot: number, index: number, level: number): void {
    const { width, keys } = this.#list;
    for (let word = 0; word < width; word++) {
      this.#slots[slot + word] = (keys[index * width + word] as number) & (this.#masks[level * 4 + word] as number);
    }
    this.#slots[slot + width + LEVEL] = level + 1;
    this.#room--;
  }

  /** The place of the longest prefix shorter than `level` around another, or -1: linear, at building time only. */
  #around(index: number, level: number): number {
    const width = this.#list.width;
    for (let shorter = level - 1; shorter >= 0; shorter--) {
      const slot = this.#find(index, shorter);
      // Markers are passed over: what is around one comes further on.
      if (this.#slots[slot + width + BEST] === slot + 1) return slot;
    }
    return -1;
  }

  /** The slot of a prefix cut at a level, or the empty one where it would stand. */
  #find(index: number, level: number): number {
    const { width, keys } = this.#list;
    const at = index * width;
    const mask = level * 4;
    const masks = this.#masks;
    const word = (number: number): number =>
      number < width ? (keys[at + number] as number) & (masks[mask + number] as number) : 0;
    return findSlot(this.#slots, width, word(0), word(1), word(2), word(3), level + 1);
  }
}

/**
 * Words such that no slot lies across two cache lines, where the memory is large enough to come from mmap: malloc puts 16
 * octets of its own in front, and from there it is 48 to the next line. Measured with a million prefixes: a tenth less a packet.
 */
function alignedWords(count: number): Int32Array {
  return new Int32Array(new ArrayBuffer(count * 4 + 64), 48, count);
}

/** The slot that holds a key, or the empty one where it would stand. `level` as in the slot. */
function findSlot(
  slots: Int32Array,
  width: 1 | 4,
  k0: number,
  k1: number,
  k2: number,
  k3: number,
  level: number,
): number {
  const last = slots.length - SLOT;
  let at = Math.imul(hash(k0, k1, k2, k3, level), SLOT) & last;
  for (;;) {
    const there = slots[at + width + LEVEL] as number;
    if (there === 0) return at;
    if (there === level && slots[at] === k0) {
      if (width === 1) return at;
      if (slots[at + 1] === k1 && slots[at + 2] === k2 && slots[at + 3] === k3) return at;
    }
    at = (at + SLOT) & last;
  }
}

/** Mixes all bits downwards (multiplications as in MurmurHash3): neighbouring addresses must not cluster. */
function hash(k0: number, k1: number, k2: number, k3: number, level: number): number {
  let h = Math.imul(k0 ^ Math.imul(level, 0x27d4eb2f), 0x85ebca6b);
  h = Math.imul((h ^ (h >>> 15)) + k1, 0xc2b2ae35);
  h = Math.imul((h ^ (h >>> 13)) + k2, 0x85ebca6b);
  h = Math.imul((h ^ (h >>> 16)) + k3, 0xc2b2ae35);
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
  return h ^ (h >>> 16);
}

/** The mask of the given word of an address, for a prefix of `length` bits. */
function wordMask(length: number, word: number): number {
  const bits = length - word * 32;
  return bits <= 0 ? 0 : bits >= 32 ? -1 : -1 << (32 - bits);
}
