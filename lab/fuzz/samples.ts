// Packets of every kind for the fuzzer: sound ones, and sound ones that were damaged afterwards.

import { put16 } from "../../src/net/octets.js";
import { PacketWriter } from "./packet-writer.js";
import type { Random } from "./random.js";
import { sum16 } from "./sum.js";
import { type Payload, writePayload } from "./transport-samples.js";
import { type Node, odd4, odd6, type World } from "./worlds.js";

interface Offload {
  readonly gsoType: number;
  readonly gsoSize: number;
  readonly checksumStart: number;
  readonly checksumOffset: number;
}

const noOffload: Offload = { gsoType: 0, gsoSize: 0, checksumStart: -1, checksumOffset: 0 };

export interface Sample {
  readonly family: 4 | 6;
  /** A view: valid until the next sample is made. */
  readonly bytes: Uint8Array;
  /** Nothing was damaged: all lengths and checksums are right, both addresses are of the world, the hops last there and back. */
  readonly sound: boolean;
  /** It is a part of a packet. */
  readonly isFragment: boolean;
  readonly offload: Offload;
}

interface Fragment {
  readonly world: World;
  readonly family: 4 | 6;
  readonly bytes: Uint8Array;
  /** Where its headers end; of IPv6, where the Fragment Header stands. */
  readonly upper: number;
  /** One for all fragments of a packet. */
  readonly series: Series;
}

interface Series {
  /** The packet was sound, and no fragment of it has been damaged. */
  sound: boolean;
}

/** Octets of payload: more can't be said, or not in IPv4 when it comes in fragments. */
const LONGEST = 65_515;

const none = new Uint8Array(0);
const options4: readonly [Uint8Array, ...Uint8Array[]] = [
  Uint8Array.of(1, 1, 1, 0), // no operation
  Uint8Array.of(7, 7, 4, 0, 0, 0, 0, 0), // record route
  Uint8Array.of(0x94, 4, 0, 0), // router alert
  Uint8Array.of(0x83, 7, 8, 203, 0, 113, 1, 0), // a loose source route that is used up
];
/** Makes the sender's route a part of the packet: refused. */
const sourceRoute = Uint8Array.of(0x83, 7, 4, 203, 0, 113, 1, 0);

export class Samples {
  readonly #random: Random;
  readonly #writer: PacketWriter;
  /** The rest of messages in fragments that are on their way. */
  readonly #fragments: Fragment[] = [];

  constructor(random: Random) {
    this.#random = random;
    this.#writer = new PacketWriter(random);
  }

  /** The next packet and the world that it is sent into. */
  next(worlds: readonly [World, ...World[]]): { readonly world: World; readonly sample: Sample } {
    const random = this.#random;
    const waiting = this.#fragments.length;
    if (waiting > 0 && (waiting > 64 || !random.once(3))) {
      // Mostly in order, sometimes not.
      const index = random.once(4) ? random.below(waiting) : 0;
      const [fragment] = this.#fragments.splice(index, random.once(50) ? 2 : 1);
      if (fragment !== undefined) {
        if (random.once(30)) this.#fragments.push(fragment);
        if (random.once(40)) shift(fragment, random.below(16));
        return { world: fragment.world, sample: asSample(fragment) };
      }
    }
    const world = random.pick(worlds);
    const sample = random.once(2) ? this.#v4(world) : this.#v6(world);
    return { world, sample: random.once(3) ? this.#damaged(sample) : sample };
  }

  #v4(world: World): Sample {
    const random = this.#random;
    const writer = this.#writer;
    writer.end = 0;
    const { source, destination, odd } = this.#ends(world, 4);
    const isFragment = random.once(8);
    const odds = random.once(10);
    const fields = {
      tos: random.below(256),
      identification: random.below(65536),
      fragment: random.once(2) ? 0x4000 : 0,
      ttl: random.once(20) ? random.below(3) : random.below(253) + 3,
      options: odds ? (random.once(4) ? sourceRoute : random.pick(options4)) : none,
    };
    const at = writer.ipv4({ ...fields, protocol: 0, source, destination });
    const upper = writer.end;
    const payload = writePayload(writer, random, world, 4, at);
    writer.bytes[at + 9] = payload.protocol;
    writer.endV4(at);
    const sound = !odd && payload.sound && fields.ttl > 2 && fields.options !== sourceRoute;
    if (isFragment && payload.partial < 0 && writer.end - upper > 16) {
      put16(writer.bytes, at + 6, 0);
      writer.sumV4(at);
      return this.#fragmented(world, 4, sound, upper);
    }
    const offload = offloadOf(random, payload, upper, 1);
    return { family: 4, bytes: writer.packet, sound, isFragment: false, offload };
  }

