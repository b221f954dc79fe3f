// The fuzzer's loop: packets of every kind through translators of every kind, and everything that must hold looked at behind
// each. Two translators get every packet, with other octets around it: what they make of it must be the same, or one has
// read where it may not.

import { u8 } from "../../src/net/octets.js";
import { COUNT_DROPS, COUNT_V4_TO_V6, COUNT_V6_TO_V4, COUNTERS_LENGTH } from "../../src/xlat/counters.js";
import { type Frame, HEADROOM } from "../../src/xlat/frame.js";
import { reasons } from "../../src/xlat/reasons.js";
import { createTranslator, type Translator } from "../../src/xlat/translator.js";
import { Random } from "./random.js";
import { RoundTrip } from "./round-trip.js";
import { carriesExtension, carriesForeignIcmp, mayWait, travelsInParts } from "./sample-facts.js";
import { type Sample, Samples } from "./samples.js";
import { checksumOf, type Outline, offloadProblem, outlineOf, partialIsRight, quotedProblem } from "./well-formed.js";
import { joined, transportProblem } from "./whole.js";
import { type World, worlds } from "./worlds.js";

/** What must hold did not. */
export class Finding extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "Finding";
  }
}

export interface Tally {
  packets: number;
  /** Packets that came out in the other family (fragments each), … */
  translated: number;
  /** … and in the family they came from: ICMP errors, echo replies, what was turned round. */
  answered: number;
  /** Packets of which nothing came out and that no reason was counted for: fragments that wait. */
  held: number;
  roundTrips: number;
  /** By the name of the reason. */
  readonly drops: Map<string, number>;
}

const GUARD = 64;
const ROOM = 66_000;
/** Milliseconds between packets on the translators' clock. */
const STEP = 0.2;

export class Campaign {
  readonly tally: Tally = { packets: 0, translated: 0, answered: 0, held: 0, roundTrips: 0, drops: new Map() };
  readonly #seed: number;
  readonly #samples: Samples;
  readonly #subjects: ReadonlyMap<World, Subject>;
  #now = 0;

  constructor(seed: number) {
    this.#seed = seed;
    this.#samples = new Samples(new Random(seed));
    const now = (): number => this.#now;
    this.#subjects = new Map(worlds.map((world) => [world, new Subject(world, now)]));
  }

  /** Sends `packets` more. Throws a Finding. */
  run(packets: number): void {
    for (let count = 0; count < packets; count++) {
      const { world, sample } = this.#samples.next(worlds);
      this.#now += STEP;
      const subject = this.#subjects.get(world);
      if (subject === undefined) throw new Error(`Cannot send into ${world.name}: it is not there`);
      try {
        subject.send(sample, this.tally);
      } catch (cause) {
        throw new Finding(this.#describe(world, sample, cause), { cause });
      }
      this.tally.packets++;
    }
  }

  #describe(world: World, sample: Sample, cause: unknown): string {
    const octets = Buffer.from(sample.bytes).toString("hex");
    return [
      `${cause instanceof Error ? cause.message : cause}: packet ${this.tally.packets} of seed ${this.#seed}, in "${world.name}"`,
      `offload ${JSON.stringify(sample.offload)}`,
      `${sample.family} ${octets.length > 800 ? `${octets.slice(0, 800)}… (${sample.bytes.length} octets)` : octets}`,
    ].join("\n");
  }
}

interface Emitted {
  readonly family: 4 | 6;
  readonly bytes: Uint8Array;
  readonly frame: Frame;
}

/** A translator, with a buffer of its own whose octets around the packet are `poison`. */
class Runner {
  readonly counters = new Float64Array(COUNTERS_LENGTH);
  readonly #translator: Translator;
  readonly #poison: number;
  readonly #bytes = new Uint8Array(GUARD + HEADROOM + ROOM + GUARD);

  constructor({ spec }: World, poison: number, now: () => number) {
    this.#translator = createTranslator(spec, { counters: this.counters, seed: 99, now });
    this.#poison = poison;
  }

