// An Edge Relay (RFC 7756) as the plan sees it.

import { describe, expect, it } from "vitest";
import { classicUserspaceEngine } from "../../../src/engine/userspace/plan.js";
import { describeEffect } from "../../../src/os/describe.js";
import type { Route } from "../../../src/os/effect.js";
import type { AddressState, NetSnapshot } from "../../../src/os/snapshot.js";
import { desire } from "../../../src/plan/desire.js";
import type { Desired } from "../../../src/plan/desired.js";
import { configOf, factsOf, hostAddress, snapshotOf } from "./facts-of.js";

type Active = Extract<Desired, { state: "active" }>;

function relay(settings: readonly string[], changes: Partial<NetSnapshot> = {}): Active {
  const base = snapshotOf();
  const snapshot = snapshotOf({
    ...changes,
    routes: [...base.routes, ...(changes.routes ?? [])],
    addresses: [...base.addresses, ...(changes.addresses ?? [])],
  });
  const config = configOf("plat-prefix=2001:db8:46::/96", ...settings);
  const pref64 = { origin: "static", found: true, prefixes: ["2001:db8:46::/96"] } as const;
  const desired = desire(factsOf({ config, snapshot, pref64 }), classicUserspaceEngine);
  if (desired.state !== "active") throw new Error(`not active: ${JSON.stringify(desired)}`);
  return desired;
}

function lines(active: Active): string[] {
  return active.plan.effects.flatMap(describeEffect);
}

const spec = (active: Active) => active.plan.translator?.spec;
const two = ["eam=192.0.2.1,2001:db8:a::1", "eam=192.0.2.2,2001:db8:a::2"];
const lan: Route = { family: 4, destination: "192.0.2.24/29", dev: "eth1", table: 254, scope: "link" };
const uplinkNet: Route = { family: 6, destination: "2001:db8:1::/64", dev: "eth0", table: 254, metric: 256 };
const address = (dev: string, text: string): AddressState => ({
  dev,
  family: 6,
  address: text,
  length: 128,
  scope: "global",
  tentative: false,
  dadFailed: false,
  deprecated: false,
  temporary: false,
});

describe("ownPair()", () => {
  it("the seed's way: clat-v4-addr and clat-v6-addr are the mapping (RFC 7756 §3.1)", () => {
    const active = relay(["clat-v4-addr=192.0.2.1", "clat-v6-addr=2001:db8:a::1"]);
    expect(active).toMatchObject({ clatV4: "192.0.2.1", clatV6: "2001:db8:a::1" });
    expect(spec(active)).toMatchObject({
      eams: [{ v4: "192.0.2.1/32", v6: "2001:db8:a::1/128" }],
      inside: ["192.0.2.1/32"],
      translatorV6: "2001:db8:a::1",
    });
    expect(lines(active)).toContain("ip address add 192.0.2.1/32 dev clat");
  });

  it("mappings alone are all there is: no 192.0.0.1, no shared address, no mark", () => {
    const active = relay(two);
    expect(active).toMatchObject({ clatV4: "192.0.2.1", clatV6: "2001:db8:a::1", relay: { mappings: 2, behind: [] } });
    expect(spec(active)?.eams).toEqual([
      { v4: "192.0.2.1/32", v6: "2001:db8:a::1/128" },
      { v4: "192.0.2.2/32", v6: "2001:db8:a::2/128" },
    ]);
    expect(lines(active).filter((line) => /192\.0\.0\.1\b|nft|fwmark/.test(line))).toEqual([]);
  });

  it("mappings beside a CLAT with an address of its own", () => {
    const active = relay([...two, "clat-v6-addr=derived"]);
    expect(active).toMatchObject({ clatV4: "192.0.0.1", clatV6: "2001:db8:1:0:5054:c1:a700:1" });
    expect(spec(active)?.eams).toHaveLength(3);
    expect(spec(active)?.inside).toEqual(["192.0.0.1/32", "192.0.2.1/32", "192.0.2.2/32"]);
  });

  it("mappings of others beside a CLAT that shares its address (RFC 7756 §5.2)", () => {
    const active = relay([...two, "eam-local=192.0.0.1"]);
    expect(active).toMatchObject({ clatV4: "192.0.0.1", clatV6: hostAddress });
    expect(spec(active)).toMatchObject({ inside: ["192.0.0.1/32"] });
    expect(spec(active)?.eams).toHaveLength(3);
    expect(lines(active).filter((line) => line.includes("2001:db8:a::") || line.includes("192.0.2."))).toEqual([]);
  });

  it("the mapping of clat-v4-addr is its pair, also out of a prefix", () => {
    const active = relay(["clat-v4-addr=192.0.2.18", "eam=192.0.2.16/28,2001:db8:c::/124"]);
    expect(active).toMatchObject({ clatV4: "192.0.2.18", clatV6: "2001:db8:c::2" });
    expect(spec(active)?.eams).toEqual([{ v4: "192.0.2.16/28", v6: "2001:db8:c::/124" }]);
  });

  it("a mapping's address that the host has itself is taken past its local table, without a mark", () => {
    const active = relay([two[0] ?? ""], { addresses: [address("eth0", "2001:db8:a::1")] });
    expect(lines(active)).toContain("ip -6 rule add pref 1 from 2001:db8:46::/96 to 2001:db8:a::1/128 lookup 49575");
    expect(lines(active).filter((line) => /nft|neighbour/.test(line))).toEqual([]);
  });
});

