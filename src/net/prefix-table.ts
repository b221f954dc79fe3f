// Longest-prefix match over up to millions of prefixes, in typed arrays, nothing allocated per look-up. One hash table
// holds all lengths; a look-up is a binary search over the lengths that occur, led to the longer ones by markers
// (Waldvogel, Varghese, Turner, Plattner 1997): one probe where all prefixes are of one length, at most six for IPv4
// and eight for IPv6 whatever the mixture. IPv4 prefixes use the first word only.

/** What is put in: prefixes as words, four a prefix, host bits zero, and their lengths in bits. */
export interface PrefixList {
  readonly words: Int32Array;
  readonly lengths: Uint8Array;
}

/** A slot: four words of key, the level (index of the length) + 1, 0 for an empty slot, and the value + 1. */
const SLOT = 8;
const LEVEL = 4;
/** The longest prefix that a marker's bits match, or the prefix itself: its index + 1; 0: none. */
const BEST = 5;

export class PrefixTable {
  readonly #levels: Int32Array;
  readonly #masks: Int32Array;
  readonly #slots: Int32Array;
  readonly #mask: number;

  /** Throws a DuplicatePrefix where two prefixes are the same. */
  constructor(list: PrefixList) {
    const levels = [...new Set(list.lengths)].sort((a, b) => a - b);
    this.#levels = Int32Array.from(levels);
    this.#masks = Int32Array.from(levels.flatMap((length) => [0, 1, 2, 3].map((word) => wordMask(length - word * 32))));
    const order = byLength(list.lengths);
    // Markers are few where there are few lengths; room is made for the worst case only as the table fills.
    let capacity = 8;
    while (capacity < list.lengths.length * 1.5) capacity *= 2;
    for (;;) {
      const slots = new Int32Array(capacity * SLOT);
      if (fill(slots, this.#masks, levels, list, order)) {
        this.#slots = slots;
        this.#mask = capacity - 1;
        return;
      }
      capacity *= 2;
    }
  }

  /** The index of the longest prefix that the address lies in, or -1. */
  lookup(w0: number, w1: number, w2: number, w3: number): number {
    const masks = this.#masks;
    const slots = this.#slots;
    let low = 0;
    let high = this.#levels.length - 1;
    let best = 0;
    while (low <= high) {
      const level = (low + high) >> 1;
      const at = level << 2;
      const slot = find(
        slots,
        this.#mask,
        w0 & (masks[at] as number),
        w1 & (masks[at + 1] as number),
        w2 & (masks[at + 2] as number),
        w3 & (masks[at + 3] as number),
        level + 1,
      );
      if ((slots[slot + LEVEL] as number) === 0) {
        high = level - 1;
      } else {
        best = slots[slot + BEST] as number;
        low = level + 1;
      }
    }
    return best - 1;
  }

  /** Octets of memory. */
  get byteLength(): number {
    return this.#slots.byteLength;
  }
}

export class DuplicatePrefix extends Error {
  /** Indices of the two. */
  readonly indices: readonly [number, number];
  constructor(first: number, second: number) {
    super(`Prefixes ${first} and ${second} are the same`);
    this.name = "DuplicatePrefix";
    this.indices = [first, second];
  }
}

/** The slot that holds the key, or the empty one where it would stand. */
function find(slots: Int32Array, mask: number, k0: number, k1: number, k2: number, k3: number, level: number): number {
  let slot = hash(k0, k1, k2, k3, level) & mask;
  for (;;) {
    const at = slot * SLOT;
    const there = slots[at + LEVEL] as number;
    if (
      there === 0 ||
      (slots[at] === k0 && slots[at + 1] === k1 && slots[at + 2] === k2 && slots[at + 3] === k3 && there === level)
    ) {
      return at;
    }
    slot = (slot + 1) & mask;
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

/** Shorter prefixes first, so that a marker finds the best match among those before it. */
function byLength(lengths: Uint8Array): Uint32Array {
  const starts = new Uint32Array(130);
  for (const length of lengths) starts[length + 1] = (starts[length + 1] ?? 0) + 1;
  for (let length = 1; length < 130; length++) starts[length] = (starts[length] ?? 0) + (starts[length - 1] ?? 0);
  const order = new Uint32Array(lengths.length);
  for (const [index, length] of lengths.entries()) {
    const place = starts[length] ?? 0;
    order[place] = index;
    starts[length] = place + 1;
  }
  return order;
}

/** False where the table gets fuller than two thirds. */
function fill(
  slots: Int32Array,
  masks: Int32Array,
  levels: readonly number[],
  list: PrefixList,
  order: Uint32Array,
): boolean {
  const capacity = slots.length / SLOT;
  const mask = capacity - 1;
  const limit = Math.floor((capacity * 2) / 3);
  const levelOf = new Map(levels.map((length, level) => [length, level]));
  let used = 0;
  const put = (index: number, level: number): number => {
    const at = level << 2;
    const from = index << 2;
    const words = list.words;
    const k0 = (words[from] as number) & (masks[at] as number);
    const k1 = (words[from + 1] as number) & (masks[at + 1] as number);
    const k2 = (words[from + 2] as number) & (masks[at + 2] as number);
    const k3 = (words[from + 3] as number) & (masks[at + 3] as number);
    const slot = find(slots, mask, k0, k1, k2, k3, level + 1);
    if (slots[slot + LEVEL] === 0) {
      used++;
      slots[slot] = k0;
      slots[slot + 1] = k1;
      slots[slot + 2] = k2;
      slots[slot + 3] = k3;
      slots[slot + LEVEL] = level + 1;
      slots[slot + BEST] = 0;
    }
    return slot;
  };
  // First the prefixes themselves, then the markers: their best match needs all the shorter prefixes.
  for (const index of order) {
    const slot = put(index, levelOf.get(list.lengths[index] as number) as number);
    const there = slots[slot + BEST] as number;
    if (there !== 0) throw new DuplicatePrefix(Math.min(there - 1, index), Math.max(there - 1, index));
    slots[slot + BEST] = index + 1;
    if (used > limit) return false;
  }
  if (levels.length === 1) return true;
  for (const index of order) {
    const own = levelOf.get(list.lengths[index] as number) as number;
    let low = 0;
    let high = levels.length - 1;
    for (;;) {
      const level = (low + high) >> 1;
      if (level === own) break;
      if (level > own) {
        high = level - 1;
        continue;
      }
      low = level + 1;
      const slot = put(index, level);
      if (used > limit) return false;
      // Shorter prefixes around this marker: searched once, when it is new.
      if (slots[slot + BEST] === 0) slots[slot + BEST] = shorterMatch(slots, mask, masks, slot, level);
    }
  }
  return true;
}

/** The value of the longest prefix shorter than `level` around the key in `slot`: linear, at building time only. */
function shorterMatch(slots: Int32Array, mask: number, masks: Int32Array, slot: number, level: number): number {
  for (let shorter = level - 1; shorter >= 0; shorter--) {
    const at = shorter << 2;
    const there = find(
      slots,
      mask,
      (slots[slot] as number) & (masks[at] as number),
      (slots[slot + 1] as number) & (masks[at + 1] as number),
      (slots[slot + 2] as number) & (masks[at + 2] as number),
      (slots[slot + 3] as number) & (masks[at + 3] as number),
      shorter + 1,
    );
    // A marker there carries the best of what is shorter still, or nothing yet: go on in that case.
    if (slots[there + LEVEL] !== 0 && slots[there + BEST] !== 0) return slots[there + BEST] as number;
  }
  return 0;
}

/** The mask of a word of which the first `bits` (any number, clamped to 0..32) count. */
function wordMask(bits: number): number {
  return bits <= 0 ? 0 : bits >= 32 ? -1 : -1 << (32 - bits);
}
