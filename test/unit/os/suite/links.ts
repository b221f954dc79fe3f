// What the kernel does with what stands on a link, and with addresses.

import { describe, expect, it } from "vitest";
import type { Effect, Route } from "../../../../src/os/effect.js";
import { default4, default6, onTun } from "./network.js";
import { applyTo, type DriverSubject, quiet, until, untilRuns } from "./subject.js";

export function linkSuite(subjectOf: () => DriverSubject): void {
  describe("links", () => {
    it("a link that goes takes its addresses, routes and proxies along", async () => {
      const { os } = subjectOf();
      const start = await quiet(subjectOf());
      const applied = await os.prepareAll([...onTun, { do: "neighbour.proxy", dev: "clat", address: "2001:db8::7" }]);
      await os.performAll(applied);
      const [link] = applied;
      if (link === undefined) throw new Error("nothing was applied");
      await os.revert(link);
      expect(await quiet(subjectOf())).toEqual(start);
      for (const one of applied.toReversed()) await os.revert(one);
      expect(await quiet(subjectOf())).toEqual(start);
    });

    it("a link that goes down loses the routes that were added, and its IPv6 addresses; IPv4 addresses stay", async () => {
      const { os, other } = subjectOf();
      await applyTo(os, [
        { do: "route.add", route: default4 },
        { do: "route.add", route: default6 },
      ]);
      await applyTo(other, [{ do: "link.set", name: "up0", up: false }]);
      const down = await os.snapshot();
      expect(down.routes.filter(({ dev, table }) => dev === "up0" && table === 254)).toEqual([]);
      expect(down.addresses.filter(({ dev }) => dev === "up0").map(({ address }) => address)).toEqual(["192.0.2.1"]);
      await applyTo(other, [{ do: "link.set", name: "up0", up: true }]);
      await untilRuns(subjectOf(), "up0");
      const up = await quiet(subjectOf());
      expect(
        up.routes
          .filter(({ dev, table }) => dev === "up0" && table === 254)
          .map(({ destination }) => destination)
          .toSorted(),
      ).toEqual(["192.0.2.0/24", "fe80::/64"]);
    });

    it("a veth runs only while both ends are up", async () => {
      await untilRuns(subjectOf(), "up0");
      await applyTo(subjectOf().other, [{ do: "link.set", name: "up1", up: false }]);
      await untilRuns(subjectOf(), "up0", false);
    });

    it("an IPv6 route over another link keeps its source where that went down with its link", async () => {
      const { os, other } = subjectOf();
      const route: Route = {
        family: 6,
        destination: "2001:db8:7::/48",
        dev: "up1",
        via: "fe80::1",
        onlink: true,
        table: 254,
        source: "2001:db8::1",
      };
      await applyTo(other, [
        { do: "route.add", route },
        { do: "link.set", name: "up0", up: false },
      ]);
      expect((await os.snapshot()).routes).toContainEqual(expect.objectContaining(route));
    });

    it("an IPv6 route's own MTU follows that of its link where it is the larger one, or was the same", async () => {
      const { os, other } = subjectOf();
      const via = (destination: string, mtu?: number): Effect => ({
        do: "route.add",
        route: { family: 6, destination, dev: "up0", table: 254, ...(mtu === undefined ? {} : { mtu }) },
      });
      const mtus = async () =>
        (await os.snapshot()).routes.flatMap(({ destination, mtu }) =>
          /^2001:db8:[789]:/.test(destination) ? [mtu] : [],
        );
      await applyTo(other, [via("2001:db8:7::/48", 1400), via("2001:db8:8::/48", 1290), via("2001:db8:9::/48")]);
      await applyTo(other, [{ do: "link.set", name: "up0", mtu: 1300 }]);
      expect(await mtus()).toEqual([1300, 1290, undefined]);
      await applyTo(other, [{ do: "link.set", name: "up0", mtu: 1450 }]);
      expect(await mtus()).toEqual([1450, 1290, undefined]);
    });

    it("what the kernel makes of a new address and a new rule is in the snapshot", async () => {
      const { os } = subjectOf();
      await applyTo(os, [
        { do: "address.add", dev: "lo", address: "2001:db8:7::1/128", nodad: true },
        { do: "address.add", dev: "up0", address: "2001:db8:8::1/128", peer: "2001:db8:8::2", nodad: true },
        { do: "route.add", route: { family: 6, destination: "2001:db8:9::/96", dev: "lo", table: 255, type: "local" } },
        { do: "rule.add", rule: { family: 6, priority: 9, fwmark: 3, fwmask: 0xffffffff, table: 100 } },
        { do: "rule.add", rule: { family: 6, priority: 10, to: "2001:db8::1/64", table: 100 } },
      ]);
      const { routes, rules } = await os.snapshot();
      const shown = routes.filter(({ destination }) => /^2001:db8:[789]:/.test(destination));
      expect(
        shown
          .map(({ destination, dev, table, metric }) => `${destination} dev ${dev} table ${table} metric ${metric}`)
          .toSorted(),
      ).toEqual([
        "2001:db8:7::1/128 dev lo table 254 metric 256",
        "2001:db8:7::1/128 dev lo table 255 metric 0",
        "2001:db8:8::1/128 dev up0 table 254 metric 256",
        "2001:db8:8::1/128 dev up0 table 255 metric 0",
        "2001:db8:8::2/128 dev up0 table 254 metric 256",
        "2001:db8:9::/96 dev lo table 255 metric 1024",
      ]);
      expect(rules.filter(({ table }) => table === 100)).toEqual([
        { family: 6, priority: 9, fwmark: 3, table: 100 },
        { family: 6, priority: 10, to: "2001:db8::/64", table: 100 },
      ]);
    });

    it("a bridge takes the least MTU of its ports, also where it came with one of its own", async () => {
      const { os, other } = subjectOf();
      const mtu = async (): Promise<number | undefined> =>
        (await os.snapshot()).links.find(({ name }) => name === "br0")?.mtu;
      await applyTo(other, [{ do: "link.add", name: "br0", link: { kind: "bridge" }, mtu: 1400 }]);
      expect(await mtu()).toBe(1400);
      await applyTo(other, [{ do: "link.set", name: "up1", master: "br0" }]);
      expect(await mtu()).toBe(1500);
      await applyTo(other, [{ do: "link.set", name: "up1", mtu: 1450 }]);
      expect(await mtu()).toBe(1450);
      await applyTo(other, [
        { do: "link.set", name: "br0", mtu: 1300 },
        { do: "link.set", name: "up1", mtu: 1400 },
      ]);
      expect(await mtu()).toBe(1300);
    });

    it("a TUN goes with the process", async () => {
      const start = await quiet(subjectOf());
      await applyTo(subjectOf().os, onTun);
      await untilRuns(subjectOf(), "clat");
      expect((await subjectOf().os.snapshot()).links).toContainEqual(
        expect.objectContaining({ name: "clat", kind: "tun", up: true, running: true, mtu: 1480 }),
      );
      await subjectOf().restart();
      expect(await quiet(subjectOf())).toEqual(start);
    });
  });

  describe("addresses", () => {
    it("an IPv6 address is tentative until duplicate address detection is over (RFC 4862 §5.4)", async () => {
      const { os } = subjectOf();
      const find = async () => (await os.snapshot()).addresses.find(({ address }) => address === "2001:db8::d");
      // Without a carrier it does not begin.
      await applyTo(os, [{ do: "link.set", name: "up1", up: false }]);
      await untilRuns(subjectOf(), "up0", false);
      await applyTo(os, [
        { do: "sysctl.set", key: "net.ipv6.conf.up0.accept_dad", value: "1" },
        { do: "address.add", dev: "up0", address: "2001:db8::d/64" },
      ]);
      expect(await find()).toMatchObject({ tentative: true, scope: "global", length: 64 });
      await applyTo(os, [{ do: "link.set", name: "up1", up: true }]);
      await until(subjectOf(), async () => (await find())?.tentative === false, "2001:db8::d is no longer tentative");
    });

    it("nodad skips it", async () => {
      await applyTo(subjectOf().os, [{ do: "address.add", dev: "up0", address: "2001:db8::e/64", nodad: true }]);
      const { addresses } = await subjectOf().os.snapshot();
      expect(addresses).toContainEqual(
        expect.objectContaining({ address: "2001:db8::e", tentative: false, deprecated: false }),
      );
    });

    it("a deprecated address is none that the kernel picks", async () => {
      const { os } = subjectOf();
      await applyTo(os, [{ do: "address.add", dev: "up0", address: "2001:db8::f/64", nodad: true, deprecated: true }]);
      expect((await os.snapshot()).addresses).toContainEqual(
        expect.objectContaining({ address: "2001:db8::f", deprecated: true }),
      );
      expect(await os.routeTo("2001:db8::f0f0")).toMatchObject({ dev: "up0", source: "2001:db8::1" });
    });

    it("an IPv4 route with a source goes with that address; an IPv6 route stays without", async () => {
      const { os, other } = subjectOf();
      const addresses: readonly Effect[] = [
        { do: "address.add", dev: "up0", address: "192.0.0.1/32" },
        { do: "address.add", dev: "up0", address: "2001:db8::c1a7/64", nodad: true },
      ];
      const added = await applyTo(other, addresses);
      const to4: Route = { family: 4, destination: "198.51.100.0/24", dev: "up0", table: 254, source: "192.0.0.1" };
      const to6: Route = {
        family: 6,
        destination: "2001:db8:7::/48",
        dev: "up0",
        table: 254,
        source: "2001:db8::c1a7",
      };
      await applyTo(os, [
        { do: "route.add", route: to4 },
        { do: "route.add", route: to6 },
      ]);
      for (const one of added) await other.revert(one);
      const { routes } = await os.snapshot();
      expect(routes.some(({ destination }) => destination === to4.destination)).toBe(false);
      const left = routes.find(({ destination }) => destination === to6.destination);
      expect(left).toMatchObject({ dev: "up0" });
      expect(left?.source).toBeUndefined();
    });
  });
}
