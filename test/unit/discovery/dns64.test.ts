// Dns64Source: when it asks whom, what it reports, and in which words. On a clock that moves only when told.

import { describe, expect, it } from "vitest";
import { Dns64Source } from "../../../src/discovery/dns64.js";
import type { DnsServerList, DnsServerSource } from "../../../src/discovery/resolv-conf.js";
import type { Pref64Report } from "../../../src/discovery/source.js";
import { aaaa, countingRandom, negative, rcode, TestClock, TestDns } from "./world.js";

const one = "2001:db8::53";
const two = "2001:db8::54";
const wellKnown = aaaa(["64:ff9b::c000:aa", "64:ff9b::c000:ab"]);
const hour = 3600_000;

function start(list: DnsServerList | DnsServerSource) {
  const clock = new TestClock();
  const dns = new TestDns();
  const servers: DnsServerSource = typeof list === "function" ? list : async () => list;
  const source = new Dns64Source({ servers, transport: dns, clock, random: countingRandom() });
  const controller = new AbortController();
  const reports: Pref64Report[] = [];
  const done = (async () => {
    for await (const report of source.watch(controller.signal)) reports.push(report);
  })();
  return { clock, dns, source, reports, done, controller, stop: () => controller.abort() };
}

function list(...addresses: string[]): DnsServerList {
  return { ok: true, servers: addresses.map((address) => ({ address, port: 53 })) };
}

const reasonOf = (report: Pref64Report | undefined): string | undefined =>
  report?.found === false ? report.reason : undefined;

describe("Dns64Source finds", () => {
  it("the prefixes in the order of the answer, each once (RFC 7050 §3)", async () => {
    const { clock, dns, reports } = start(list(one));
    dns.servers.set(one, aaaa(["2001:db8:1::c000:aa", "64:ff9b::c000:aa", "2001:db8:1::c000:ab", "64:ff9b::c000:ab"]));
    await clock.advance(10);
    expect(reports).toMatchObject([{ origin: "dns64", found: true, prefixes: ["2001:db8:1::/96", "64:ff9b::/96"] }]);
  });

  it("a prefix among AAAA records that hold none", async () => {
    const { clock, dns, reports } = start(list(one));
    dns.servers.set(one, aaaa(["2001:db8::1", "64:ff9b::c000:aa"]));
    await clock.advance(10);
    expect(reports).toMatchObject([{ found: true, prefixes: ["64:ff9b::/96"] }]);
  });

  it("no more prefixes than an operator has", async () => {
    const { clock, dns, reports } = start(list(one));
    dns.servers.set(
      one,
      aaaa(Array.from({ length: 100 }, (_, index) => `2001:db8:${(index + 1).toString(16)}::c000:aa`)),
    );
    await clock.advance(10);
    expect(reports[0]?.found === true && reports[0].prefixes.length).toBe(16);
  });

  it("what the second server knows, a quarter of a second after the first stays silent", async () => {
    const { clock, dns, reports } = start(list(one, two));
    dns.servers.set(two, wellKnown);
    await clock.advance(249);
    expect(reports).toEqual([]);
    await clock.advance(2);
    expect(reports).toMatchObject([{ found: true, prefixes: ["64:ff9b::/96"] }]);
    expect(dns.open).toBe(0);
  });

  it("what the second server knows, at once after the first says that it is no DNS64", async () => {
    const { clock, dns, reports } = start(list(one, two));
    dns.servers.set(one, negative("NODATA"));
    dns.servers.set(two, wellKnown);
    await clock.advance(1);
    expect(reports).toMatchObject([{ found: true }]);
  });

  it("does not trouble the second server where the first knows", async () => {
    const { clock, dns } = start(list(one, two));
    dns.servers.set(one, wellKnown);
    dns.servers.set(two, wellKnown);
    await clock.advance(1000);
    expect(dns.asked).toEqual([one]);
  });
});

