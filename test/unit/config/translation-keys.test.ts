// What each key of the translation does to packets: from the setting, as somebody writes it, to what the translator makes
// of a packet. The README's table names these tests.

import { describe, expect, it } from "vitest";
import { loadConfig } from "../../../src/config/load.js";
import { translationPolicy } from "../../../src/config/translation-policy.js";
import { buildIcmp6, buildUdp4, buildUdp6 } from "../../../src/wire/build.js";
import { type Packet, parsePacket } from "../../../src/wire/parse.js";
import { CLAT4, CLAT6, ports, runAll, SERVER4, SERVER6, toHex } from "../xlat/support.js";

interface Said {
  readonly out: readonly Packet[];
  readonly octets: readonly Uint8Array[];
  readonly drops: readonly string[];
}

/** What a CLAT with these settings makes of the packets; no time goes by between them. */
function translated(settings: readonly string[], ...packets: readonly Uint8Array[]): Said {
  const loaded = loadConfig({ arguments: settings });
  if (!loaded.ok) throw new Error(loaded.mistakes.map(({ text }) => text).join("\n"));
  const facts = { clat: { v4: CLAT4, v6: CLAT6 }, uplinkMtu: 1500 };
  const spec = {
    pref64s: [loaded.config["plat-prefix"] ?? "2001:db8:64::/96"],
    ...translationPolicy(loaded.config, facts),
  };
  const family = (packets[0]?.[0] ?? 0) >> 4 === 4 ? 4 : 6;
  const { out, drops } = runAll(spec, family, packets, { now: () => 0 });
  const octets = out.map(({ bytes }) => bytes);
  return { out: octets.flatMap((each) => parsePacket(each) ?? []), octets, drops };
}

const udp4 = (fields: Partial<Parameters<typeof buildUdp4>[0]> = {}): Uint8Array =>
  buildUdp4({ source: CLAT4, destination: SERVER4, ...ports, ...fields });
const udp6 = (fields: Partial<Parameters<typeof buildUdp6>[0]> = {}): Uint8Array =>
  buildUdp6({ source: SERVER6, destination: CLAT6, ...ports, ...fields });

/** Port unreachable, of a router on the IPv6 side that has no IPv4 address. */
const ROUTER = "2001:db8:99::1";
const fromRouter = buildIcmp6({
  source: ROUTER,
  destination: CLAT6,
  type: 1,
  code: 4,
  body: buildUdp6({ source: CLAT6, destination: SERVER6, ...ports }),
});
/** An IPv6 packet, or IPv4 packet, of that many octets with its headers. */
const sized6 = (octets: number): Uint8Array => udp6({ payload: new Uint8Array(octets - 48) });
const sized4 = (octets: number, dontFragment: boolean): Uint8Array =>
  udp4({ payload: new Uint8Array(octets - 28), dontFragment });

