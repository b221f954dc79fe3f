// The question of RFC 7050 and what an answer to it says. Takes any octets from the network; never throws.

import { AUTHORITATIVE_ANSWER, decode, encode, RECURSION_DESIRED } from "dns-packet";
import { parseIpv6 } from "../net/address.js";

/** RFC 7050 §2.2: the name that has A records only. */
export const wellKnownName = "ipv4only.arpa";

export type DnsAnswer =
  /** AAAA records in the order of the answer, 16 octets each, at least one; `ttl` is the least of theirs, in seconds. */
  | { readonly kind: "addresses"; readonly addresses: readonly Uint8Array[]; readonly ttl: number }
  /** A negative answer; `ttl` in seconds where it says how long it holds (RFC 2308 §5). */
  | { readonly kind: "negative"; readonly code: "NXDOMAIN" | "NODATA"; readonly ttl: number | undefined }
  /** No answer to go by; `problem` continues "SERVER answered …". */
  | { readonly kind: "useless"; readonly problem: string };

/**
 * AAAA of ipv4only.arpa. Checking Disabled stays zero: with it a DNS64 would not synthesise (RFC 7050 §3).
 * @param id 0 to 65535
 */
export function encodeQuestion(id: number): Uint8Array {
  return encode({
    type: "query",
    id,
    flags: RECURSION_DESIRED,
    questions: [{ type: "AAAA", name: wellKnownName, class: "IN" }],
  });
}

/** Reads an answer to the question with this identifier. */
export function decodeAnswer(octets: Uint8Array, id: number): DnsAnswer {
  let packet: ReturnType<typeof decode>;
  try {
    packet = decode(Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength));
  } catch {
    return useless("with something that is no DNS message");
  }
  if (!packet.flag_qr || packet.id !== id) return useless("with something that is no answer to the question");
  const question = packet.questions?.[0];
  // Some servers leave the question out of an error.
  if (question !== undefined && (question.type !== "AAAA" || !isWellKnownName(question.name))) {
    return useless("another question");
  }
  const code = (packet.flags ?? 0) & 0x0f;
  if (code === 3) return { kind: "negative", code: "NXDOMAIN", ttl: negativeTtl(packet) };
  if (code !== 0) return useless(codeNames[code] ?? `code ${code}`);
  return readAddresses(packet);
}

/** RFC 1035 §4.1.1, RFC 2136 §2.2. */
const codeNames: Readonly<Record<number, string>> = {
  1: "FORMERR (it did not understand the question)",
  2: "SERVFAIL (it could not find out)",
  4: "NOTIMP (it does not know such questions)",
  5: "REFUSED (it does not answer this host)",
  9: "NOTAUTH",
};

function readAddresses(packet: ReturnType<typeof decode>): DnsAnswer {
  const addresses: Uint8Array[] = [];
  let ttl = Number.POSITIVE_INFINITY;
  for (const record of packet.answers ?? []) {
    // A CNAME may stand before them, so the owner's name does not matter (RFC 7050 §3: look through all of them).
    if (record.type !== "AAAA" || record.class !== "IN") continue;
    const address = parseIpv6(record.data);
    if (address === undefined) continue;
    addresses.push(address);
    ttl = Math.min(ttl, sane(record.ttl ?? 0));
  }
  if (addresses.length > 0) return { kind: "addresses", addresses, ttl };
  // Without SOA and recursion it is a referral: that server does not recurse, and so knows nothing (RFC 2308 §2.2).
  const soa = negativeTtl(packet);
  const recursed = packet.flag_ra || ((packet.flags ?? 0) & AUTHORITATIVE_ANSWER) !== 0;
  if (soa === undefined && !recursed) return useless("without looking further (it is no recursive server)");
  return { kind: "negative", code: "NODATA", ttl: soa };
}

/** RFC 2308 §5: the lesser of the SOA's own TTL and its minimum. */
function negativeTtl(packet: ReturnType<typeof decode>): number | undefined {
  for (const record of packet.authorities ?? []) {
    if (record.type === "SOA") return Math.min(sane(record.ttl ?? 0), sane(record.data.minimum ?? 0));
  }
  return undefined;
}

/** RFC 2181 §8: a TTL with the top bit set counts as zero. */
function sane(ttl: number): number {
  return ttl > 0x7fffffff ? 0 : ttl;
}

function isWellKnownName(name: string): boolean {
  return name.toLowerCase().replace(/\.$/, "") === wellKnownName;
}

function useless(problem: string): DnsAnswer {
  return { kind: "useless", problem };
}
