// `clatd explain`: addresses, packets and reasons in words. The texts are meant for people, so they are snapshots.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { explain, subjectsOf } from "../../../../src/cli/explain/explain.js";
import { reasonNames, reasonText } from "../../../../src/cli/explain/reason-text.js";
import type { Found } from "../../../../src/cli/tool-spec.js";
import { dropReasons } from "../../../../src/engine/ebpf/counters.js";
import { engineReasons } from "../../../../src/engine/userspace/engine-drops.js";
import { buildEcho4, buildIpv4 } from "../../../../src/wire/build.js";
import { findReason, type ReasonName } from "../../../../src/xlat/reasons.js";
import { heardTerminal } from "../../../support/heard-terminal.js";
import { clat, configOf, hexOf, udp4, udp6 } from "../translate/packets.js";
import { buildIcmp6Error } from "./icmp.js";

interface Said {
  readonly code: number;
  readonly out: string;
  readonly error: string;
}

async function run(words: readonly string[], settings: readonly string[] = clat, found: Found = {}): Promise<Said> {
  const { config, places } = configOf(settings);
  const { terminal, said } = heardTerminal();
  return { code: await explain(config, places, { words }, terminal, async () => found), ...said };
}

/** What stands on standard output, and that it fits a terminal. */
async function text(words: readonly string[], settings?: readonly string[]): Promise<string> {
  const { code, out } = await run(words, settings);
  expect(code).toBe(0);
  expect(out.split("\n").filter((line) => [...line].length > 80)).toEqual([]);
  return out;
}

const ends = { source: "192.0.0.1", destination: "198.51.100.7" };
const icmpFragment = buildIpv4({ ...ends, moreFragments: true }, 1, new Uint8Array(64).fill(8, 0, 1));
const ping = buildEcho4({ ...ends, destination: "192.0.0.2", kind: "request", identifier: 7, sequence: 1 });

const overlapping = ["eam=198.51.100.0/24,2001:db8::/120", "eam=198.51.100.7,2001:db8::abcd"];

describe("clatd explain ADDRESS", () => {
  it.each<[string, string[], string[] | undefined]>([
    ["an IPv4 host behind the PREF64", ["198.51.100.7"], undefined],
    ["the CLAT's own address", ["192.0.0.1"], undefined],
    ["an IPv6 address of the PREF64", ["2001:db8:64::c633:6407"], undefined],
    ["an address with two mappings", ["198.51.100.7"], overlapping],
    ["an address that comes back as another one", ["2001:db8::7"], overlapping],
    ["an address without any way", ["2001:db8:ffff::1"], undefined],
    ["an address of a longer PREF64", ["192.0.2.33"], ["plat-prefix=2001:db8:100::/40"]],
    ["a private address behind the well-known prefix", ["10.0.0.1"], ["plat-prefix=64:ff9b::/96"]],
    ["the same where that is allowed", ["10.0.0.1"], ["plat-prefix=64:ff9b::/96", "wkp-strict=no"]],
    ["multicast", ["224.0.0.251"], undefined],
    ["link-local", ["fe80::1"], undefined],
    ["the translator itself", ["192.0.0.2"], undefined],
    ["the source of translated errors", ["192.0.0.8"], undefined],
    ["octet 8 is not zero", ["2001:db8:122:300:100::"], ["plat-prefix=2001:db8:122::/48"]],
  ])("%s", async (_name, words, settings) => {
    expect(await text(words, settings)).toMatchSnapshot();
  });

  it.each([
    ["2001:db8::/32", "192.0.2.33", "bits 32 to 63"],
    ["2001:db8:100::/40", "192.0.2.33", "bits 40 to 63 and 72 to 79"],
    ["2001:db8:122::/48", "192.0.2.33", "bits 48 to 63 and 72 to 87"],
    ["2001:db8:122:300::/56", "192.0.2.33", "bits 56 to 63 and 72 to 95"],
    ["2001:db8:122:344::/64", "192.0.2.33", "bits 72 to 103"],
    ["2001:db8:122:344::/96", "192.0.2.33", "bits 96 to 127"],
  ])("says where %s has the IPv4 address (RFC 6052 figure 1)", async (pref64, address, bits) => {
    const words = (await text([address], [`plat-prefix=${pref64}`])).replaceAll(/\s+/g, " ");
    expect(words).toContain(`it stands in ${bits} and back`);
  });
});

