// One packet after the other through a translator of its own, with the reason told for each that is dropped.

import { COUNT_DROPS, COUNT_V4_TO_V6, COUNT_V6_TO_V4, COUNTERS_LENGTH } from "../../xlat/counters.js";
import { type Frame, HEADROOM, newFrame, type Outlet } from "../../xlat/frame.js";
import { reasons } from "../../xlat/reasons.js";
import type { TranslationSpec } from "../../xlat/spec.js";
import { createTranslator, type Translator } from "../../xlat/translator.js";

/** Octets: an IPv6 header and the largest payload length. */
export const LARGEST_PACKET = 40 + 65535;

/** A fragment that is put together again needs room for what the fragments before it brought. */
export class PacketRunner {
  readonly #translator: Translator;
  readonly #counters = new Float64Array(COUNTERS_LENGTH);
  readonly #frame: Frame = newFrame(LARGEST_PACKET);
  readonly #outlet: Outlet;

  /** Throws a SpecError. */
  constructor(spec: TranslationSpec, seed: number, outlet: Outlet) {
    this.#translator = createTranslator(spec, { counters: this.#counters, seed });
    this.#outlet = outlet;
  }

  /** Where a packet is to be written, from offset HEADROOM on: at most LARGEST_PACKET octets. */
  get bytes(): Uint8Array {
    return this.#frame.bytes;
  }

  /** Translates the `length` octets at HEADROOM. Gives the index of the reason why they were dropped, or -1. */
  run(family: 4 | 6, length: number): number {
    const frame = this.#frame;
    frame.start = HEADROOM;
    frame.end = HEADROOM + length;
    frame.gsoType = 0;
    frame.gsoSize = 0;
    frame.checksumStart = -1;
    frame.checksumOffset = 0;
    if (family === 4) this.#translator.v4ToV6(frame, this.#outlet);
    else this.#translator.v6ToV4(frame, this.#outlet);
    // Both directions: a packet that turns around in the translator is dropped on its way back.
    const first = this.#takeDrop(family === 4 ? COUNT_V4_TO_V6 : COUNT_V6_TO_V4);
    const second = this.#takeDrop(family === 4 ? COUNT_V6_TO_V4 : COUNT_V4_TO_V6);
    return first < 0 ? second : first;
  }

  #takeDrop(from: number): number {
    const counters = this.#counters;
    let found = -1;
    for (let reason = 0; reason < reasons.length; reason++) {
      const at = from + COUNT_DROPS + reason;
      if (counters[at] === 0) continue;
      counters[at] = 0;
      found = reason;
    }
    return found;
  }
}