describe("keys of the translation", () => {
  it("ipv6-mtu: what comes out larger is refused with Fragmentation Needed where DF is set", () => {
    expect(translated([], sized4(1400, true)).out).toMatchObject([{ family: 6, length: 1420 }]);
    const { out, drops } = translated(["ipv6-mtu=1400"], sized4(1400, true));
    expect(drops).toEqual(["too-big"]);
    expect(out).toMatchObject([{ family: 4, destination: CLAT4, transport: { kind: "icmp", type: 3, code: 4 } }]);
    expect(translated(["ipv6-mtu=1400"], sized4(1380, true)).out).toMatchObject([{ family: 6, length: 1400 }]);
  });

  it("ipv4-mtu: what comes out larger is refused with Packet Too Big", () => {
    expect(translated([], sized6(1400)).out).toMatchObject([{ family: 4, length: 1380 }]);
    const { out, drops } = translated(["ipv4-mtu=1300"], sized6(1400));
    expect(drops).toEqual(["too-big"]);
    expect(out).toMatchObject([{ family: 6, destination: SERVER6, transport: { kind: "icmp", type: 2, code: 0 } }]);
    expect(translated(["ipv4-mtu=1300"], sized6(1320)).out).toMatchObject([{ family: 4, length: 1300 }]);
  });

  it("lowest-ipv6-mtu: packets without DF are fragmented to fit it", () => {
    expect(translated([], sized4(1370, false)).out.map(({ length }) => length <= 1280)).toEqual([true, true]);
    expect(translated(["lowest-ipv6-mtu=1400"], sized4(1370, false)).out).toHaveLength(1);
    const { out } = translated(["lowest-ipv6-mtu=1400"], sized4(1450, false));
    expect(out).toHaveLength(2);
    expect(out[0]?.length).toBeGreaterThan(1280);
    expect(out[0]?.length).toBeLessThanOrEqual(1400);
  });

  it("udp-zero-checksum: computed, or dropped", () => {
    expect(translated([], udp4({ checksum: 0 })).out).toMatchObject([{ transport: { checksum: "right" } }]);
    const { out, drops } = translated(["udp-zero-checksum=drop"], udp4({ checksum: 0 }));
    expect(drops).toEqual(["udp-checksum-zero"]);
    expect(out.filter(({ family }) => family === 6)).toEqual([]);
  });

  it("icmp-source: whom the errors of routers without an IPv4 address come from (RFC 6791)", () => {
    expect(translated([], fromRouter).out).toMatchObject([{ source: "192.0.0.8" }]);
    expect(translated(["icmp-source=203.0.113.9"], fromRouter).out).toMatchObject([{ source: "203.0.113.9" }]);
    const pool = translated(["icmp-source=203.0.113.8/30"], ...new Array<Uint8Array>(100).fill(fromRouter)).out;
    expect(new Set(pool.map(({ source }) => source)).size).toBe(4);
  });

  it("icmp6-source: whom the ICMPv6 errors made here come from", () => {
    const late = udp6({ hopLimit: 1 });
    expect(translated([], late).out).toMatchObject([{ family: 6, source: CLAT6, destination: SERVER6 }]);
    expect(translated(["icmp6-source=2001:db8:1::e"], late).out).toMatchObject([{ source: "2001:db8:1::e" }]);
  });

  it("wkp-strict: no private addresses behind 64:ff9b::/96, unless it is no (RFC 6052 §3.1)", () => {
    const keys = ["plat-prefix=64:ff9b::/96"];
    const inside = udp4({ destination: "10.0.0.1" });
    expect(translated(keys, inside)).toMatchObject({ drops: ["well-known-prefix"] });
    expect(translated([...keys, "wkp-strict=no"], inside)).toMatchObject({
      out: [{ family: 6, destination: "64:ff9b::a00:1" }],
      drops: [],
    });
  });

  it("hairpinning: between two mapped nodes here, or by way of the IPv4 side (RFC 7757 §4.2)", () => {
    const keys = ["eam=192.0.2.1,2001:db8:1::1", "eam=192.0.2.2,2001:db8:1::2"];
    const packet = udp6({ source: "2001:db8:1::1", destination: "2001:db8:64::c000:202" });
    expect(translated(keys, packet).out).toMatchObject([{ family: 6, destination: "2001:db8:1::2" }]);
    for (const value of ["no", "simple"]) {
      const { out } = translated([...keys, `hairpinning=${value}`], packet);
      expect(out).toMatchObject([{ family: 4, source: "192.0.2.1", destination: "192.0.2.2" }]);
    }
    // What the IPv4 side sends back: only `simple` gives it to the node with an address that the node knows as IPv4.
    const back = udp4({ source: "192.0.2.1", destination: "192.0.2.2" });
    expect(translated([...keys, "hairpinning=simple"], back).out).toMatchObject([
      { source: "2001:db8:64::c000:201", destination: "2001:db8:1::2" },
    ]);
    expect(translated([...keys, "hairpinning=no"], back).out).toMatchObject([
      { source: "2001:db8:1::1", destination: "2001:db8:1::2" },
    ]);
  });

  it("icmp-rate-limit: so many errors a second, a quarter of them at once; 0: no limit (RFC 4443 §2.4)", () => {
    const late = new Array<Uint8Array>(400).fill(udp4({ ttl: 1 }));
    const sent = (...keys: string[]): number => translated(keys, ...late).out.length;
    expect([sent(), sent("icmp-rate-limit=20"), sent("icmp-rate-limit=0")]).toEqual([250, 5, 400]);
  });

  it("icmp-extension: errors from icmp-source tell the IPv6 address (RFC 5837)", () => {
    const told = (...keys: string[]): boolean => {
      const [error = new Uint8Array()] = translated(keys, fromRouter).octets;
      return toHex(error).includes("20010db8009900000000000000000001");
    };
    expect([told(), told("icmp-extension=yes")]).toEqual([false, true]);
  });

  it("ipv6-traffic-class and ipv4-tos: copied, or this value (RFC 7915 §4.1, §5.1)", () => {
    const classOf = (keys: readonly string[], packet: Uint8Array): number | undefined =>
      translated(keys, packet).out[0]?.trafficClass;
    const keys = ["ipv6-traffic-class=0", "ipv4-tos=0xb8"];
    expect([classOf([], udp4({ tos: 0x55 })), classOf(keys, udp4({ tos: 0x55 }))]).toEqual([0x55, 0]);
    expect([classOf([], udp6({ trafficClass: 0x55 })), classOf(keys, udp6({ trafficClass: 0x55 }))]).toEqual([
      0x55, 0xb8,
    ]);
  });
});
