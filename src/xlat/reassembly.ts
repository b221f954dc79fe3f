// Fragments put together, for the few messages that can't be translated in parts: ICMP, since only one side's checksum
// covers a pseudo-header with the whole length, and UDP without a checksum (RFC 7915 §1.2 and §4.5 let both go; we do
// not). Bounded in number and time; overlaps kill the datagram (RFC 5722). Buffers are made when first needed and kept.

import { HEADROOM } from "./frame.js";

/** Datagrams that may be incomplete at a time. */
export const REASSEMBLY_SLOTS = 16;
/** Milliseconds: the least that RFC 6146 §3.4 lets a translator wait. */
export const REASSEMBLY_TIMEOUT = 2000;

/** Where the payload of a datagram begins in its slot: headers go in front. */
export const SLOT_PAYLOAD = HEADROOM + 64;
/** The longest payload that an IPv4 packet can have. */
const LONGEST = 65515;
/** Units of eight octets. */
const BLOCKS = 8192;
/** An IPv6 header. */
const KEPT_HEADER = 40;

/** Source and destination (four words each, IPv4 uses the first), identification, protocol. */
const KEY_WORDS = 10;

export interface Slot {
  readonly bytes: Uint8Array;
  /** The IP header of the first fragment. */
  readonly header: Uint8Array;
  readonly key: Int32Array;
  readonly blocks: Uint8Array;
  used: boolean;
  hasFirst: boolean;
  /** Octets that are there. */
  received: number;
  /** Where the furthest fragment ends, in octets. */
  reach: number;
  /** Octets of the whole, or -1 while the last fragment is not there. */
  total: number;
  /** Fragments that it holds. */
  fragments: number;
  /** Milliseconds. */
  since: number;
  /** Rises with each datagram: the lowest is the oldest. */
  order: number;
}

/** What became of a fragment. */
export type Held = "held" | "complete" | "overlap";

export interface ReassemblyEvents {
  /** A datagram was given up, with what it held. */
  gaveUp(reason: "timeout" | "full" | "overlap", fragments: number): void;
}

export class Reassembly {
  /** What the caller fills in before each call. */
  readonly key = new Int32Array(KEY_WORDS);
  readonly #slots: Slot[] = [];
  readonly #now: () => number;
  readonly #events: ReassemblyEvents;
  #open = 0;
  #order = 0;

  constructor(now: () => number, events: ReassemblyEvents) {
    this.#now = now;
    this.#events = events;
  }

  /** Datagrams that are incomplete now. */
  get open(): number {
    return this.#open;
  }

  /** The slot of the datagram that `key` names; undefined where none is open. */
  find(): Slot | undefined {
    this.#expire();
    const slots = this.#slots;
    for (let index = 0; index < slots.length; index++) {
      const slot = slots[index] as Slot;
      if (slot.used && sameKey(slot.key, this.key)) return slot;
    }
    return undefined;
  }

  /** The slot of the datagram that `key` names, opened where there was none. */
  openSlot(): Slot {
    const there = this.find();
    if (there !== undefined) return there;
    const slot = this.#vacant();
    slot.key.set(this.key);
    slot.blocks.fill(0);
    slot.used = true;
    slot.hasFirst = false;
    slot.received = 0;
    slot.reach = 0;
    slot.total = -1;
    slot.fragments = 0;
    slot.since = this.#now();
    slot.order = this.#order++;
    this.#open++;
    return slot;
  }

  /** Takes b[from, to), a part at `offset` octets, with its IP header at `at`. A slot that overlaps is released. */
  add(slot: Slot, b: Uint8Array, at: number, from: number, to: number, offset: number, more: boolean): Held {
    const end = offset + to - from;
    if (isThere(slot, b, from, offset, end) && (more || end === slot.total)) return "held";
    const isBeyond = end > LONGEST || (slot.total >= 0 && (end > slot.total || !more)) || (!more && end < slot.reach);
    if (isBeyond || slot.blocks.subarray(offset >> 3, (end + 7) >> 3).includes(1)) {
      this.#events.gaveUp("overlap", slot.fragments + 1);
      this.release(slot);
      return "overlap";
    }
    slot.blocks.fill(1, offset >> 3, (end + 7) >> 3);
    slot.bytes.set(b.subarray(from, to), SLOT_PAYLOAD + offset);
    slot.received += to - from;
    slot.reach = Math.max(slot.reach, end);
    slot.fragments++;
    if (!more) slot.total = end;
    if (offset === 0) {
      slot.hasFirst = true;
      slot.header.set(b.subarray(at, Math.min(at + KEPT_HEADER, from)));
    }
    return slot.hasFirst && slot.received === slot.total ? "complete" : "held";
  }

  release(slot: Slot): void {
    slot.used = false;
    this.#open--;
  }

  #expire(): void {
    if (this.#open === 0) return;
    const now = this.#now();
    for (const slot of this.#slots) {
      if (!slot.used || now - slot.since <= REASSEMBLY_TIMEOUT) continue;
      this.#events.gaveUp("timeout", slot.fragments);
      this.release(slot);
    }
  }

  #vacant(): Slot {
    let oldest: Slot | undefined;
    for (const slot of this.#slots) {
      if (!slot.used) return slot;
      if (oldest === undefined || slot.order < oldest.order) oldest = slot;
    }
    if (oldest !== undefined && this.#slots.length >= REASSEMBLY_SLOTS) {
      this.#events.gaveUp("full", oldest.fragments);
      this.release(oldest);
      return oldest;
    }
    const slot = newSlot();
    this.#slots.push(slot);
    return slot;
  }
}

/** Whether a fragment says only what is there already: networks do duplicate packets. */
function isThere(slot: Slot, b: Uint8Array, from: number, offset: number, end: number): boolean {
  if (end > slot.reach || slot.blocks.subarray(offset >> 3, (end + 7) >> 3).includes(0)) return false;
  for (let at = offset; at < end; at++) {
    if (slot.bytes[SLOT_PAYLOAD + at] !== b[from + at - offset]) return false;
  }
  return true;
}

function newSlot(): Slot {
  return {
    bytes: new Uint8Array(SLOT_PAYLOAD + LONGEST),
    header: new Uint8Array(KEPT_HEADER),
    key: new Int32Array(KEY_WORDS),
    blocks: new Uint8Array(BLOCKS),
    used: false,
    hasFirst: false,
    received: 0,
    reach: 0,
    total: -1,
    fragments: 0,
    since: 0,
    order: 0,
  };
}

function sameKey(a: Int32Array, b: Int32Array): boolean {
  for (let index = 0; index < KEY_WORDS; index++) if (a[index] !== b[index]) return false;
  return true;
}
