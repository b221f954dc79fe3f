// What the builtin DNS64 says to a question (RFC 6147 §5.1). Pure.

import type { Answer, DecodedPacket, Packet } from "dns-packet";
import { formatIpv6, parseIpv4 } from "../../src/net/address.js";
import { embed, parsePref64 } from "../../src/net/rfc6052.js";
import type { Dns64Configuration } from "../kinds/dns64.js";

/** Flag bits of RFC 1035 §4.1.1. */
const AUTHORITATIVE = 0x0400;
const RECURSION_DESIRED = 0x0100;
const RECURSION_AVAILABLE = 0x0080;
const NXDOMAIN = 3;
const NOTIMP = 4;
const TTL = 60;

export function answersFor(query: DecodedPacket, configuration: Dns64Configuration): Packet {
  const [question] = query.questions ?? [];
  const flags = AUTHORITATIVE | RECURSION_AVAILABLE | ((query.flags ?? 0) & RECURSION_DESIRED);
  const reply = (rcode: number, answers: Answer[]): Packet => ({
    type: "response",
    id: query.id ?? 0,
    flags: flags | rcode,
    questions: question === undefined ? [] : [question],
    answers,
    // No records: how long that holds (RFC 2308 §3).
    authorities: answers.length > 0 || question === undefined ? [] : [{ type: "SOA", name: ".", ttl: 1, data: soa }],
  });
  if (question === undefined || (query.flags ?? 0) & 0x7800) return reply(NOTIMP, []);
  // Names are compared without case but answered as they were asked (RFC 1035 §2.3.3).
  const wanted = question.name.toLowerCase();
  const addresses = configuration.zone[wanted];
  if (addresses === undefined) return reply(hasBelow(configuration, wanted) ? 0 : NXDOMAIN, []);
  const record =
    (type: "A" | "AAAA") =>
    (data: string): Answer => ({ type, name: question.name, ttl: TTL, class: "IN", data });
  const v4 = addresses.filter((address) => !address.includes(":"));
  const v6 = addresses.filter((address) => address.includes(":"));
  if (question.type === "A") return reply(0, v4.map(record("A")));
  if (question.type !== "AAAA") return reply(0, []);
  // Only where there is no AAAA record of its own (RFC 6147 §5.1.6).
  return reply(0, (v6.length > 0 ? v6 : synthesise(v4, configuration.pref64)).map(record("AAAA")));
}

const soa = {
  mname: "ns.invalid",
  rname: "hostmaster.invalid",
  serial: 1,
  refresh: 3600,
  retry: 600,
  expire: 86400,
  minimum: 1,
};

function synthesise(addresses: readonly string[], pref64: string): string[] {
  const prefix = parsePref64(pref64);
  if (prefix === undefined) return [];
  return addresses.flatMap((address) => {
    const octets = parseIpv4(address);
    return octets === undefined ? [] : [formatIpv6(embed(prefix, octets))];
  });
}

/** A name without records of its own but with names below exists (RFC 8020 §2). */
const hasBelow = (configuration: Dns64Configuration, name: string): boolean =>
  Object.keys(configuration.zone).some((other) => other.endsWith(`.${name}`));
