// encodeQuestion() and decodeAnswer(): what is asked, what answers mean, and that no octets break it.

import { decode, encode } from "dns-packet";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeAnswer, encodeQuestion } from "../../../src/discovery/dns-answer.js";
import { formatIpv6 } from "../../../src/net/address.js";
import { aaaa, negative, rcode } from "./world.js";

const id = 0xc1a7;
const query = Buffer.from(encodeQuestion(id));
const answerOf = (behaviour: ReturnType<typeof aaaa>): Uint8Array => {
  const answer = behaviour(query);
  if (!(answer instanceof Uint8Array)) throw new Error("no answer");
  return answer;
};

describe("encodeQuestion()", () => {
  it("asks for AAAA of ipv4only.arpa, recursion desired, checking not disabled (RFC 7050 §3)", () => {
    const packet = decode(query);
    expect(packet).toMatchObject({ id, type: "query", flag_rd: true, flag_cd: false, flag_ad: false });
    expect(packet.questions).toEqual([{ type: "AAAA", name: "ipv4only.arpa", class: "IN" }]);
    expect(packet.additionals).toEqual([]);
    expect(query).toHaveLength(31);
  });
});

describe("decodeAnswer()", () => {
  it("gives the addresses in their order, and the least TTL", () => {
    const octets = encode({
      type: "response",
      id,
      flags: 0x0180,
      questions: [{ type: "AAAA", name: "IPv4Only.ARPA", class: "IN" }],
      answers: [
        { type: "CNAME", name: "ipv4only.arpa", ttl: 1, class: "IN", data: "other.example" },
        { type: "AAAA", name: "other.example", ttl: 600, class: "IN", data: "64:ff9b::c000:aa" },
        { type: "AAAA", name: "other.example", ttl: 60, class: "IN", data: "2001:db8::c000:ab" },
      ],
    });
    const answer = decodeAnswer(octets, id);
    if (answer.kind !== "addresses") throw new Error(answer.kind);
    expect(answer.addresses.map((address) => formatIpv6(address))).toEqual(["64:ff9b::c000:aa", "2001:db8::c000:ab"]);
    expect(answer.ttl).toBe(60);
  });

  it("takes a TTL with the top bit set as zero (RFC 2181 §8)", () => {
    expect(decodeAnswer(answerOf(aaaa(["2001:db8::1"], 0x80000000)), id)).toMatchObject({ kind: "addresses", ttl: 0 });
  });

  it.each([
    ["NODATA with SOA: the lesser of its TTL and minimum (RFC 2308 §5)", negative("NODATA", 60), "NODATA", 60],
    ["NXDOMAIN with SOA", negative("NXDOMAIN", 900), "NXDOMAIN", 900],
    ["NODATA without SOA", negative("NODATA"), "NODATA", undefined],
    ["NXDOMAIN without SOA", negative("NXDOMAIN"), "NXDOMAIN", undefined],
  ] as const)("%s", (_name, behaviour, code, ttl) => {
    expect(decodeAnswer(answerOf(behaviour), id)).toEqual({ kind: "negative", code, ttl });
  });

  it.each([
    ["SERVFAIL", answerOf(rcode(2)), "SERVFAIL (it could not find out)"],
    ["REFUSED", answerOf(rcode(5)), "REFUSED (it does not answer this host)"],
    ["an unknown code", answerOf(rcode(13)), "code 13"],
    ["nothing", new Uint8Array(0), "with something that is no DNS message"],
    ["a header cut short", query.subarray(0, 11), "with something that is no DNS message"],
    ["the query itself", query, "with something that is no answer to the question"],
    [
      "another identifier",
      encode({ type: "response", id: 1, flags: 0x0180 }),
      "with something that is no answer to the question",
    ],
    [
      "an answer to another question",
      encode({ type: "response", id, flags: 0x0180, questions: [{ type: "A", name: "ipv4only.arpa" }] }),
      "another question",
    ],
    [
      "a referral",
      encode({ type: "response", id, questions: [{ type: "AAAA", name: "ipv4only.arpa" }] }),
      "without looking further (it is no recursive server)",
    ],
  ])("%s is useless", (_name, octets, problem) => {
    expect(decodeAnswer(octets, id)).toEqual({ kind: "useless", problem });
  });

  it("passes over AAAA records of another class", () => {
    const octets = encode({
      type: "response",
      id,
      flags: 0x0180,
      answers: [{ type: "AAAA", name: "ipv4only.arpa", ttl: 1, class: "CH", data: "2001:db8::c000:aa" }],
    });
    expect(decodeAnswer(octets, id)).toMatchObject({ kind: "negative", code: "NODATA" });
  });

  it("survives a name that points to itself", () => {
    const octets = Buffer.from(encode({ type: "response", id, flags: 0x0180 }));
    octets.writeUInt16BE(1, 6);
    const loop = Buffer.concat([octets, Buffer.of(0xc0, 12, 0, 28, 0, 1, 0, 0, 0, 0, 0, 16), Buffer.alloc(16)]);
    expect(decodeAnswer(loop, id).kind).toBe("useless");
  });

  it("never throws, whatever the network sends", () => {
    const random = fc.uint8Array({ maxLength: 200 });
    const good = answerOf(aaaa(["64:ff9b::c000:aa", "2001:db8::c000:ab"]));
    const soa = answerOf(negative("NODATA", 60));
    const changed = fc
      .tuple(fc.constantFrom(good, soa), fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 6 }), fc.nat())
      .map(([packet, changes, end]) => {
        const octets = Uint8Array.from(packet);
        for (const [at, value] of changes) octets[at % octets.length] = value;
        return octets.subarray(0, end % 3 === 0 ? end % octets.length : octets.length);
      });
    fc.assert(
      fc.property(fc.oneof(random, changed), (octets) => {
        const answer = decodeAnswer(octets, id);
        if (answer.kind === "addresses") {
          expect(answer.addresses.length).toBeGreaterThan(0);
          expect(answer.addresses.every((address) => address.length === 16)).toBe(true);
          expect(answer.ttl).toBeGreaterThanOrEqual(0);
        }
      }),
      { numRuns: 20_000 },
    );
  });
});
