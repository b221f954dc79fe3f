// One effect of each kind that can be seen in a snapshot: done, undone, refused, undone by somebody else.

import { describe, expect, it } from "vitest";
import type { Effect, FastPathProgram } from "../../../../src/os/effect.js";
import { isPresent } from "../../../../src/os/identity.js";
import { default4, default6, local6, local6at1, tun } from "./network.js";
import { applyTo, type DriverSubject, quiet } from "./subject.js";

/** One of each kind that can be seen in a snapshot, with what must be there before. */
const kinds: readonly {
  readonly name: string;
  readonly before?: readonly Effect[];
  readonly effect: Effect;
  readonly again?: "amends";
}[] = [
  { name: "link.add of a tun", effect: tun },
  {
    name: "link.add of a tun without offloads",
    effect: { do: "link.add", name: "clat", link: { kind: "tun", offloads: false } },
  },
  { name: "link.add of a bridge", effect: { do: "link.add", name: "br0", link: { kind: "bridge" } } },
  { name: "link.add of a veth", effect: { do: "link.add", name: "a0", link: { kind: "veth", peer: "a1" }, mtu: 1400 } },
  {
    name: "link.add of a direct veth",
    effect: { do: "link.add", name: "a0", link: { kind: "veth", peer: "a1", direct: true } },
  },
  { name: "link.set mtu", effect: { do: "link.set", name: "up0", mtu: 1280 }, again: "amends" },
  {
    name: "link.set master",
    before: [{ do: "link.add", name: "br0", link: { kind: "bridge" } }],
    effect: { do: "link.set", name: "up1", master: "br0" },
    again: "amends",
  },
  {
    name: "link.set up",
    before: [{ do: "link.add", name: "br0", link: { kind: "bridge" } }],
    effect: { do: "link.set", name: "br0", up: true },
    again: "amends",
  },
  { name: "address.add of IPv4", effect: { do: "address.add", dev: "up0", address: "192.0.0.1/32" } },
  { name: "address.add of IPv4 with a length", effect: { do: "address.add", dev: "up0", address: "198.51.100.7/24" } },
  {
    name: "address.add of IPv4 with a peer",
    effect: { do: "address.add", dev: "up0", address: "192.0.0.1/32", peer: "192.0.0.9" },
  },
  { name: "address.add of IPv6", effect: { do: "address.add", dev: "up0", address: "2001:db8::c1a7/64", nodad: true } },
  {
    name: "address.add of IPv6 to lo",
    effect: { do: "address.add", dev: "lo", address: "2001:db8:7::1/128", nodad: true },
  },
  {
    name: "address.add of IPv6 with a peer",
    effect: { do: "address.add", dev: "up0", address: "2001:db8:7::1/128", peer: "2001:db8:7::2", nodad: true },
  },
  {
    name: "address.add of IPv6, deprecated",
    effect: { do: "address.add", dev: "up0", address: "2001:db8::c1a7/128", nodad: true, deprecated: true },
  },
  {
    name: "address.add of IPv6 that runs out",
    effect: { do: "address.add", dev: "up0", address: "2001:db8::c1a7/128", deprecated: true, lifetime: 60 },
  },
  { name: "route.add of an IPv4 default route", effect: { do: "route.add", route: default4 } },
  {
    name: "route.add of an IPv4 route without a gateway",
    effect: { do: "route.add", route: { family: 4, destination: "198.51.100.0/24", dev: "up0", table: 254 } },
  },
  { name: "route.add of an IPv6 default route", effect: { do: "route.add", route: default6 } },
  {
    name: "route.add of an IPv6 default route without a gateway",
    effect: { do: "route.add", route: { family: 6, destination: "default", dev: "up0", table: 254, metric: 9000 } },
  },
  {
    name: "route.add of an IPv6 route of metric 0, which is none that was asked for",
    effect: {
      do: "route.add",
      route: { family: 6, destination: "2001:db8:7::/48", dev: "up0", table: 254, metric: 0 },
    },
  },
  {
    name: "route.add of an IPv6 route with advmss and preference",
    effect: {
      do: "route.add",
      route: {
        family: 6,
        destination: "2001:db8:7::/48",
        dev: "up0",
        table: 254,
        mtu: 1300,
        advmss: 1220,
        pref: "low",
      },
    },
  },
  {
    name: "route.add of a local IPv6 prefix",
    effect: {
      do: "route.add",
      route: { family: 6, destination: "2001:db8:7::/96", dev: "lo", table: 255, type: "local" },
    },
  },
  {
    name: "route.add by the host's own address (IPv4)",
    effect: {
      do: "route.add",
      route: { family: 4, destination: "198.51.100.0/24", dev: "up0", via: "192.0.2.1", table: 254 },
    },
  },
  {
    name: "route.add of an IPv6 route by a gateway that the route's own table leads elsewhere",
    before: [
      { do: "route.add", route: { family: 6, destination: "default", dev: "up0", via: "fe80::1", table: 0xc1a7 } },
    ],
    effect: {
      do: "route.add",
      route: { family: 6, destination: "2001:db8:7::/48", via: "2001:db8::2", table: 0xc1a7 },
    },
  },
  {
    name: "route.add into another table",
    effect: { do: "route.add", route: { family: 6, destination: "2001:db8::c1a7/128", dev: "up0", table: 0xc1a7 } },
  },
  {
    name: "route.add of an unreachable IPv6 route",
    effect: { do: "route.add", route: { family: 6, destination: "2001:db8:64::/96", table: 254, type: "unreachable" } },
  },
  {
    name: "route.add of a blackhole IPv4 route",
    effect: { do: "route.add", route: { family: 4, destination: "default", table: 77, type: "blackhole" } },
  },
  {
    name: "route.withhold of an IPv4 default route",
    before: [{ do: "route.add", route: default4 }],
    effect: { do: "route.withhold", route: default4 },
  },
  {
    name: "route.withhold of an IPv6 default route",
    before: [{ do: "route.add", route: default6 }],
    effect: { do: "route.withhold", route: default6 },
  },
  {
    name: "rule.add by destination",
    effect: { do: "rule.add", rule: { family: 6, priority: 10, to: "2001:db8::c1a7/128", table: 0xc1a7 } },
  },
  {
    name: "rule.add by mark",
    effect: { do: "rule.add", rule: { family: 6, priority: 10, fwmark: 0xc1a7, table: 0xc1a7 } },
  },
  {
    name: "rule.add by mark and mask",
    effect: {
      do: "rule.add",
      rule: { family: 4, priority: 10, fwmark: 0x40, fwmask: 0xf0, iif: "up0", from: "192.0.2.0/24", table: 100 },
    },
  },
  {
    name: "rule.add by a mark of which all bits count",
    effect: { do: "rule.add", rule: { family: 6, priority: 10, fwmark: 0xc1a7, fwmask: 0xffffffff, table: 0xc1a7 } },
  },
  {
    name: "rule.add by a prefix with host bits",
    effect: { do: "rule.add", rule: { family: 6, priority: 10, to: "2001:db8::1/64", table: 0xc1a7 } },
  },
  {
    name: "rule.withhold of the local rule",
    before: [{ do: "rule.add", rule: local6at1 }],
    effect: { do: "rule.withhold", rule: local6 },
  },
  { name: "neighbour.proxy", effect: { do: "neighbour.proxy", dev: "up0", address: "2001:db8::c1a7" } },
  {
    name: "sysctl.set of a device",
    effect: { do: "sysctl.set", key: "net.ipv6.conf.up0.accept_ra", value: "2" },
    again: "amends",
  },
  {
    name: "sysctl.set of IPv6 forwarding",
    effect: { do: "sysctl.set", key: "net.ipv6.conf.all.forwarding", value: "1" },
    again: "amends",
  },
  {
    name: "sysctl.set of IPv4 forwarding",
    effect: { do: "sysctl.set", key: "net.ipv4.ip_forward", value: "1" },
    again: "amends",
  },
  { name: "bpf.attach on the way out", effect: program("clat_egress", "egress") },
  { name: "bpf.attach on the way in", effect: program("uplink_ingress", "ingress") },
  {
    name: "nft.table",
    effect: {
      do: "nft.table",
      family: "inet",
      name: "clatd",
      body: "chain post {\n  type filter hook postrouting priority mangle; policy accept;\n  ip6 saddr 2001:db8::1 counter ct mark set 0xc1a7\n}",
    },
  },
];

