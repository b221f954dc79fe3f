// The other side: a small stateful NAT64 (RFC 6146) in front of an IPv4 internet with one server that echoes, and the
// DNS64 beside it. Everything can be switched off.

import { formatAddress, parseAddress } from "../net/address.js";
import { embed, extract, type Pref64, parsePref64 } from "../net/rfc6052.js";
import { type Datagram, decodeDatagram, encodeDatagram } from "./datagram.js";
import type { FarSide } from "./far-side.js";

/** RFC 5737. */
export const serverAddress = "198.51.100.80";
const poolAddress = "203.0.113.1";

/** First port of the pool: the ports below are others' business. */
const firstPort = 1024;

interface Binding {
  readonly protocol: Datagram["protocol"];
  readonly client: string;
  readonly clientPort: number;
  readonly port: number;
}

export class Plat implements FarSide {
  /** Undefined: there is no PLAT, and no DNS64, though DNS answers. */
  pref64: string | undefined;
  /** False: the PLAT and the DNS are silent. */
  up = true;
  readonly #bindings: Binding[] = [];
  readonly #note: (text: string) => void;

  constructor(pref64: string, note: (text: string) => void) {
    this.pref64 = pref64;
    this.#note = note;
  }

  /** Whether a packet to there is the PLAT's. */
  serves(destination: string): boolean {
    const octets = parseAddress(destination);
    const prefix = this.#prefix();
    return this.up && prefix !== undefined && octets?.length === 16 && extract(prefix, octets) !== undefined;
  }

  /** Takes an IPv6 packet; gives the answer's IPv6 packet, where there is one. */
  handle(packet: Uint8Array): Uint8Array | undefined {
    const v6 = decodeDatagram(packet);
    if (v6 === undefined) return undefined;
    const v4 = this.#outward(v6);
    const answer = v4 === undefined ? undefined : answerOf(v4);
    if (v4 !== undefined) this.#note(`${v4.source}:${v4.sourcePort} → ${v4.destination}: ${v4.protocol} ${v4.text}`);
    const back = answer === undefined ? undefined : this.#inward(answer);
    return back === undefined ? undefined : encodeDatagram(back);
  }

  #outward(v6: Datagram): Datagram | undefined {
    const octets = parseAddress(v6.destination);
    const prefix = this.#prefix();
    const v4 = octets === undefined || prefix === undefined ? undefined : extract(prefix, octets);
    if (v4 === undefined || v6.hops <= 1) return undefined;
    const { port } = this.#bind(v6);
    return {
      ...v6,
      family: 4,
      source: poolAddress,
      destination: formatAddress(v4),
      sourcePort: port,
      destinationPort: v6.protocol === "icmp" ? port : v6.destinationPort,
      hops: v6.hops - 1,
    };
  }

  #inward(v4: Datagram): Datagram | undefined {
    const to = this.#bindings.find(({ protocol, port }) => protocol === v4.protocol && port === v4.destinationPort);
    const octets = parseAddress(v4.source);
    const prefix = this.#prefix();
    if (to === undefined || octets === undefined || prefix === undefined) return undefined;
    return {
      ...v4,
      family: 6,
      source: formatAddress(embed(prefix, octets)),
      destination: to.client,
      sourcePort: v4.protocol === "icmp" ? to.clientPort : v4.sourcePort,
      destinationPort: to.clientPort,
      hops: v4.hops - 1,
    };
  }

  #bind({ protocol, source, sourcePort }: Datagram): Binding {
    const known = this.#bindings.find(
      (one) => one.protocol === protocol && one.client === source && one.clientPort === sourcePort,
    );
    if (known !== undefined) return known;
    const binding = { protocol, client: source, clientPort: sourcePort, port: firstPort + this.#bindings.length };
    this.#bindings.push(binding);
    return binding;
  }

  #prefix(): Pref64 | undefined {
    if (this.pref64 === undefined) return undefined;
    const prefix = parsePref64(this.pref64);
    if (prefix === undefined) throw new Error(`Cannot run a PLAT at ${this.pref64}: it is no PREF64 (RFC 6052 §2.2)`);
    return prefix;
  }
}

export function addressesOf(packet: Uint8Array): { readonly source: string; readonly destination: string } {
  const { source, destination } = decodeDatagram(packet) ?? { source: "?", destination: "?" };
  return { source, destination };
}

/** What comes back to a packet of the host's own IPv4, past every PLAT. */
export function nativeAnswer(packet: Uint8Array): Uint8Array | undefined {
  const v4 = decodeDatagram(packet);
  const answer = v4 === undefined ? undefined : answerOf(v4);
  return answer === undefined ? undefined : encodeDatagram(answer);
}

/** The server sends back what it gets, and answers ping. */
function answerOf(v4: Datagram): Datagram | undefined {
  if (v4.destination !== serverAddress || v4.reply === true) return undefined;
  return {
    ...v4,
    source: v4.destination,
    destination: v4.source,
    sourcePort: v4.destinationPort,
    destinationPort: v4.sourcePort,
    hops: 64,
    text: `echo of ${v4.text}`,
    ...(v4.protocol === "icmp" ? { reply: true } : {}),
  };
}
