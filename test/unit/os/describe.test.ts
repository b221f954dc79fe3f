// What people read: each kind of effect once, as commands, and how errors name it.

import { describe, expect, it } from "vitest";
import { cannot, describeEffect, describeRevert } from "../../../src/os/describe.js";
import type { Effect } from "../../../src/os/effect.js";

const rows: readonly (readonly [Effect, readonly string[], readonly string[]])[] = [
  [{ do: "netns.add", name: "host" }, ["ip netns add host"], ["ip netns del host"]],
  [
    { do: "link.add", name: "clat", link: { kind: "tun", offloads: true }, mtu: 1480 },
    ["ip tuntap add dev clat mode tun vnet_hdr", "ip link set clat mtu 1480"],
    ["ip link del clat"],
  ],
  [
    { do: "link.add", in: "host", name: "up", link: { kind: "veth", peer: "down", peerNetns: "router" } },
    ["ip -n host link add up type veth peer name down netns router"],
    ["ip -n host link del up"],
  ],
  [
    { do: "link.set", name: "clat", up: true, mtu: 1400 },
    ["ip link set clat mtu 1400 up"],
    ["# ip link set clat back to what it was"],
  ],
  [
    { do: "link.set", in: "host", name: "up", features: { tso: false, gro: true } },
    ["ip netns exec host ethtool -K up tso off gro on"],
    ["# ip -n host link set up back to what it was"],
  ],
  [
    { do: "address.add", dev: "eth0", address: "2001:db8::c1a7/128", deprecated: true, nodad: true },
    ["ip address add 2001:db8::c1a7/128 dev eth0 preferred_lft 0 nodad"],
    ["ip address del 2001:db8::c1a7/128 dev eth0"],
  ],
  [
    { do: "address.add", dev: "clat", address: "192.0.0.1/32", peer: "192.0.0.2" },
    ["ip address add 192.0.0.1 peer 192.0.0.2/32 dev clat"],
    ["ip address del 192.0.0.1/32 dev clat"],
  ],
  [
    {
      do: "route.add",
      route: { family: 4, destination: "default", dev: "clat", table: 254, metric: 2048, mtu: 1260, advmss: 1220 },
    },
    ["ip route add default dev clat metric 2048 mtu 1260 advmss 1220"],
    ["ip route del default dev clat metric 2048 mtu 1260 advmss 1220"],
  ],
  [
    {
      do: "route.withhold",
      route: {
        family: 6,
        destination: "default",
        dev: "eth0",
        via: "fe80::1",
        table: 254,
        protocol: "ra",
        pref: "high",
      },
    },
    ["ip -6 route del default via fe80::1 dev eth0 proto ra pref high"],
    ["ip -6 route add default via fe80::1 dev eth0 proto ra pref high"],
  ],
  [
    { do: "rule.add", rule: { family: 6, priority: 0, to: "2001:db8::c1a7/128", fwmark: 0xc1a7, table: 0xc1a7 } },
    ["ip -6 rule add pref 0 from all to 2001:db8::c1a7/128 fwmark 0xc1a7 lookup 49575"],
    ["ip -6 rule del pref 0 from all to 2001:db8::c1a7/128 fwmark 0xc1a7 lookup 49575"],
  ],
  [
    { do: "rule.withhold", rule: { family: 6, priority: 0, table: 255 } },
    ["ip -6 rule del pref 0 from all lookup local"],
    ["ip -6 rule add pref 0 from all lookup local"],
  ],
  [
    { do: "neighbour.proxy", dev: "eth0", address: "2001:db8::c1a7" },
    ["ip -6 neighbour add proxy 2001:db8::c1a7 dev eth0"],
    ["ip -6 neighbour del proxy 2001:db8::c1a7 dev eth0"],
  ],
  [
    { do: "sysctl.set", key: "net.ipv6.conf.all.forwarding", value: "1" },
    ["sysctl -w net.ipv6.conf.all.forwarding=1"],
    ["# sysctl net.ipv6.conf.all.forwarding back to what it was"],
  ],
  [
    { do: "nft.table", family: "ip6", name: "clatd", body: "\n  chain c {\n  }\n" },
    ["nft 'table ip6 clatd {\n    chain c {\n    }\n}'"],
    ["nft delete table ip6 clatd"],
  ],
  [
    { do: "file.write", path: "/run/tayga.conf", text: "x", mode: 0o600 },
    ["install -m 0600 /dev/stdin /run/tayga.conf"],
    ["rm /run/tayga.conf"],
  ],
  [
    { do: "process.start", in: "plat", name: "tayga", command: ["tayga", "-d", "-c", "/run/my conf"] },
    ["ip netns exec plat tayga -d -c '/run/my conf' &"],
    ["# stop tayga"],
  ],
];

describe.each(rows)("%j", (effect, commands, undoing) => {
  it("describeEffect() gives the commands that a person would type", () => {
    expect(describeEffect(effect)).toEqual(commands);
  });
  it("describeRevert() gives those that undo it", () => {
    expect(describeRevert(effect)).toEqual(undoing);
  });
});

describe("cannot()", () => {
  it("names action, object and reason", () => {
    const route: Effect = {
      do: "route.add",
      in: "host",
      route: { family: 4, destination: "default", dev: "clat", table: 254 },
    };
    expect(cannot(route, "File exists")).toBe('Cannot add route "default dev clat" in host: File exists');
    expect(cannot({ do: "link.set", name: "clat", up: true }, "x")).toBe('Cannot set link "clat": x');
    expect(cannot({ do: "rule.withhold", rule: { family: 4, priority: 0, table: 255 } }, "x")).toBe(
      'Cannot withhold rule "pref 0 from all lookup local": x',
    );
  });
});
