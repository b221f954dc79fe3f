// The builtin DNS64 (RFC 6147), over the octets of its questions and answers.

import * as dns from "dns-packet";
import { describe, expect, it } from "vitest";
import { answersFor } from "../../../../lab/services/dns64-answers.js";

const configuration = {
  pref64: "2001:db8:64::/96",
  zone: {
    "ipv4only.arpa": ["192.0.0.170", "192.0.0.171"],
    "v4.example.com": ["198.51.100.2"],
    "dual.example.com": ["198.51.100.3", "2001:db8::3"],
    "v6.example.com": ["2001:db8::6"],
  },
};

function ask(
  name: string,
  type: dns.RecordType,
  flags = 0x0100,
): { rcode: string; answers: string[]; flags: number; soa: boolean } {
  const query = dns.decode(dns.encode({ type: "query", id: 4711, flags, questions: [{ name, type }] }));
  const reply = dns.decode(dns.encode(answersFor(query, configuration)));
  expect(reply.id).toBe(4711);
  expect(reply.questions?.[0]?.name).toBe(name);
  const answers = (reply.answers ?? []).map((answer) => ("data" in answer ? String(answer.data) : answer.type));
  return {
    rcode: (reply as unknown as { rcode: string }).rcode,
    answers,
    flags: reply.flags ?? 0,
    soa: reply.authorities?.[0]?.type === "SOA",
  };
}

describe("answersFor()", () => {
  it.each<[string, dns.RecordType, string[], string]>([
    ["ipv4only.arpa", "AAAA", ["2001:db8:64::c000:aa", "2001:db8:64::c000:ab"], "RFC 7050 §3"],
    ["ipv4only.arpa", "A", ["192.0.0.170", "192.0.0.171"], "RFC 7050 §2.2"],
    ["v4.example.com", "AAAA", ["2001:db8:64::c633:6402"], "RFC 6147 §5.1.6"],
    ["V4.Example.COM", "AAAA", ["2001:db8:64::c633:6402"], "case does not count, RFC 1035 §2.3.3"],
    ["dual.example.com", "AAAA", ["2001:db8::3"], "a AAAA record of its own, RFC 6147 §5.1.1"],
    ["v6.example.com", "A", [], "no such record"],
    ["v4.example.com", "TXT", [], "no such type"],
    ["example.com", "AAAA", [], "only names below it, RFC 8020 §2"],
  ])("%s %s: %j (%s)", (name, type, answers) => {
    const reply = ask(name, type);
    expect(reply).toMatchObject({ rcode: "NOERROR", answers });
    // How long it holds that there is nothing (RFC 2308 §3).
    expect(reply.soa).toBe(answers.length === 0);
  });

  it("knows no other names", () => {
    expect(ask("nowhere.example.com", "AAAA")).toMatchObject({ rcode: "NXDOMAIN", answers: [], soa: true });
  });

  it("repeats the wish for recursion, and offers it", () => {
    expect(ask("v4.example.com", "A", 0x0100).flags & 0x0180).toBe(0x0180);
    expect(ask("v4.example.com", "A", 0).flags & 0x0180).toBe(0x0080);
  });

  it("refuses other operations than questions", () => {
    expect(ask("v4.example.com", "A", 0x2800).rcode).toBe("NOTIMP");
  });
});
