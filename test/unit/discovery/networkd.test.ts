// NetworkdSource and readNetworkdAnswer(): PREF64s of systemd-networkd, in the shape in which networkctl prints them.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type NetworkdSays, NetworkdSource } from "../../../src/discovery/networkd.js";
import { readNetworkdAnswer } from "../../../src/discovery/networkd-answer.js";
import type { Pref64Report } from "../../../src/discovery/source.js";
import { parseAddress } from "../../../src/net/address.js";
import { TestClock } from "./world.js";

/** An address as systemd prints it: sixteen numbers. */
const octets = (address: string): number[] => [...(parseAddress(address) ?? [])];

const entry = (prefix: string, length: number) => ({
  Prefix: octets(prefix),
  PrefixLength: length,
  LifetimeUSec: 1_934_567_890,
  ConfigProvider: octets("fe80::1"),
});

/** A device as systemd 255 prints it, shortened to what may be taken for something else. */
const device = (name: string, ...pref64: unknown[]) => ({
  Index: 2,
  Name: name,
  AlternativeNames: [`enx${name}`],
  Type: "ether",
  Driver: "virtio_net",
  Flags: 69699,
  HardwareAddress: [82, 84, 0, 0, 0, 1],
  BroadcastAddress: [255, 255, 255, 255, 255, 255],
  IPv6LinkLocalAddress: octets("fe80::5054:ff:fe00:1"),
  AdministrativeState: "configured",
  OperationalState: "routable",
  CarrierState: "carrier",
  DNS: [{ Family: 10, Address: octets("2001:db8:53::2"), ConfigSource: "NDisc", ConfigProvider: octets("fe80::1") }],
  DNSSettings: [{ LLMNR: "yes", ConfigSource: "static" }],
  NDisc: { PREF64: pref64 },
  Addresses: [{ Family: 10, Address: octets("2001:db8:1::10"), PrefixLength: 64, ConfigSource: "NDisc" }],
  Routes: [{ Family: 10, Destination: octets("::"), DestinationPrefixLength: 0, Gateway: octets("fe80::1") }],
});

const loopback = {
  Index: 1,
  Name: "lo",
  Type: "loopback",
  AdministrativeState: "unmanaged",
  OperationalState: "carrier",
};

const status = (...devices: unknown[]): string =>
  JSON.stringify({
    Interfaces: devices,
    NTP: [],
    SearchDomains: [],
    RoutingPolicyRules: [{ Family: 10, Table: 255, Priority: 0 }],
    NamespaceId: 4026531840,
    NamespaceNSID: null,
  });