describe("relayOf() node-based (RFC 7756 §3.1)", () => {
  it("leads the IPv6 side of every mapping to the CLAT, and answers for it", () => {
    expect(lines(relay(two)).filter((line) => line.startsWith("ip -6"))).toEqual([
      "ip -6 route add 2001:db8:a::1/128 dev clat table 49575",
      "ip -6 route add 2001:db8:a::2/128 dev clat table 49575",
      "ip -6 rule add pref 1 from all to 2001:db8:a::1/128 lookup 49575",
      "ip -6 rule add pref 1 from all to 2001:db8:a::2/128 lookup 49575",
      "ip -6 neighbour add proxy 2001:db8:a::1 dev eth0",
      "ip -6 neighbour add proxy 2001:db8:a::2 dev eth0",
    ]);
  });

  it("puts every service address on the CLAT's device, and makes a prefix local", () => {
    const active = relay([...two, "eam=198.51.100.16/28,2001:db8:c::/124"]);
    expect(lines(active).filter((line) => /^ip (address|route)/.test(line))).toEqual([
      "ip address add 192.0.2.1/32 dev clat",
      "ip address add 192.0.2.2/32 dev clat",
      "ip route add local 198.51.100.16/28 dev clat table 255",
      "ip route add default dev clat metric 2048 mtu 1480 advmss 1440",
    ]);
    expect(lines(active).filter((line) => line.includes("proxy 2001"))).toHaveLength(2 + 16);
    expect(active.notes).toEqual([]);
  });

  it("says which prefixes the network has to route, since nobody answers for so many", () => {
    const active = relay([two[0] ?? "", "eam=198.18.0.0/16,2001:db8:c::/64"]);
    expect(active.notes).toEqual([
      "The network must route 2001:db8:c::/64 to this host: nobody answers neighbour discovery for all of it",
    ]);
    expect(lines(active)).toContain("ip -6 route add 2001:db8:c::/64 dev clat table 49575");
  });

  it("says which of the host's own addresses is in the way", () => {
    const active = relay(two, { addresses: [address("eth0", "2001:db8:a::2")] });
    expect(active.notes).toEqual([expect.stringMatching(/^The host has 2001:db8:a::2 of a mapping itself, on eth0/)]);
  });

  it("ten thousand mappings in a row are a handful of effects", () => {
    const settings = Array.from(
      { length: 10_000 },
      (_, n) => `eam=10.6.${n >> 8}.${n & 255},2001:db8:c::${n.toString(16)}`,
    );
    const active = relay([...settings, "proxynd-enable=no"]);
    expect(spec(active)?.eams).toHaveLength(10_000);
    expect(spec(active)?.inside).toHaveLength(5);
    expect(active.plan.effects.length).toBeLessThan(60);
  });

  it("ten thousand mappings here and there: those that neighbours can ask for are answered for, the rest is told", () => {
    const settings = Array.from({ length: 10_000 }, (_, n) => {
      const prefix = n % 2 === 0 ? "2001:db8:1" : "2001:db8:c";
      return `eam=10.${n % 200}.${n >> 8}.${n & 255},${prefix}::c:${(n * 3).toString(16)}`;
    });
    const active = relay(settings, { routes: [uplinkNet] });
    const proxies = active.plan.effects.filter((effect) => effect.do === "neighbour.proxy");
    expect(proxies).toHaveLength(5000);
    expect(active.notes).toEqual([
      expect.stringMatching(/^The network must route .* and \d+ more prefixes to this host/),
    ]);
    const rules = active.plan.effects.filter((effect) => effect.do === "rule.add");
    expect(rules).toHaveLength(2);
  });
});