function program(name: FastPathProgram, hook: "ingress" | "egress"): Effect {
  return { do: "bpf.attach", object: "clat", program: name, dev: "up0", hook };
}

export function kindSuite(subjectOf: () => DriverSubject): void {
  describe.each(kinds)("$name", ({ before = [], effect, again }) => {
    it("perform() shows in the snapshot, revert() brings the snapshot back", async () => {
      const { os } = subjectOf();
      await applyTo(subjectOf().other, before);
      const start = await quiet(subjectOf());
      expect(isPresent(effect, start)).toBe(false);
      const applied = await os.prepare(effect);
      expect(await os.snapshot()).toEqual(start);
      await os.perform(applied);
      expect(isPresent(effect, await os.snapshot())).toBe(true);
      await os.revert(applied);
      expect(await quiet(subjectOf())).toEqual(start);
    });

    it("revert() a second time, and of what was never done, changes nothing", async () => {
      const { os } = subjectOf();
      await applyTo(subjectOf().other, before);
      const start = await quiet(subjectOf());
      const applied = await os.prepare(effect);
      await os.revert(applied);
      expect(await quiet(subjectOf())).toEqual(start);
      await os.perform(applied);
      await os.revert(applied);
      await os.revert(applied);
      expect(await quiet(subjectOf())).toEqual(start);
    });

    const refusesAgain = again === "amends" ? undefined : it;
    refusesAgain?.("prepare() refuses it where it is done already", async () => {
      const { os } = subjectOf();
      await applyTo(subjectOf().other, before);
      await os.perform(await os.prepare(effect));
      await expect(os.prepare(effect)).rejects.toMatchObject({
        name: "OsError",
        code: effect.do.endsWith(".withhold") ? "missing" : "exists",
        message: expect.stringMatching(/^Cannot (add|attach|withhold) .+: .+/),
      });
    });

    it("undone by somebody else counts as undone", async () => {
      const { os, other } = subjectOf();
      await applyTo(other, before);
      const start = await quiet(subjectOf());
      const applied = await os.prepare(effect);
      await os.perform(applied);
      // A TUN is closed by whoever opened it only.
      if (effect.do !== "link.add" || effect.link.kind !== "tun") await other.revert(applied);
      await os.revert(applied);
      expect(await quiet(subjectOf())).toEqual(start);
    });
  });
}