describe("readNetworkdAnswer()", () => {
  it.each([
    ["64:ff9b::", 96],
    ["2001:db8:64::", 96],
    ["2001:db8:122:344::", 64],
    ["2001:db8:122:300::", 56],
    ["2001:db8:122::", 48],
    ["2001:db8:100::", 40],
    ["2001:db8::", 32],
  ])("takes %s/%i out of the device's NDisc (RFC 8781 §4)", (prefix, length) => {
    expect(readNetworkdAnswer(status(loopback, device("eth0", entry(prefix, length))))).toEqual({
      kind: "prefixes",
      prefixes: [`${prefix}/${length}`],
    });
  });

  it("keeps the order of a device's prefixes, and takes each once", () => {
    const answer = status(
      device("eth0", entry("2001:db8:2::", 96), entry("2001:db8:1::", 96), entry("2001:db8:2::", 96)),
    );
    expect(readNetworkdAnswer(answer)).toEqual({ kind: "prefixes", prefixes: ["2001:db8:2::/96", "2001:db8:1::/96"] });
  });

  it("takes one device's alone: those of another lead to another PLAT", () => {
    const answer = status(
      device("eth0"),
      device("eth1", entry("2001:db8:1::", 96)),
      device("eth2", entry("64:ff9b::", 96)),
    );
    expect(readNetworkdAnswer(answer)).toEqual({ kind: "prefixes", prefixes: ["2001:db8:1::/96"] });
    expect(readNetworkdAnswer(answer, "eth2")).toEqual({ kind: "prefixes", prefixes: ["64:ff9b::/96"] });
    expect(readNetworkdAnswer(answer, "eth0")).toEqual({ kind: "none" });
  });

  it("takes an address that is a text, too", () => {
    const text = status({ Name: "eth0", NDisc: { PREF64: [{ Prefix: "64:ff9b::", PrefixLength: 96 }] } });
    expect(readNetworkdAnswer(text)).toEqual({ kind: "prefixes", prefixes: ["64:ff9b::/96"] });
  });

  it.each([
    ["an earlier systemd, which prints no NDisc", { Name: "eth0" }],
    ["no Router Advertisement yet", { Name: "eth0", NDisc: {} }],
    ["an empty list", { Name: "eth0", NDisc: { PREF64: [] } }],
    ["a length that no PREF64 has", { Name: "eth0", NDisc: { PREF64: [entry("2001:db8::", 95)] } }],
    ["bits 64 to 71 that are set", { Name: "eth0", NDisc: { PREF64: [entry("2001:db8:0:0:100::", 96)] } }],
    ["a multicast prefix", { Name: "eth0", NDisc: { PREF64: [entry("ff02::", 96)] } }],
    [
      "fifteen octets",
      { Name: "eth0", NDisc: { PREF64: [{ Prefix: octets("64:ff9b::").slice(1), PrefixLength: 96 }] } },
    ],
    ["an octet of 256", { Name: "eth0", NDisc: { PREF64: [{ Prefix: Array(16).fill(256), PrefixLength: 96 }] } }],
    ["no length", { Name: "eth0", NDisc: { PREF64: [{ Prefix: octets("64:ff9b::") }] } }],
    ["something else altogether", { Name: "eth0", NDisc: "PREF64" }],
    ["a device that is none", null],
  ])("knows none from %s", (_what, one) => {
    expect(readNetworkdAnswer(status(one))).toEqual({ kind: "none" });
  });

  it("clears the bits behind the length", () => {
    expect(readNetworkdAnswer(status(device("eth0", entry("2001:db8:64::1:2", 96))))).toEqual({
      kind: "prefixes",
      prefixes: ["2001:db8:64::/96"],
    });
  });

  it.each([
    ["", "printed something that is not JSON"],
    ["Unknown option", "printed something that is not JSON"],
    ["{}", "printed no list of interfaces"],
    ["[]", "printed no list of interfaces"],
    ["null", "printed no list of interfaces"],
  ])("says of %j that it is useless", (text, problem) => {
    expect(readNetworkdAnswer(text)).toEqual({ kind: "useless", problem });
  });

  it("never throws, and gives canonical PREF64s only, whatever is printed", () => {
    const octet = fc.oneof(fc.nat(255), fc.integer(), fc.anything());
    const pref64 = fc.record(
      {
        Prefix: fc.oneof(fc.array(octet, { minLength: 14, maxLength: 17 }), fc.ipV6(), fc.anything()),
        PrefixLength: fc.oneof(fc.nat(130), fc.constantFrom(32, 40, 48, 56, 64, 96), fc.anything()),
      },
      { requiredKeys: [] },
    );
    const one = fc.record({
      Name: fc.anything(),
      NDisc: fc.oneof(fc.record({ PREF64: fc.oneof(fc.array(pref64), fc.anything()) }), fc.anything()),
    });
    const answer = fc.oneof(fc.record({ Interfaces: fc.oneof(fc.array(one), fc.anything()) }), fc.anything());
    const text = fc.oneof(
      fc.string(),
      answer.map((value) => JSON.stringify(value) ?? ""),
    );
    fc.assert(
      fc.property(text, fc.option(fc.string(), { nil: undefined }), (printed, platDev) => {
        const read = readNetworkdAnswer(printed, platDev);
        if (read.kind !== "prefixes") return;
        expect(read.prefixes.length).toBeGreaterThan(0);
        for (const prefix of read.prefixes) expect(prefix).toMatch(/^[0-9a-f:.]+\/(32|40|48|56|64|96)$/);
      }),
      { numRuns: 2000 },
    );
  });
});