describe("Dns64Source says why there is none", () => {
  it.each([
    ["silence", () => "silence" as const, "2001:db8::53 did not answer within 1 s"],
    ["NXDOMAIN", negative("NXDOMAIN"), "2001:db8::53 answered NXDOMAIN for ipv4only.arpa: no DNS64 there"],
    [
      "NODATA",
      negative("NODATA"),
      "2001:db8::53 answered that there is no AAAA record for ipv4only.arpa: no DNS64 there",
    ],
    ["SERVFAIL", rcode(2), "2001:db8::53 answered SERVFAIL (it could not find out)"],
    [
      "a captive portal",
      aaaa(["2001:db8::80"]),
      "2001:db8::53 answered 2001:db8::80 for ipv4only.arpa, where no well-known IPv4 address stands: " +
        "no DNS64 there, or a captive portal",
    ],
    [
      "an error of the socket",
      () => new Error("cannot ask 2001:db8::53 over UDP: it refuses"),
      "cannot ask 2001:db8::53 over UDP: it refuses",
    ],
    ["garbage", () => Buffer.of(1, 2, 3), "2001:db8::53 answered with something that is no DNS message"],
  ])("%s", async (_name, behaviour, reason) => {
    const { clock, dns, reports } = start(list(one));
    dns.servers.set(one, behaviour);
    await clock.advance(1001);
    expect(reports).toEqual([{ origin: "dns64", found: false, reason }]);
  });

  it("all servers, in their order, once as long as nothing changes", async () => {
    const { clock, dns, reports } = start(list(one, two));
    dns.servers.set(two, negative("NODATA"));
    await clock.advance(60_000);
    expect(reports.map(reasonOf)).toEqual([
      "2001:db8::53 did not answer within 1 s; " +
        "2001:db8::54 answered that there is no AAAA record for ipv4only.arpa: no DNS64 there",
    ]);
  });

  it("no servers to ask", async () => {
    const { clock, reports } = start({ ok: false, reason: "/etc/resolv.conf names no server" });
    await clock.advance(5000);
    expect(reports).toEqual([{ origin: "dns64", found: false, reason: "/etc/resolv.conf names no server" }]);
  });
});

describe("Dns64Source asks again", () => {
  /** Times at which the server was asked. */
  function watchTimes(clock: TestClock, dns: TestDns, answer: ReturnType<typeof aaaa>): number[] {
    const times: number[] = [];
    dns.servers.set(one, (query) => {
      times.push(clock.now());
      return answer(query);
    });
    return times;
  }

  it("after 0.25, 0.5, then each second, and each 30 s after ten minutes", async () => {
    const { clock, dns } = start(list(one));
    const times = watchTimes(clock, dns, rcode(2));
    await clock.advance(10_000);
    expect(times.slice(0, 6)).toEqual([0, 250, 750, 1750, 2750, 3750]);
    await clock.advance(600_000);
    const before = times.length;
    await clock.advance(300_000);
    expect(times.length - before).toBe(10);
  });

  it("within 1.5 s of any server that begins to answer, also when it was silent", async () => {
    for (let begins = 5000; begins < 8000; begins += 130) {
      const { clock, dns, reports, stop } = start(list(one));
      await clock.advance(begins);
      dns.servers.set(one, wellKnown);
      await clock.advance(1500);
      expect(reports.at(-1), `begins at ${begins}`).toMatchObject({ found: true });
      stop();
    }
  });

  it("ten seconds before the TTL runs out (RFC 7050 §3)", async () => {
    const { clock, dns, reports } = start(list(one));
    const times = watchTimes(clock, dns, aaaa(["64:ff9b::c000:aa"], 300));
    await clock.advance(600_000);
    expect(times).toEqual([0, 290_000, 580_000]);
    expect(reports).toHaveLength(3);
  });

  it.each([
    ["short", 0, 20_000],
    ["long", 0x7fffffff, 24 * hour - 10_000],
  ])("not by a TTL that is too %s", async (_name, ttl, next) => {
    const { clock, dns } = start(list(one));
    const times = watchTimes(clock, dns, aaaa(["64:ff9b::c000:aa"], ttl));
    await clock.advance(next + 1);
    expect(times).toEqual([0, next]);
  });

  it("obeys the TTL of a negative answer (RFC 7050 §3), unless the network changes", async () => {
    const { clock, dns, source } = start(list(one));
    const times = watchTimes(clock, dns, negative("NODATA", 900));
    await clock.advance(899_999);
    expect(times).toEqual([0]);
    await clock.advance(2);
    expect(times).toEqual([0, 900_000]);
    await clock.advance(1000);
    source.wake();
    await clock.advance(1);
    expect(times).toHaveLength(3);
  });

  it("asks the silent server while the negative answer of the other one holds", async () => {
    const { clock, dns, reports } = start(list(one, two));
    const times = watchTimes(clock, dns, negative("NODATA", 900));
    await clock.advance(60_000);
    expect(times).toEqual([0]);
    expect(dns.asked.filter((address) => address === two).length).toBeGreaterThan(30);
    dns.servers.set(two, wellKnown);
    await clock.advance(1500);
    expect(reports.at(-1)).toMatchObject({ found: true });
  });

  it("at once when it is woken, but not more than once in a quarter of a second", async () => {
    const { clock, dns, source } = start(list(one));
    const times = watchTimes(clock, dns, wellKnown);
    await clock.advance(5000);
    for (let event = 0; event < 100; event++) {
      source.wake();
      await clock.advance(10);
    }
    expect(times[1]).toBe(5000);
    expect(times.length).toBeLessThanOrEqual(6);
  });

  it("eagerly for another ten minutes after a wake", async () => {
    const { clock, dns, source, reports } = start(list(one));
    await clock.advance(3 * hour);
    source.wake();
    await clock.advance(60_000);
    dns.servers.set(one, wellKnown);
    await clock.advance(1500);
    expect(reports.at(-1)).toMatchObject({ found: true });
  });

  it("when resolv.conf names other servers", async () => {
    let now: DnsServerList = { ok: false, reason: "cannot read /etc/resolv.conf: there is none yet" };
    const { clock, dns, reports } = start(async () => now);
    dns.servers.set(one, wellKnown);
    dns.servers.set(two, aaaa(["2001:db8:64::c000:aa"]));
    await clock.advance(120_000);
    now = list(one);
    await clock.advance(1500);
    expect(reports.at(-1)).toMatchObject({ found: true, prefixes: ["64:ff9b::/96"] });
    now = list(two);
    await clock.advance(1500);
    expect(reports.at(-1)).toMatchObject({ found: true, prefixes: ["2001:db8:64::/96"] });
  });
});