describe("clatd explain PACKET", () => {
  it.each<[string, Uint8Array, string[]?]>([
    ["UDP from IPv4", udp4({ tos: 0xb8 })],
    ["UDP from IPv6", udp6({ trafficClass: 0xb8, flowLabel: 0x12345 })],
    ["what has to be fragmented", udp4({ payload: new Uint8Array(2000) })],
    ["an error of a router without IPv4", buildIcmp6Error("2001:db8:ffff:ffff:ffff:ffff:1234:5678")],
    [
      "a packet that turns around",
      udp6({ source: "2001:db8::1", destination: "2001:db8:64::c000:202" }),
      ["plat-prefix=2001:db8:64::/96", "eam=192.0.2.1,2001:db8::1", "eam=192.0.2.2,2001:db8::2"],
    ],
    ["a fragment of ICMP, which is kept", icmpFragment],
    ["a ping of the translator itself", ping],
  ])("%s", async (_name, packet, settings) => {
    expect(await text([hexOf(packet)], settings)).toMatchSnapshot();
  });

  it.each<[string, Uint8Array, ReasonName, string]>([
    [
      "what is too big",
      udp4({ payload: new Uint8Array(1500), dontFragment: true }),
      "too-big",
      "ICMPv4 3 destination unreachable, 4 fragmentation needed, MTU 1480, from 192.0.0.2 to 192.0.0.1, 576 octets",
    ],
    [
      "what is dropped in silence",
      udp4({ destination: "224.0.0.1" }),
      "illegal-destination",
      "none: the packet is dropped in silence",
    ],
    ["a packet that is cut off", udp4().subarray(0, 12), "truncated", "none: the packet is dropped in silence"],
    [
      "an error about a later fragment, which nobody sends",
      udp4({ ttl: 1, fragmentOffset: 8 }),
      "hop-limit",
      "none to this packet (RFC 1122 §3.2.2, RFC 4443 §2.4), or there is no address to send one from (icmp6-source)",
    ],
  ])("%s: says the reason, the answer, and what to do", async (_name, packet, name, answer) => {
    const words = (await text([hexOf(packet)])).replaceAll(/\s+/g, " ");
    const reason = findReason(name);
    expect(words).toContain(`result dropped: ${name} (${reason?.rfc}) means ${reason?.sentence} answer ${answer}`);
    expect(words).toContain(`what to do ${reason?.hint}`);
  });

  it("takes hexadecimal words that follow each other as one packet, and the form of `clatd translate`", async () => {
    const hex = hexOf(udp4());
    const plain = await text([hex]);
    expect(await text(hex.match(/.{1,4}/g) ?? [])).toBe(plain);
    expect(await text(["4", hex])).toBe(plain);
    expect(await text([`4 ${hex}`])).toBe(plain);
  });

  it("takes any octets without throwing", async () => {
    const octets = fc.tuple(fc.constantFrom(0x45, 0x60), fc.uint8Array({ maxLength: 90 }));
    await fc.assert(
      fc.asyncProperty(octets, async ([first, rest]) => {
        await text([hexOf(Uint8Array.of(first, ...rest))]);
      }),
      { numRuns: 300 },
    );
  });

  it("takes damaged ICMP errors without throwing", async () => {
    const error = buildIcmp6Error("2001:db8:ffff::1");
    await fc.assert(
      fc.asyncProperty(fc.nat(error.length - 1), fc.nat(255), fc.nat(error.length), async (at, octet, cut) => {
        const damaged = Uint8Array.from(error);
        damaged[at] = octet;
        await text(["6", hexOf(damaged.subarray(0, Math.max(1, cut)))]);
      }),
      { numRuns: 300 },
    );
  });
});

describe("clatd explain REASON", () => {
  it.each([...engineReasons, ...dropReasons])("knows %s, which an engine counts", (name) => {
    expect(reasonNames).toContain(name);
  });

  it.each(reasonNames)("%s", (name) => {
    const found = reasonText(name);
    expect(found).toMatch(/^ {2}reason +\S+\n {2}means /);
    expect(found).toMatch(/\n {2}what to do +\S/);
    expect(found?.split("\n").filter((line) => [...line].length > 80)).toEqual([]);
  });

  it("tells what it means, where it is written and counted, what is answered, what to do", async () => {
    const words = (await text(["too-big", "igmp"])).replaceAll(/\s+/g, " ").trim();
    const both = 'counters.v4ToV6.drops["too-big"] and counters.v6ToV4.drops["too-big"]';
    const [big, igmp] = [findReason("too-big"), findReason("igmp")];
    expect(words).toBe(
      `reason too-big means ${big?.sentence} written in ${big?.rfc} ` +
        `counted in both directions: ${both} of \`clatd status -j\` ` +
        "answer ICMPv4 3/4 (destination unreachable: fragmentation needed) to an IPv4 sender; " +
        `ICMPv6 2/0 (packet too big) to an IPv6 sender what to do ${big?.hint} ` +
        `reason igmp means ${igmp?.sentence} written in ${igmp?.rfc} ` +
        'counted from IPv4 to IPv6: counters.v4ToV6.drops["igmp"] of `clatd status -j` ' +
        `answer none: the packet is dropped in silence what to do ${igmp?.hint}`,
    );
    expect(await text(["tun-full", "bad-input"])).toMatchSnapshot();
  });

  it("needs no translation to be set up", async () => {
    expect((await run(["hop-limit"], [])).error).toBe("");
  });
});

describe("clatd explain", () => {
  it("names what it does not know, all of it, and what would be near", async () => {
    expect(await run(["hop-limt", "192.0.2.0/24", "4500f", "123456", "banana"])).toEqual({
      code: 2,
      out: "",
      error: expect.stringMatching(
        new RegExp(
          [
            'clatd: error: cannot explain "hop-limt": it is no address, no packet in hexadecimal and no reason; did you mean hop-limit\\?',
            'clatd: error: cannot explain "192.0.2.0/24": .*; give an address without a length; reasons are .*',
            'clatd: error: cannot explain "4500f123456" as a packet: it has an odd number of digits',
            'clatd: error: cannot explain "banana": .*; reasons are truncated, .*',
          ].join("\n"),
        ),
      ),
    });
  });

  it("uses what a running clatd has found, and says so", async () => {
    const { out, error } = await run(["198.51.100.7"], [], { pref64: "2001:db8:64::/96", clatV6: "2001:db8::5" });
    expect(out).toContain("2001:db8:64::c633:6407");
    expect(error).toBe("clatd: note: PREF64 2001:db8:64::/96 and address 2001:db8::5 as the running clatd has found\n");
  });
});

describe("subjectsOf()", () => {
  it("takes any words without throwing, and says something of them", () => {
    const word = fc.oneof(fc.string(), fc.ipV4(), fc.ipV6(), fc.constantFrom("4", "6", "45", "hop-limit", " ", ""));
    fc.assert(
      fc.property(fc.array(word), (words) => {
        expect(subjectsOf(words).length === 0).toBe(words.length === 0);
      }),
    );
  });
});
