// `clatd translate --pcap IN OUT`, without the files: frames of a capture in, blocks of a pcapng capture out. What comes out
// of the translator has the direction "out"; a packet that is dropped stands there as it came, with the direction "in".
// Each has a comment that says what was done. There is one interface only: libpcap 1.10 refuses several of raw IP.

import { encodeBlock, type InterfaceBlock, type PacketBlock } from "../../wire/pcapng.js";
import { ipPacketOf, LINKTYPE_RAW } from "../../wire/pcapng-link.js";
import type { CapturedFrame } from "../../wire/pcapng-reader.js";
import { HEADROOM } from "../../xlat/frame.js";
import { type Reason, reasons } from "../../xlat/reasons.js";
import type { TranslationSpec } from "../../xlat/spec.js";
import type { Mappings } from "../explain/mappings.js";
import { dropComment, type Output, outputComment } from "./capture-comment.js";
import { LARGEST_PACKET, PacketRunner } from "./packet-runner.js";

/** Times are nanoseconds, whatever they were. */
const NANOSECONDS = 9;

export interface CaptureTally {
  /** IP packets in the input. */
  packets: number;
  /** Of those, that were translated. */
  translated: number;
  /** Packets that came out as their translation. */
  outputs: number;
  answers: number;
  /** By reason. */
  readonly drops: Map<string, number>;
  /** Frames without an IP packet, by what they hold. */
  readonly leftOut: Map<string, number>;
  /** Of those, the ones of a link type that nobody here can read. */
  unreadable: number;
}

export class CaptureTranslation {
  readonly tally: CaptureTally = {
    packets: 0,
    translated: 0,
    outputs: 0,
    answers: 0,
    drops: new Map(),
    leftOut: new Map(),
    unreadable: 0,
  };
  readonly #spec: TranslationSpec;
  readonly #mappings: Mappings;
  readonly #runner: PacketRunner;
  #outputs: Output[] = [];

  /** Throws a SpecError. */
  constructor(spec: TranslationSpec, mappings: Mappings, seed: number) {
    this.#spec = spec;
    this.#mappings = mappings;
    this.#runner = new PacketRunner(spec, seed, {
      emit: ({ bytes, start, end }, family) => this.#outputs.push({ family, octets: bytes.slice(start, end) }),
    });
  }

  /** The blocks for one frame of the input: none where it holds no IP packet. */
  translate(frame: CapturedFrame): Uint8Array[] {
    const packet = ipPacketOf(frame.linkType, frame.octets);
    if (!packet.ok || packet.octets.length > LARGEST_PACKET) {
      count(this.tally.leftOut, packet.ok ? "it is longer than any packet" : packet.problem);
      if (!packet.ok && !packet.readable) this.tally.unreadable++;
      return [];
    }
    this.#outputs = [];
    this.#runner.bytes.set(packet.octets, HEADROOM);
    const reason: Reason | undefined = reasons[this.#runner.run(packet.family, packet.octets.length)];
    this.#count(packet, reason);
    const outputs = this.#outputs;
    const blocks = outputs.map((output, index) => {
      const comment = outputComment(frame, packet, outputs, index, reason, this.#spec, this.#mappings);
      return block(frame, "out", output.octets, comment);
    });
    if (reason !== undefined) {
      blocks.push(block(frame, "in", packet.octets, dropComment(frame, packet, reason), frame.originalLength));
    }
    return blocks;
  }

  #count(input: Output, reason: Reason | undefined): void {
    const { tally } = this;
    const translated = this.#outputs.filter(({ family }) => family !== input.family).length;
    tally.packets++;
    tally.outputs += translated;
    tally.answers += this.#outputs.length - translated;
    if (reason !== undefined) count(tally.drops, reason.name);
    else if (translated > 0) tally.translated++;
  }
}

/** What stands at the beginning of the output. */
export function captureHeader(application: string): Uint8Array[] {
  const raw: InterfaceBlock = {
    kind: "interface",
    linkType: LINKTYPE_RAW,
    snapLength: 0,
    resolution: NANOSECONDS,
    offset: 0n,
    name: "translator",
  };
  return [encodeBlock({ kind: "section", littleEndian: true, application }), encodeBlock(raw)];
}

function block(
  frame: CapturedFrame,
  direction: PacketBlock["direction"],
  octets: Uint8Array,
  comment: string,
  originalLength = octets.length,
): Uint8Array {
  return encodeBlock({
    kind: "packet",
    interface: 0,
    timestamp: BigInt.asUintN(64, frame.time),
    octets,
    originalLength: Math.max(originalLength, octets.length),
    comments: [comment],
    direction,
  });
}

function count(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

/** The whole in one sentence, without its full stop. */
export function tallyText({ packets, translated, outputs, answers, drops, leftOut }: CaptureTally): string {
  const parts = [`${packets} ${packets === 1 ? "packet" : "packets"} read`];
  parts.push(`${translated} translated${outputs === translated ? "" : ` to ${outputs}`}`);
  if (drops.size > 0) parts.push(`dropped: ${list(drops)}`);
  if (answers > 0) parts.push(`${answers} ${answers === 1 ? "answer" : "answers"} sent back`);
  const left = [...leftOut].map(([problem, number]) => `${number} (${problem})`);
  if (left.length > 0) parts.push(`left out: ${left.join(", ")}`);
  return parts.join("; ");
}

function list(counts: ReadonlyMap<string, number>): string {
  return [...counts].map(([name, number]) => `${number} ${name}`).join(", ");
}