describe("Dns64Source keeps what it knows", () => {
  it("while the server is silent and the network is the same, for an hour beyond the TTL", async () => {
    const { clock, dns, reports } = start(list(one));
    dns.servers.set(one, wellKnown);
    await clock.advance(1000);
    dns.servers.delete(one);
    await clock.advance(hour);
    expect(reports).toHaveLength(1);
    await clock.advance(400_000);
    expect(reports.map(({ found }) => found)).toEqual([true, false]);
  });

  it("until the TTL only where the network has changed", async () => {
    const { clock, dns, reports, source } = start(list(one));
    dns.servers.set(one, wellKnown);
    await clock.advance(1000);
    dns.servers.delete(one);
    source.wake();
    await clock.advance(290_000);
    expect(reports).toHaveLength(1);
    await clock.advance(15_000);
    expect(reports.map(reasonOf)).toEqual([undefined, "2001:db8::53 did not answer within 1 s"]);
  });

  it("not when the server says that there is none", async () => {
    const { clock, dns, reports, source } = start(list(one));
    dns.servers.set(one, wellKnown);
    await clock.advance(1000);
    dns.servers.set(one, negative("NXDOMAIN", 60));
    source.wake();
    await clock.advance(1);
    expect(reports.map(({ found }) => found)).toEqual([true, false]);
  });

  it("and takes another prefix after a wake", async () => {
    const { clock, dns, reports, source } = start(list(one));
    dns.servers.set(one, wellKnown);
    await clock.advance(1000);
    dns.servers.set(one, aaaa(["2001:db8:64::c000:aa"]));
    source.wake();
    await clock.advance(1);
    expect(reports.at(-1)).toMatchObject({ found: true, prefixes: ["2001:db8:64::/96"] });
  });

  it("and says how long it holds", async () => {
    const { clock, dns, reports } = start(list(one));
    dns.servers.set(one, wellKnown);
    await clock.advance(1);
    expect(reports).toMatchObject([{ validFor: 300_000 + hour }]);
  });
});

describe("Dns64Source ends", () => {
  it.each([
    ["while it waits", 0, 400],
    ["while a server is silent", 0, 1200],
    ["before the first answer", 0, 0],
  ])("%s, and leaves nothing behind", async (_name, _zero, ms) => {
    const { clock, dns, done, stop } = start(list(one));
    await clock.advance(ms);
    stop();
    await done;
    await clock.advance(0);
    expect(clock.sleeping).toBe(0);
    expect(dns.open).toBe(0);
  });

  it("at once where the signal has aborted already", async () => {
    const dns = new TestDns();
    const source = new Dns64Source({
      servers: async () => list(one),
      transport: dns,
      clock: new TestClock(),
      random: countingRandom(),
    });
    for await (const report of source.watch(AbortSignal.abort())) expect.fail(`it said ${JSON.stringify(report)}`);
    expect(dns.asked).toEqual([]);
  });

  it("differs in the identifier of each query", async () => {
    const { clock, dns } = start(list(one));
    const seen = new Set<number>();
    dns.servers.set(one, (query) => {
      seen.add(query.readUInt16BE(0));
      return "silence";
    });
    await clock.advance(10_000);
    expect(seen.size).toBe(dns.asked.length);
    expect(seen.size).toBeGreaterThan(5);
  });
});