  #v6(world: World): Sample {
    const random = this.#random;
    const writer = this.#writer;
    writer.end = 0;
    const { source, destination, odd } = this.#ends(world, 6);
    const fields = {
      trafficClass: random.below(256),
      flowLabel: random.below(0x100000),
      hopLimit: random.once(20) ? random.below(3) : random.below(253) + 3,
    };
    const at = writer.ipv6({ ...fields, next: 59, source, destination });
    const { link, sound: chainSound } = this.#extensions(at + 6);
    const upper = writer.end;
    const payload = writePayload(writer, random, world, 6, at);
    writer.bytes[link] = payload.protocol;
    writer.endV6(at);
    const sound = !odd && payload.sound && fields.hopLimit > 2 && chainSound && writer.end - 40 <= LONGEST;
    if (random.once(8) && payload.partial < 0 && writer.end - upper > 16)
      return this.#fragmented(world, 6, sound, upper, link);
    const offload = offloadOf(random, payload, upper, 4);
    return { family: 6, bytes: writer.packet, sound, isFragment: false, offload };
  }

  /** Writes extension headers, mostly none; gives where the last Next Header field stands. */
  #extensions(first: number): { readonly link: number; readonly sound: boolean } {
    const random = this.#random;
    const writer = this.#writer;
    let link = first;
    let sound = true;
    const start = (type: number): void => {
      writer.bytes[link] = type;
      link = writer.end;
    };
    if (random.once(8)) {
      for (let count = random.below(3) + 1; count > 0; count--) {
        const type = random.pick([0, 43, 60]);
        start(type);
        const length = random.below(3);
        writer.u8(59, length);
        const rest = writer.end;
        writer.zeros(6 + 8 * length);
        if (type === 43 && random.once(4)) {
          writer.bytes[rest + 1] = 1;
          sound = false;
        }
      }
    }
    // An atomic fragment: a Fragment Header on a packet that is whole.
    if (random.once(20)) {
      start(44);
      writer.u8(59, 0);
      writer.u16(0);
      writer.u32(random.word());
    }
    return { link, sound };
  }

  /** Cuts what stands in the writer into fragments: the first is given, the rest comes later. */
  #fragmented(world: World, family: 4 | 6, sound: boolean, upper: number, link = 0): Sample {
    const random = this.#random;
    const packet = this.#writer.packet.slice();
    const payload = packet.subarray(upper);
    const identification = random.word();
    const size = Math.max(8, (random.below(payload.length) + 1) & ~7);
    const step = Math.max(size, Math.ceil(payload.length / 48 / 8) * 8);
    const series = { sound };
    for (let from = 0; from < payload.length; from += step) {
      const part = payload.subarray(from, from + step);
      const more = from + step < payload.length;
      const bytes = fragmentOf(packet, family, upper, link, part, from, more, identification);
      this.#fragments.push({ world, family, bytes, upper, series });
    }
    const first = this.#fragments.pop();
    if (first === undefined) throw new Error("Cannot cut an empty payload into fragments");
    return asSample(first);
  }

  /** Who sends and who gets the packet; now and then somebody who should do neither. */
  #ends(world: World, family: 4 | 6): { source: Uint8Array; destination: Uint8Array; odd: boolean } {
    const random = this.#random;
    const address = (node: Node): Uint8Array => (family === 4 ? node.v4 : node.v6);
    const [from, to] = family === 4 ? [world.hosts, world.peers] : [world.peers, world.hosts];
    const odds = family === 4 ? odd4 : odd6;
    const oddSource = random.once(25);
    const oddDestination = random.once(25);
    return {
      source: oddSource ? random.pick(odds) : address(random.pick(from)),
      destination: oddDestination ? random.pick(odds) : address(random.pick(to)),
      odd: oddSource || oddDestination,
    };
  }

  /** Octets changed, cut off or added; then the lengths and sums of the IP header may be made right again, so that the damage is met further in. */
  #damaged(sample: Sample): Sample {
    const random = this.#random;
    const writer = this.#writer;
    const { bytes } = writer;
    for (let count = random.below(4); count > 0; count--) {
      // Early octets more often.
      const at = random.below(random.once(2) ? 80 : Math.max(1, writer.end));
      if (at < writer.end) bytes[at] = random.once(3) ? (bytes[at] as number) ^ (1 << random.below(8)) : random.word();
    }
    if (random.once(4)) writer.end = random.below(writer.end + 1);
    if (random.once(10)) writer.noise(random.below(40));
    if (random.once(50)) {
      writer.end = 0;
      writer.noise(random.below(200));
    }
    if (random.once(2)) mend(writer, sample.family);
    const offload = random.once(8)
      ? {
          gsoType: random.pick([0, 1, 3, 4, 5, 0x81, 0x84]),
          gsoSize: random.pick([0, 1, 536, 1400, 65535]),
          checksumStart: random.pick([-1, 0, 20, 24, 40, 48, 60, 3000]),
          checksumOffset: random.pick([0, 2, 6, 16, 100, 65535]),
        }
      : sample.offload;
    return { ...sample, bytes: writer.packet, sound: false, offload };
  }
}

