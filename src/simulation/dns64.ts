// A DNS64 server (RFC 6147) that knows one name, ipv4only.arpa (RFC 7050), behind the transport that discovery uses.

import { decode, encode, RECURSION_AVAILABLE, RECURSION_DESIRED } from "dns-packet";
import { wellKnownName } from "../discovery/dns-answer.js";
import type { DnsServer, DnsTransport } from "../discovery/dns-transport.js";
import { formatAddress } from "../net/address.js";
import { embed, parsePref64 } from "../net/rfc6052.js";

/** RFC 7050 §2.2. */
const wellKnownAddresses = [Uint8Array.of(192, 0, 0, 170), Uint8Array.of(192, 0, 0, 171)];

export interface Dns64Surroundings {
  /** Whether a packet of the host gets to this address, and an answer back. */
  reach(address: string): Promise<"there" | "silent" | "unreachable">;
  /** What is synthesised at this moment; undefined: there is no DNS64, though DNS works. */
  pref64(): string | undefined;
  /** False: the server is silent. */
  answers(): boolean;
  /** Seconds. */
  readonly ttl: number;
}

export function simulatedDns({ reach, pref64, answers, ttl }: Dns64Surroundings): DnsTransport {
  return {
    async query(server: DnsServer, packet: Uint8Array, signal: AbortSignal): Promise<Uint8Array> {
      const reached = await reach(server.address);
      if (reached === "unreachable") throw new Error(`cannot send to ${server.address}: Network is unreachable`);
      if (reached === "silent" || !answers()) return silence(signal);
      return answerTo(packet, pref64(), ttl);
    },
  };
}

function silence(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const end = (): void => reject(signal.reason);
    if (signal.aborted) end();
    else signal.addEventListener("abort", end, { once: true });
  });
}

function answerTo(packet: Uint8Array, pref64: string | undefined, ttl: number): Uint8Array {
  const question = decode(Buffer.from(packet));
  const prefix = pref64 === undefined ? undefined : parsePref64(pref64);
  const addresses = prefix === undefined ? [] : wellKnownAddresses.map((v4) => formatAddress(embed(prefix, v4)));
  return encode({
    type: "response",
    id: question.id ?? 0,
    flags: RECURSION_DESIRED | RECURSION_AVAILABLE,
    questions: question.questions ?? [],
    answers: addresses.map((data) => ({ type: "AAAA", name: wellKnownName, class: "IN", ttl, data })),
  });
}
