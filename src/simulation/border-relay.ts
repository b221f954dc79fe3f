// The other side of an Edge Relay: a Border Relay (RFC 7755), which is our own translator over a table of mappings, in
// front of the IPv4 internet with its one server.

import { parseAddress } from "../net/address.js";
import type { EamText } from "../net/eam.js";
import { extract, parsePref64 } from "../net/rfc6052.js";
import { type Frame, loadFrame, newFrame } from "../xlat/frame.js";
import { createTranslator, type Translator } from "../xlat/translator.js";
import type { FarSide } from "./far-side.js";
import { nativeAnswer } from "./plat.js";

const largestPacket = 65_535;

export class BorderRelay implements FarSide {
  readonly pref64: string;
  readonly #translator: Translator;
  readonly #frame: Frame = newFrame(largestPacket);

  constructor(pref64: string, eams: readonly EamText[]) {
    this.pref64 = pref64;
    this.#translator = createTranslator({
      pref64s: [pref64],
      eams,
      mtuV4: 1480,
      mtuV6: 1500,
      lowestIpv6Mtu: 1280,
      udpZeroChecksum: "compute",
      translatorV4: "203.0.113.254",
      translatorV6: "2001:db8:b0::1",
      icmpSource: "192.0.0.8",
    });
  }

  serves(destination: string): boolean {
    const octets = parseAddress(destination);
    const prefix = parsePref64(this.pref64);
    return prefix !== undefined && octets?.length === 16 && extract(prefix, octets) !== undefined;
  }

  /** From the data centre to the server and back; or turned around here (RFC 7757 §4). */
  handle(packet: Uint8Array): Uint8Array | undefined {
    const out = this.outward(packet);
    if (out === undefined || (out[0] ?? 0) >> 4 === 6) return out;
    const answer = nativeAnswer(out);
    return answer === undefined ? undefined : this.inward(answer);
  }

  /** An IPv4 packet from the internet, as it enters the data centre. */
  inward(packet: Uint8Array): Uint8Array | undefined {
    return this.#pass(packet, (frame, outlet) => this.#translator.v4ToV6(frame, outlet));
  }

  /** An IPv6 packet of the data centre, as it leaves to the internet. */
  outward(packet: Uint8Array): Uint8Array | undefined {
    return this.#pass(packet, (frame, outlet) => this.#translator.v6ToV4(frame, outlet));
  }

  #pass(
    packet: Uint8Array,
    translate: (frame: Frame, outlet: { emit(frame: Frame): void }) => void,
  ): Uint8Array | undefined {
    let out: Uint8Array | undefined;
    loadFrame(this.#frame, packet);
    translate(this.#frame, {
      emit: (frame) => {
        out = frame.bytes.slice(frame.start, frame.end);
      },
    });
    return out;
  }
}
