// The text form of `clatd translate`: lines `4 HEX` and `6 HEX` in; for each, what comes out in the same form, and then a
// line `.`, or `. REASON` where it was dropped. Works on octets from chunk to chunk: no text and nothing else is made per
// line, since a fuzzer sends hundreds of thousands of them a second.

import { type Frame, HEADROOM } from "../../xlat/frame.js";
import { reasons } from "../../xlat/reasons.js";
import type { TranslationSpec } from "../../xlat/spec.js";
import { LARGEST_PACKET, PacketRunner } from "./packet-runner.js";

/** What stands in the place of a reason where a line is no packet. */
export const BAD_INPUT = "bad-input";

const NEWLINE = 0x0a;
const SPACE = 0x20;
const TAB = 0x09;
const RETURN = 0x0d;
const DOT = 0x2e;
const FOUR = 0x34;
const SIX = 0x36;

/** The longest line that can be a packet, with some spaces: what is longer is not even kept. */
const LONGEST_LINE = 2 * LARGEST_PACKET + 64;

const ascii = new TextEncoder();
const endings = reasons.map(({ name }) => ascii.encode(`. ${name}\n`));
const badEnding = ascii.encode(`. ${BAD_INPUT}\n`);
const digits = ascii.encode("0123456789abcdef");

/** By the code of a character: the digit's value, or -1. A small table of octets: measured twice as quick as one of words. */
const values = Int8Array.from({ length: 256 }, (_, code) => {
  const value = Number.parseInt(String.fromCharCode(code), 16);
  return Number.isNaN(value) ? -1 : value;
});

export interface HexLinesOptions {
  readonly seed: number;
  /** Called for each line that is no packet, with its number and why it is none. */
  readonly onBadLine: (line: number, problem: string) => void;
}

export class HexLines {
  readonly #runner: PacketRunner;
  readonly #onBadLine: HexLinesOptions["onBadLine"];
  /** The beginning of a line whose end has not come yet. */
  readonly #begun = new Uint8Array(LONGEST_LINE);
  #begunLength = 0;
  /** The line is longer than any packet; the rest of it is passed over. */
  #tooLong = false;
  #line = 0;
  #out = new Uint8Array(1 << 17);
  #outLength = 0;

  /** Throws a SpecError. */
  constructor(spec: TranslationSpec, { seed, onBadLine }: HexLinesOptions) {
    this.#onBadLine = onBadLine;
    this.#runner = new PacketRunner(spec, seed, { emit: (frame, family) => this.#put(frame, family) });
  }

  /** The output for all lines that end in `chunk`: a fresh array. */
  push(chunk: Uint8Array): Uint8Array {
    let from = 0;
    for (;;) {
      const to = chunk.indexOf(NEWLINE, from);
      if (to < 0) break;
      if (this.#begunLength === 0 && !this.#tooLong) this.#translate(chunk, from, to);
      else {
        this.#begin(chunk, from, to);
        this.#finish();
      }
      from = to + 1;
    }
    if (from < chunk.length) this.#begin(chunk, from, chunk.length);
    return this.#take();
  }

  /** The output for a last line without its end. */
  end(): Uint8Array {
    if (this.#begunLength > 0 || this.#tooLong) this.#finish();
    return this.#take();
  }

  #begin(chunk: Uint8Array, from: number, to: number): void {
    if (this.#begunLength + to - from > LONGEST_LINE) this.#tooLong = true;
    if (this.#tooLong) return;
    this.#begun.set(chunk.subarray(from, to), this.#begunLength);
    this.#begunLength += to - from;
  }

  #finish(): void {
    const length = this.#begunLength;
    const tooLong = this.#tooLong;
    this.#begunLength = 0;
    this.#tooLong = false;
    if (tooLong) {
      this.#line++;
      this.#refuse("it is longer than any packet");
    } else this.#translate(this.#begun, 0, length);
  }

  /** The line source[from, to). */
  #translate(source: Uint8Array, from: number, to: number): void {
    this.#line++;
    let begin = from;
    let end = to;
    while (begin < end && isSpace(source[begin])) begin++;
    while (end > begin && isSpace(source[end - 1])) end--;
    const family = source[begin];
    if ((family !== FOUR && family !== SIX) || (begin + 1 < end && !isSpace(source[begin + 1]))) {
      this.#refuse(begin === end ? "it is empty" : "it begins neither with `4 ` nor with `6 `");
      return;
    }
    begin++;
    while (begin < end && isSpace(source[begin])) begin++;
    const length = (end - begin) >> 1;
    if (length > LARGEST_PACKET) {
      this.#refuse("it is longer than any packet");
      return;
    }
    const bytes = this.#runner.bytes;
    let wrong = 0;
    for (let index = 0, at = begin; index < length; index++, at += 2) {
      // What is no digit makes it negative, whichever of the two it is.
      const octet = ((values[source[at] as number] as number) << 4) | (values[source[at + 1] as number] as number);
      wrong |= octet;
      bytes[HEADROOM + index] = octet;
    }
    if (wrong < 0) {
      this.#refuse("it has a character that is no hexadecimal digit");
      return;
    }
    if (((end - begin) & 1) !== 0) {
      this.#refuse("it has an odd number of hexadecimal digits");
      return;
    }
    const reason = this.#runner.run(family === FOUR ? 4 : 6, length);
    this.#room(64);
    if (reason >= 0) this.#append(endings[reason] as Uint8Array);
    else {
      this.#out[this.#outLength++] = DOT;
      this.#out[this.#outLength++] = NEWLINE;
    }
  }

  #refuse(problem: string): void {
    this.#room(64);
    this.#append(badEnding);
    this.#onBadLine(this.#line, problem);
  }

  /** A packet that came out, as a line. */
  #put(frame: Frame, family: 4 | 6): void {
    const { bytes, start, end } = frame;
    this.#room(2 * (end - start) + 3);
    const out = this.#out;
    let at = this.#outLength;
    out[at++] = family === 4 ? FOUR : SIX;
    out[at++] = SPACE;
    for (let index = start; index < end; index++) {
      const octet = bytes[index] as number;
      out[at++] = digits[octet >> 4] as number;
      out[at++] = digits[octet & 15] as number;
    }
    out[at++] = NEWLINE;
    this.#outLength = at;
  }

  #append(text: Uint8Array): void {
    this.#out.set(text, this.#outLength);
    this.#outLength += text.length;
  }

  #room(octets: number): void {
    const needed = this.#outLength + octets;
    if (needed <= this.#out.length) return;
    const larger = new Uint8Array(Math.max(needed, 2 * this.#out.length));
    larger.set(this.#out.subarray(0, this.#outLength));
    this.#out = larger;
  }

  #take(): Uint8Array {
    const taken = this.#out.slice(0, this.#outLength);
    this.#outLength = 0;
    return taken;
  }
}

function isSpace(code: number | undefined): boolean {
  return code === SPACE || code === TAB || code === RETURN;
}