describe("NetworkdSource", () => {
  interface World {
    readonly clock: TestClock;
    readonly reports: Pref64Report[];
    readonly source: NetworkdSource;
    says: NetworkdSays;
    asked: number;
    end(): Promise<void>;
  }

  function watching(says: NetworkdSays, platDev?: string): World {
    const clock = new TestClock();
    const controller = new AbortController();
    const world = { clock, reports: [] as Pref64Report[], says, asked: 0 };
    const source = new NetworkdSource({
      clock,
      platDev,
      ask: async () => {
        world.asked++;
        return world.says;
      },
    });
    const run = (async () => {
      for await (const report of source.watch(controller.signal)) world.reports.push(report);
    })();
    return Object.assign(world, {
      source,
      end: async () => {
        controller.abort();
        await run;
        expect(clock.sleeping).toBe(0);
      },
    });
  }

  const text = (...prefixes: string[]): NetworkdSays => ({
    ok: true,
    text: status(device("eth0", ...prefixes.map((prefix) => entry(prefix, 96)))),
  });
  const found = (prefix: string): Pref64Report => ({ origin: "networkd", found: true, prefixes: [`${prefix}/96`] });

  it("reports each change once", async () => {
    const world = watching(text());
    await world.clock.advance(3000);
    world.says = text("64:ff9b::");
    await world.clock.advance(3000);
    world.says = text("2001:db8:64::");
    await world.clock.advance(3000);
    world.says = text();
    await world.clock.advance(3000);
    expect(world.reports).toEqual([
      { origin: "networkd", found: false, reason: "systemd-networkd knows no PREF64" },
      found("64:ff9b::"),
      found("2001:db8:64::"),
      { origin: "networkd", found: false, reason: "systemd-networkd knows no PREF64" },
    ]);
    await world.end();
  });

  it("asks each second after a change of the network, and twice a minute later on", async () => {
    const world = watching(text());
    await world.clock.advance(15_000);
    expect(world.asked).toBeGreaterThanOrEqual(15);
    await world.clock.advance(60_000);
    world.asked = 0;
    await world.clock.advance(600_000);
    expect(world.asked).toBe(20);
    world.says = text("64:ff9b::");
    world.source.wake();
    await world.clock.advance(500);
    expect(world.reports.at(-1)).toEqual(found("64:ff9b::"));
    await world.end();
  });

  it("asks four times a second at the most, however often it is woken", async () => {
    const world = watching(text());
    await world.clock.advance(100_000);
    world.asked = 0;
    for (let tenth = 0; tenth < 100; tenth++) {
      world.source.wake();
      await world.clock.advance(100);
    }
    expect(world.asked).toBeLessThanOrEqual(41);
    await world.end();
  });

  it("keeps what it knows for a minute while networkd is restarted", async () => {
    const world = watching(text("64:ff9b::"));
    await world.clock.advance(100);
    world.says = { ok: false, problem: "does not answer" };
    await world.clock.advance(55_000);
    expect(world.reports).toEqual([found("64:ff9b::")]);
    await world.clock.advance(60_000);
    expect(world.reports.at(-1)).toEqual({
      origin: "networkd",
      found: false,
      reason: "systemd-networkd does not answer",
    });
    await world.end();
  });

  it("says once that it is not installed", async () => {
    const world = watching({ ok: false, problem: "is not installed" });
    await world.clock.advance(120_000);
    expect(world.reports).toEqual([{ origin: "networkd", found: false, reason: "systemd-networkd is not installed" }]);
    await world.end();
  });

  it("listens to plat-dev alone where that is set", async () => {
    const world = watching(text("64:ff9b::"), "wwan0");
    await world.clock.advance(100);
    expect(world.reports).toEqual([
      { origin: "networkd", found: false, reason: "systemd-networkd knows no PREF64 on wwan0" },
    ]);
    await world.end();
  });
});