function asSample({ family, bytes, series }: Fragment): Sample {
  return { family, bytes, sound: series.sound, isFragment: true, offload: noOffload };
}

function mend(writer: PacketWriter, family: 4 | 6): void {
  const { bytes, end } = writer;
  if (family === 6 && end >= 40) {
    bytes[0] = 0x60 | ((bytes[0] as number) & 15);
    writer.endV6(0);
  }
  if (family === 4 && end >= 20) {
    const words = Math.min(Math.max(5, (bytes[0] as number) & 15), end >> 2);
    bytes[0] = 0x40 | words;
    writer.endV4(0);
  }
}

/** Mostly as it should be; what is asked for beyond that, nobody can do. */
function offloadOf(random: Random, payload: Payload, upper: number, tcpGso: number): Offload {
  if (payload.partial < 0) return noOffload;
  const gso = random.once(3) ? 0 : payload.protocol === 6 ? tcpGso : 5;
  return {
    gsoType: gso,
    gsoSize: gso === 0 ? 0 : random.pick([100, 536, 1220, 1400, 9000]),
    checksumStart: upper,
    checksumOffset: payload.partial,
  };
}

/** One fragment of `packet`, whose headers end at `upper`. */
function fragmentOf(
  packet: Uint8Array,
  family: 4 | 6,
  upper: number,
  link: number,
  part: Uint8Array,
  offset: number,
  more: boolean,
  identification: number,
): Uint8Array {
  const extra = family === 6 ? 8 : 0;
  const bytes = new Uint8Array(upper + extra + part.length);
  bytes.set(packet.subarray(0, upper));
  bytes.set(part, upper + extra);
  if (family === 4) {
    put16(bytes, 2, bytes.length);
    put16(bytes, 4, identification);
    put16(bytes, 6, (more ? 0x2000 : 0) | (offset >> 3));
    resum(bytes, upper);
    return bytes;
  }
  put16(bytes, 4, bytes.length - 40);
  bytes[upper] = bytes[link] as number;
  bytes[link] = 44;
  put16(bytes, upper + 2, offset | (more ? 1 : 0));
  put16(bytes, upper + 4, identification >>> 16);
  put16(bytes, upper + 6, identification);
  return bytes;
}

/** Moves a fragment: it overlaps with others then, or leaves a hole. */
function shift({ family, bytes, upper, series }: Fragment, units: number): void {
  series.sound = false;
  if (family === 6) {
    put16(bytes, upper + 2, (units << 3) | ((bytes[upper + 3] as number) & 1));
    return;
  }
  put16(bytes, 6, (((bytes[6] as number) & 0xe0) << 8) | units);
  resum(bytes, upper);
}

function resum(bytes: Uint8Array, to: number): void {
  put16(bytes, 10, 0);
  put16(bytes, 10, ~sum16(bytes, 0, to, 0) & 0xffff);
}
