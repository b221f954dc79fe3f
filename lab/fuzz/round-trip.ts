// There and back again: a packet that is translated and translated back must be the one that was sent, but for what the
// RFC says changes (RFC 7915 §4, §5).

import { put16, u8, u16 } from "../../src/net/octets.js";
import { type Frame, HEADROOM, newFrame } from "../../src/xlat/frame.js";
import { createTranslator, type Translator } from "../../src/xlat/translator.js";
import type { World } from "./worlds.js";

interface Out {
  readonly family: 4 | 6;
  readonly bytes: Uint8Array;
}

const ROOM = 66_000;

/** The way back leads over links that take everything, so that what was put together does not fall apart again. */
export class RoundTrip {
  readonly #there: Translator;
  readonly #back: Translator;
  readonly #frame: Frame = newFrame(ROOM);

  constructor({ spec }: World) {
    this.#there = createTranslator(spec);
    const { inside: _, ...open } = spec;
    this.#back = createTranslator({ ...open, mtuV4: 65_535, mtuV6: 65_575, lowestIpv6Mtu: 65_535, hairpinning: false });
  }

  /** What is wrong with what came back; undefined: nothing, or the packet was refused on its way. */
  problem(family: 4 | 6, sent: Uint8Array): string | undefined {
    const there = this.#pass(this.#there, family, sent);
    if (there.length === 0 || there.some((out) => out.family === family)) return undefined;
    const back = there.flatMap((out) => this.#pass(this.#back, out.family, out.bytes));
    if (back.some((out) => out.family !== family)) return "it did not come back";
    return family === 4 ? problem4(sent, back, there.length) : problem6(sent, back);
  }

  #pass(translator: Translator, family: 4 | 6, packet: Uint8Array): Out[] {
    const frame = this.#frame;
    frame.bytes.set(packet, HEADROOM);
    frame.start = HEADROOM;
    frame.end = HEADROOM + packet.length;
    frame.gsoType = 0;
    frame.gsoSize = 0;
    frame.checksumStart = -1;
    const out: Out[] = [];
    const outlet = {
      emit(emitted: Frame, to: 4 | 6): void {
        out.push({ family: to, bytes: emitted.bytes.slice(emitted.start, emitted.end) });
      },
    };
    if (family === 4) translator.v4ToV6(frame, outlet);
    else translator.v6ToV4(frame, outlet);
    return out;
  }
}

function problem4(sent: Uint8Array, back: readonly Out[], parts: number): string | undefined {
  const header = (u8(sent, 0) & 15) * 4;
  const payload = sent.subarray(header, u16(sent, 2));
  const isFragment = (u16(sent, 6) & 0x3fff) !== 0;
  // Fragments of ICMP are put together on their way, and these links take the whole.
  const wanted = u8(sent, 9) === 1 ? 1 : parts;
  if (back.length !== wanted) return `${back.length} packets of ${wanted} came back`;
  const pieces = new Pieces(payload.length, (u16(sent, 6) & 0x1fff) * 8, (u16(sent, 6) & 0x2000) !== 0);
  for (const { bytes } of back) {
    pieces.put(bytes.subarray(20), (u16(bytes, 6) & 0x1fff) * 8, (u16(bytes, 6) & 0x2000) !== 0);
    if (u8(bytes, 1) !== u8(sent, 1)) return "TOS";
    if (u8(bytes, 8) !== u8(sent, 8) - 2) return "TTL";
    if (u8(bytes, 9) !== u8(sent, 9)) return "protocol";
    for (let at = 12; at < 20; at++) if (bytes[at] !== sent[at]) return "addresses";
    if ((isFragment || parts > 1) && u16(bytes, 4) !== u16(sent, 4)) return "identification";
    const dontFragment = (u16(bytes, 6) & 0x4000) !== 0;
    if (dontFragment !== (!isFragment && parts === 1 && bytes.length > 1260)) return "DF";
  }
  return pieces.problem() ?? payloadProblem(u8(sent, 9), pieces.base === 0, payload, pieces.whole);
}

function problem6(sent: Uint8Array, back: readonly Out[]): string | undefined {
  const chain = skipExtensions(sent);
  const payload = sent.subarray(chain.upper);
  const pieces = new Pieces(payload.length, chain.offset, chain.more);
  for (const { bytes } of back) {
    const isPart = u8(bytes, 6) === 44;
    const field = isPart ? u16(bytes, 42) : 0;
    pieces.put(bytes.subarray(isPart ? 48 : 40), field & 0xfff8, (field & 1) !== 0);
    if (((u16(bytes, 0) >> 4) & 0xff) !== ((u16(sent, 0) >> 4) & 0xff)) return "traffic class";
    if (u8(bytes, 7) !== u8(sent, 7) - 2) return "hop limit";
    if (u8(bytes, isPart ? 40 : 6) !== chain.protocol) return "next header";
    for (let at = 8; at < 40; at++) if (bytes[at] !== sent[at]) return "addresses";
    if (chain.identification >= 0 && isPart && u16(bytes, 46) !== chain.identification) return "identification";
  }
  return pieces.problem() ?? payloadProblem(chain.protocol, chain.offset === 0, payload, pieces.whole);
}

/** The pieces of a payload, which may be a part of a larger one itself. */
class Pieces {
  readonly whole: Uint8Array;
  readonly base: number;
  readonly #more: boolean;
  #octets = 0;
  #ends = 0;
  #last = false;

  constructor(length: number, base: number, more: boolean) {
    this.whole = new Uint8Array(length);
    this.base = base;
    this.#more = more;
  }

  put(piece: Uint8Array, offset: number, more: boolean): void {
    const at = offset - this.base;
    this.#octets += piece.length;
    if (at < 0 || at + piece.length > this.whole.length) return;
    this.whole.set(piece, at);
    if (at + piece.length === this.whole.length) this.#last = more === this.#more;
    else if (!more) this.#ends++;
  }

  problem(): string | undefined {
    if (this.#octets !== this.whole.length) return `${this.#octets} octets of ${this.whole.length} came back`;
    return this.#last && this.#ends === 0 ? undefined : "the flag of more fragments";
  }
}

/** The packet is sound: its chain is whole. */
function skipExtensions(packet: Uint8Array): {
  readonly upper: number;
  readonly protocol: number;
  readonly offset: number;
  readonly more: boolean;
  /** The low 16 bits; -1 where there is no Fragment Header. */
  readonly identification: number;
} {
  let protocol = u8(packet, 6);
  let upper = 40;
  let field = 0;
  let identification = -1;
  while (protocol === 0 || protocol === 43 || protocol === 60 || protocol === 44) {
    const length = protocol === 44 ? 8 : (u8(packet, upper + 1) + 1) * 8;
    if (protocol === 44) {
      field = u16(packet, upper + 2);
      identification = u16(packet, upper + 6);
    }
    protocol = u8(packet, upper);
    upper += length;
  }
  return { upper, protocol, offset: field & 0xfff8, more: (field & 1) !== 0, identification };
}

/** Octet by octet, but a UDP packet without a checksum has got one on its way. */
function payloadProblem(protocol: number, isFirst: boolean, sent: Uint8Array, back: Uint8Array): string | undefined {
  if (sent.length !== back.length) return `a payload of ${back.length} octets, not ${sent.length}`;
  if (isFirst && protocol === 17 && u16(sent, 6) === 0) {
    if (u16(back, 6) === 0) return "no UDP checksum";
    put16(back, 6, 0);
  }
  for (let at = 0; at < sent.length; at++) if (sent[at] !== back[at]) return `octet ${at} of the payload`;
  return undefined;
}
