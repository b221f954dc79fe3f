import { describe, expect, it } from "vitest";
import { classicPlumbing } from "../../../src/engine/classic.js";
import type { Placement } from "../../../src/engine/engine.js";
import { describeEffect } from "../../../src/os/describe.js";
import type { Effect } from "../../../src/os/effect.js";

const shared: Placement = {
  clatDev: "clat",
  uplink: "eth0",
  clatV6: { address: "2001:db8:1::10", shared: true },
  clatV4: "192.0.0.1",
  ctmark: 0xc1a7,
  routeTable: 0xc1a7,
  forwarding: true,
  proxyNd: false,
  uplinkMtu: 1500,
  acceptRa: ["eth0", "wlan0.7"],
  forwardingOff: true,
};
const own: Placement = {
  ...shared,
  clatV6: { address: "2001:db8:1::c1a7", shared: false },
  ctmark: 0,
  proxyNd: true,
};
const pref64s = ["2001:db8:64::/96", "64:ff9b::/96"];

function lines(placement: Placement): string[] {
  return classicPlumbing(placement, pref64s).flatMap(describeEffect);
}

function indexOf(effects: readonly Effect[], test: (effect: Effect) => boolean): number {
  const index = effects.findIndex(test);
  expect(index).toBeGreaterThanOrEqual(0);
  return index;
}