  run({ family, bytes: packet, offload }: Sample): Emitted[] {
    const bytes = this.#bytes;
    const start = GUARD + HEADROOM;
    const end = start + packet.length;
    bytes.fill(this.#poison, 0, start);
    bytes.set(packet, start);
    bytes.fill(this.#poison, end, end + GUARD);
    const frame: Frame = { bytes, start, end, ...offload };
    const out: Emitted[] = [];
    const emit = (emitted: Frame, to: 4 | 6): void => {
      const first = emitted.bytes === bytes ? GUARD : 0;
      const last = emitted.bytes === bytes ? end : emitted.bytes.length;
      if (emitted.start < first || emitted.end > last || emitted.start > emitted.end) {
        throw new Finding("it emits what is outside of the buffer");
      }
      out.push({ family: to, bytes: emitted.bytes.slice(emitted.start, emitted.end), frame: { ...emitted } });
    };
    if (family === 4) this.#translator.v4ToV6(frame, { emit });
    else this.#translator.v6ToV4(frame, { emit });
    this.#expectPoison(0, GUARD, "in front of the headroom");
    this.#expectPoison(end, end + GUARD, "behind the packet");
    return out;
  }

  #expectPoison(from: number, to: number, where: string): void {
    for (let at = from; at < to; at++) if (this.#bytes[at] !== this.#poison) throw new Finding(`it wrote ${where}`);
  }
}

class Subject {
  readonly #world: World;
  readonly #one: Runner;
  readonly #other: Runner;
  readonly #roundTrip: RoundTrip | undefined;
  /** What the counters said before the packet. */
  readonly #before = new Float64Array(COUNTERS_LENGTH);

  constructor(world: World, now: () => number) {
    this.#world = world;
    this.#one = new Runner(world, 0xa5, now);
    this.#other = new Runner(world, 0x3c, now);
    this.#roundTrip = world.reversible ? new RoundTrip(world) : undefined;
  }

  send(sample: Sample, tally: Tally): void {
    this.#before.set(this.#one.counters);
    const out = this.#one.run(sample);
    expectSame(out, this.#other.run(sample));
    const dropped = this.#countDrops(tally);
    for (const emitted of out) this.#expectSound(sample, emitted);
    if (out.length === 0 && dropped.size === 0) {
      if (!mayWait(sample, this.#world.turns === true)) throw new Finding("it was dropped without a reason");
      tally.held++;
    }
    for (const { family } of out) {
      if (family === sample.family) tally.answered++;
      else tally.translated++;
    }
    if (sample.sound) this.#expectTranslated(sample, out, dropped, tally);
  }

  /** The names of the reasons that were counted. */
  #countDrops(tally: Tally): ReadonlySet<string> {
    const names = new Set<string>();
    for (const from of [COUNT_V4_TO_V6, COUNT_V6_TO_V4]) {
      for (let reason = 0; reason < reasons.length; reason++) {
        const at = from + COUNT_DROPS + reason;
        const more = (this.#one.counters[at] ?? 0) - (this.#before[at] ?? 0);
        if (more === 0) continue;
        const name = reasons[reason]?.name ?? "";
        names.add(name);
        tally.drops.set(name, (tally.drops.get(name) ?? 0) + more);
      }
    }
    return names;
  }

  #expectSound(sample: Sample, { family, bytes, frame }: Emitted): void {
    const outline = outlineOf(bytes, family);
    if (typeof outline === "string") {
      if (carriesExtension(sample)) return;
      throw new Finding(`it emits what is no packet (${outline}): ${hexOf(bytes)}`);
    }
    const problem = offloadProblem(frame, outline) ?? this.#sizeProblem(sample, frame, bytes);
    if (problem !== undefined) throw new Finding(`it emits a packet that is wrong (${problem}): ${hexOf(bytes)}`);
    if (!isErrorOf(bytes, outline) || carriesForeignIcmp(sample)) return;
    const isRight = checksumOf(bytes, outline) === "right";
    const inner = isRight ? quotedProblem(bytes, outline, sample) : "checksum";
    if (inner !== undefined) throw new Finding(`it emits an ICMP error that is wrong (${inner}): ${hexOf(bytes)}`);
  }

  #sizeProblem(sample: Sample, frame: Frame, bytes: Uint8Array): string | undefined {
    if (frame.gsoType !== 0) return undefined;
    const { mtuV4, mtuV6, lowestIpv6Mtu } = this.#world.spec;
    const isOut = sample.family === 4 && u8(bytes, 0) >> 4 === 6;
    const dontFragment = (u8(sample.bytes, 6) & 0x40) !== 0;
    const most6 = isOut && !dontFragment ? Math.min(mtuV6, lowestIpv6Mtu) : mtuV6;
    const most = u8(bytes, 0) >> 4 === 4 ? mtuV4 : most6;
    return bytes.length > most ? `longer than ${most}` : undefined;
  }

  /** A sound packet from one node to another: it is translated, or there is a reason that a sound packet can have. */
  #expectTranslated(sample: Sample, out: readonly Emitted[], dropped: ReadonlySet<string>, tally: Tally): void {
    for (const name of dropped) {
      const excused = mayDropSound.has(name) || (sample.isFragment && mayDropSoundFragment.has(name));
      if (!excused) throw new Finding(`it drops a sound packet (${name})`);
    }
    if (!out.some(({ family }) => family === sample.family)) this.#expectRightSums(out);
    const goesAlone = !sample.isFragment || travelsInParts(sample);
    if (dropped.size > 0 || !goesAlone || this.#roundTrip === undefined || sample.offload.checksumStart >= 0) return;
    const problem = this.#roundTrip.problem(sample.family, sample.bytes);
    if (problem !== undefined) throw new Finding(`there and back again it is another packet (${problem})`);
    tally.roundTrips++;
  }

  #expectRightSums(out: readonly Emitted[]): void {
    for (const { family, bytes, frame } of out) {
      const outline = outlineOf(bytes, family);
      if (typeof outline === "string" || frame.checksumStart < 0) continue;
      if (!partialIsRight(bytes, outline))
        throw new Finding(`it emits a partial checksum that is wrong: ${hexOf(bytes)}`);
    }
    const whole = joined(
      out.filter(({ frame }) => frame.checksumStart < 0).map(({ family, bytes }) => ({ family, bytes })),
    );
    for (const bytes of whole) {
      const problem = transportProblem(bytes);
      if (problem !== undefined) throw new Finding(`it emits a packet that is wrong (${problem}): ${hexOf(bytes)}`);
    }
  }
}

/** What can keep a sound packet from being translated. */
const mayDropSound: ReadonlySet<string> = new Set([
  ...["too-big", "udp-checksum-zero", "error-rate", "well-known-prefix"],
  // A Fragment Header in a super-packet.
  "offload-unsupported",
  // These count others that waited.
  ...["reassembly-timeout", "reassembly-full"],
]);
/** A first fragment may be too short for its checksum, and a Fragment Header may have stood there before. */
const mayDropSoundFragment: ReadonlySet<string> = new Set([
  ...["truncated-transport", "fragmented-extension", "reassembly-overlap"],
]);

function expectSame(one: readonly Emitted[], other: readonly Emitted[]): void {
  const same =
    one.length === other.length &&
    one.every(({ family, bytes, frame }, index) => {
      const twin = other[index];
      return (
        twin !== undefined &&
        family === twin.family &&
        frame.gsoType === twin.frame.gsoType &&
        frame.gsoSize === twin.frame.gsoSize &&
        frame.checksumStart === twin.frame.checksumStart &&
        frame.checksumOffset === twin.frame.checksumOffset &&
        Buffer.compare(bytes, twin.bytes) === 0
      );
    });
  if (!same) throw new Finding("what comes out depends on octets around the packet");
}

function isErrorOf(bytes: Uint8Array, { family, protocol, upper, isFragment }: Outline): boolean {
  if (isFragment || protocol !== (family === 4 ? 1 : 58) || upper + 8 > bytes.length) return false;
  const type = u8(bytes, upper);
  return family === 4 ? [3, 4, 5, 11, 12].includes(type) : type < 128;
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.subarray(0, 200)).toString("hex");
}