describe("relayOf() network-based (RFC 7756 §3.2)", () => {
  const behind = ["eam=192.0.2.26,2001:db8:a::26", "eam=192.0.2.27,2001:db8:a::27"];

  it("an address on another device's link is behind this host, which forwards to it (appendix A.1)", () => {
    const active = relay(behind, { routes: [lan] });
    expect(active.relay).toEqual({ mappings: 2, behind: ["eth1"] });
    expect(lines(active).filter((line) => /^ip (address|route)|ipv4/.test(line))).toEqual([
      "sysctl -w net.ipv4.conf.clat.forwarding=1",
      "sysctl -w net.ipv4.conf.eth1.forwarding=1",
      "ip route add default dev clat metric 2048 mtu 1480 advmss 1440",
    ]);
  });

  it("its ICMPv6 errors come from the host's address, not from a node's", () => {
    expect(spec(relay(behind, { routes: [lan] }))?.translatorV6).toBe(hostAddress);
    const settings = [...behind, "icmp6-source=2001:db8::e"];
    expect(spec(relay(settings, { routes: [lan] }))?.translatorV6).toBe("2001:db8::e");
  });

  it("an address with a route of its own is behind (appendix A.2), one with a wider route over a gateway is not", () => {
    const via = { ...lan, destination: "192.0.2.26/32", via: "10.0.0.2" };
    const vpn = { ...lan, destination: "192.0.2.0/24", dev: "tun0", via: "10.9.0.1" };
    const active = relay(behind, { routes: [via, vpn] });
    expect(active.relay?.behind).toEqual(["eth1"]);
    expect(lines(active)).toContain("ip address add 192.0.2.27/32 dev clat");
    expect(lines(active)).not.toContain("ip address add 192.0.2.26/32 dev clat");
  });

  it("on a stick: the uplink is the device behind too (§3.2.1)", () => {
    const active = relay(behind, { routes: [{ ...lan, dev: "eth0" }] });
    expect(active.relay?.behind).toEqual(["eth0"]);
    expect(lines(active)).toContain("sysctl -w net.ipv4.conf.eth0.forwarding=1");
    expect(lines(active)).toContain("ip -6 neighbour add proxy 2001:db8:a::27 dev eth0");
  });

  it("the seed's pair of addresses may be behind as well", () => {
    const active = relay(["clat-v4-addr=192.0.2.26", "clat-v6-addr=2001:db8:a::26"], { routes: [lan] });
    expect(active.relay).toEqual({ mappings: 0, behind: ["eth1"] });
    expect(lines(active)).not.toContain("ip address add 192.0.2.26/32 dev clat");
  });

  it("relay=node keeps them here, relay=network keeps them away and says what is missing", () => {
    const node = relay([...behind, "relay=node"], { routes: [lan] });
    expect(lines(node)).toContain("ip address add 192.0.2.26/32 dev clat");
    const network = relay([...behind, "relay=network"]);
    expect(lines(network).filter((line) => line.startsWith("ip address"))).toEqual([]);
    expect(network.notes).toEqual([expect.stringMatching(/^relay=network, but there is no IPv4 route/)]);
  });

  it("what forwards already is left alone, and forwarding-enable=no leaves all alone", () => {
    const sysctls = { ...snapshotOf().sysctls, "net.ipv4.conf.eth1.forwarding": "1" };
    const forwarded = (settings: readonly string[]): string[] =>
      lines(relay(settings, { routes: [lan], sysctls })).filter((line) => line.includes("ipv4"));
    expect(forwarded(behind)).toEqual(["sysctl -w net.ipv4.conf.clat.forwarding=1"]);
    expect(forwarded([...behind, "forwarding-enable=no"])).toEqual([]);
  });

  it("a CLAT without mappings does not look for its address on other links", () => {
    const routes = [{ ...lan, destination: "192.0.0.0/29" }];
    expect(lines(relay([], { routes }))).toContain("ip address add 192.0.0.1/32 dev clat");
  });
});

describe("specOf()", () => {
  it.each([
    [["lowest-ipv6-mtu=1500"], { lowestIpv6Mtu: 1500 }],
    [["ipv6-mtu=1400"], { mtuV4: 1380, mtuV6: 1400 }],
    [["ipv4-mtu=1300"], { mtuV4: 1300, mtuV6: 1500 }],
    [["udp-zero-checksum=drop"], { udpZeroChecksum: "drop" }],
    [["icmp-source=198.51.100.0/28"], { icmpSource: "198.51.100.0/28" }],
    [["wkp-strict=no"], { wkpStrict: false }],
    [["hairpinning=no"], { hairpinning: false }],
    [["ipv6-traffic-class=8"], { trafficClassV6: 8 }],
    [["ipv4-tos=16"], { tosV4: 16 }],
    [["tayga-v4-addr=192.0.0.3"], { translatorV4: "192.0.0.3" }],
    [["icmp6-source=2001:db8::e"], { translatorV6: "2001:db8::e" }],
  ])("specOf() goes by %j", (settings, expected) => {
    expect(spec(relay(settings))).toMatchObject(expected);
  });

  it("specOf() leaves sources alone where source-filter=no", () => {
    expect(spec(relay([...two, "source-filter=no"]))).not.toHaveProperty("inside");
  });

  it("specOf() uses a path larger than 1500, and the IPv4 route too (RFC 7756 §4.1, §4.2)", () => {
    const config = configOf("plat-prefix=2001:db8:46::/96", ...two);
    const route = { dev: "eth0", source: hostAddress, via: "fe80::1", mtu: 9000 };
    const desired = desire(factsOf({ config, route }), classicUserspaceEngine);
    if (desired.state !== "active") throw new Error(desired.state);
    expect(desired.mtu).toEqual({ v4: 8980, v6: 9000 });
    expect(lines(desired)).toContain("ip route add default dev clat metric 2048 mtu 8980 advmss 8940");
  });
});