describe("classicPlumbing()", () => {
  it("leads packets to an address of its own into the CLAT by a rule to that address", () => {
    expect(lines(own)).toMatchInlineSnapshot(`
      [
        "sysctl -w net.ipv6.conf.eth0.accept_ra=2",
        "sysctl -w net.ipv6.conf.wlan0/7.accept_ra=2",
        "sysctl -w net.ipv6.conf.all.forwarding=1",
        "ip -6 route add 2001:db8:1::c1a7/128 dev clat table 49575",
        "ip -6 rule add pref 1 from all to 2001:db8:1::c1a7/128 lookup 49575",
        "sysctl -w net.ipv6.conf.all.proxy_ndp=1",
        "ip -6 neighbour add proxy 2001:db8:1::c1a7 dev eth0",
      ]
    `);
  });

  it("leads packets to a shared address into the CLAT by the mark of their connection", () => {
    expect(lines(shared)).toMatchInlineSnapshot(`
      [
        "sysctl -w net.ipv6.conf.eth0.accept_ra=2",
        "sysctl -w net.ipv6.conf.wlan0/7.accept_ra=2",
        "sysctl -w net.ipv6.conf.all.forwarding=1",
        "ip -6 route add 2001:db8:1::10/128 dev clat table 49575",
        "nft 'table ip6 clatd-clat {
        chain prerouting {
          type filter hook prerouting priority mangle; policy accept;
          iifname "clat" ct state new ct mark set 0x0000c1a7
          iifname "clat" ct mark != 0x0000c1a7 counter drop
          iifname "clat" meta mark set 0x0000c1a7 accept
          ct direction reply ct mark 0x0000c1a7 meta mark set 0x0000c1a7
        }
        chain output {
          type route hook output priority mangle; policy accept;
          icmpv6 type { destination-unreachable, packet-too-big, time-exceeded, parameter-problem } ct direction reply ct mark 0x0000c1a7 meta mark set 0x0000c1a7
        }
      }'",
        "ip -6 rule add pref 2 from all lookup local",
        "ip -6 rule add pref 1 from all fwmark 0xc1a7 lookup 49575",
        "ip -6 rule del pref 0 from all lookup local",
      ]
    `);
  });

  it("leads what comes from the PREF64s to a shared address without a mark", () => {
    expect(lines({ ...shared, ctmark: 0, forwardingOff: false })).toMatchInlineSnapshot(`
      [
        "ip -6 route add 2001:db8:1::10/128 dev clat table 49575",
        "ip -6 rule add pref 2 from all lookup local",
        "ip -6 rule add pref 1 from 2001:db8:64::/96 to 2001:db8:1::10/128 lookup 49575",
        "ip -6 rule add pref 1 from 64:ff9b::/96 to 2001:db8:1::10/128 lookup 49575",
        "ip -6 rule del pref 0 from all lookup local",
      ]
    `);
  });

  it("leaves the rule for the local table alone where somebody has moved it already", () => {
    const effects = classicPlumbing({ ...shared, localRuleMoved: true }, pref64s);
    expect(effects.filter((effect) => effect.do === "rule.withhold")).toEqual([]);
    expect(effects.filter((effect) => effect.do === "rule.add")).toHaveLength(1);
  });

  it("gives the rule for the local table its second home before it takes away the first", () => {
    const effects = classicPlumbing(shared, pref64s);
    const second = indexOf(effects, (effect) => effect.do === "rule.add" && effect.rule.table === 255);
    const first = indexOf(effects, (effect) => effect.do === "rule.withhold");
    expect(second).toBeLessThan(first);
  });

  it("tells devices to go on listening to Router Advertisements before it forwards", () => {
    const keys = classicPlumbing(own, pref64s).flatMap((effect) => (effect.do === "sysctl.set" ? [effect.key] : []));
    expect(keys).toEqual([
      "net.ipv6.conf.eth0.accept_ra",
      "net.ipv6.conf.wlan0/7.accept_ra",
      "net.ipv6.conf.all.forwarding",
      "net.ipv6.conf.all.proxy_ndp",
    ]);
  });

  it.each([
    { why: "it is on already", change: { forwardingOff: false } },
    { why: "forwarding-enable=no", change: { forwarding: false } },
  ])("does not touch forwarding and accept_ra: $why", ({ change }) => {
    const keys = lines({ ...own, ...change }).filter((line) => /accept_ra|forwarding/.test(line));
    expect(keys).toEqual([]);
  });

  it("makes a name for its nft table that nft takes, of any device's name", () => {
    const table = classicPlumbing({ ...shared, clatDev: "clat:1 ü" }, pref64s).find((one) => one.do === "nft.table");
    expect(table).toMatchObject({ name: "clatd-clat_1__" });
  });

  const also = ["2001:db8:a::/126", "2001:db8:c::/64"];

  it("leads the prefixes of a relay's mappings into the CLAT too, and answers for its neighbours' addresses", () => {
    const wanted = lines({ ...own, also, alsoProxied: ["2001:db8:a::1"] });
    expect(wanted.filter((line) => !lines(own).includes(line))).toEqual([
      "ip -6 route add 2001:db8:a::/126 dev clat table 49575",
      "ip -6 route add 2001:db8:c::/64 dev clat table 49575",
      "ip -6 rule add pref 1 from all to 2001:db8:a::/126 lookup 49575",
      "ip -6 rule add pref 1 from all to 2001:db8:c::/64 lookup 49575",
      "ip -6 neighbour add proxy 2001:db8:a::1 dev eth0",
    ]);
    expect(wanted.filter((line) => line.includes("proxy_ndp"))).toHaveLength(1);
  });

  it("takes one rule for many prefixes, unless a shared address lies among them", () => {
    const many = Array.from({ length: 20 }, (_, n) => `2001:db8:1:0:${n.toString(16)}::/80`);
    const rules = (placement: Placement): string[] =>
      lines({ ...placement, also: many }).filter((line) => line.includes("rule add pref 1 from all to"));
    expect(rules({ ...own, clatV6: { address: "2001:db8:2::1", shared: false } })).toEqual([
      "ip -6 rule add pref 1 from all to 2001:db8:2::1/128 lookup 49575",
      "ip -6 rule add pref 1 from all to 2001:db8:1::/75 lookup 49575",
    ]);
    expect(rules({ ...shared, clatV6: { address: "2001:db8:1:0:1::5", shared: true } })).toHaveLength(20);
  });
});
