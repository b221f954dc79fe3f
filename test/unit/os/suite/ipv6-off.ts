// What becomes of a device whose IPv6 is switched off, by a sysctl or by an MTU that IPv6 cannot live with (RFC 8200 §5).

import { describe, expect, it } from "vitest";
import type { Effect, Route } from "../../../../src/os/effect.js";
import { applyTo, type DriverSubject, failureOf, quiet, until, untilRuns } from "./subject.js";

const elsewhere: Route = { family: 6, destination: "2001:db8:7::/48", dev: "up0", table: 254 };
const disable = (dev: string, value = "1"): Effect => ({
  do: "sysctl.set",
  key: `net.ipv6.conf.${dev}.disable_ipv6`,
  value,
});
const address: Effect = { do: "address.add", dev: "up0", address: "2001:db8::9/64", nodad: true };

export function ipv6OffSuite(subjectOf: () => DriverSubject): void {
  describe("IPv6 switched off on a device", () => {
    /** What of IPv6 is on up0: addresses, destinations of routes, sysctls, proxies. */
    async function ipv6OfUp0(): Promise<object> {
      const { addresses, routes, sysctls, proxies } = await subjectOf().os.snapshot();
      return {
        addresses: addresses.filter(({ dev, family }) => dev === "up0" && family === 6).map((one) => one.address),
        routes: routes.filter(({ dev, family }) => dev === "up0" && family === 6).map(({ destination }) => destination),
        sysctls: Object.keys(sysctls).filter((key) => key.startsWith("net.ipv6.conf.up0.")).length,
        proxies: proxies.length,
      };
    }

    const before: readonly Effect[] = [
      { do: "route.add", route: elsewhere },
      { do: "neighbour.proxy", dev: "up0", address: "2001:db8::c1a7" },
    ];
    const nothing = { addresses: [], routes: [], proxies: 0 };

    it("disable_ipv6 takes addresses, routes and proxies away, and refuses new ones", async () => {
      const { os, other } = subjectOf();
      await applyTo(other, before);
      const applied = await os.prepare(disable("up0"));
      await os.perform(applied);
      expect(await ipv6OfUp0()).toEqual({ ...nothing, sysctls: 5 });
      expect(await failureOf(applyTo(other, [address]))).toMatchObject({ code: "failed", done: 0 });
      expect(await failureOf(applyTo(other, [{ do: "route.add", route: elsewhere }]))).toMatchObject({
        code: "failed",
      });
      await os.revert(applied);
      // The kernel makes the link-local address again, and brings nothing else back.
      await until(
        subjectOf(),
        async () => (await quiet(subjectOf())).addresses.some(({ dev, scope }) => dev === "up0" && scope === "link"),
        "up0 has a link-local address again",
      );
      await applyTo(other, [address]);
    });

    it("all.disable_ipv6 is for every device", async () => {
      await applyTo(subjectOf().other, [...before, disable("all")]);
      expect(await ipv6OfUp0()).toEqual({ ...nothing, sysctls: 5 });
      const { addresses, sysctls } = await subjectOf().os.snapshot();
      expect(addresses.filter(({ family }) => family === 6)).toEqual([]);
      expect(["default", "lo", "up1"].map((dev) => sysctls[`net.ipv6.conf.${dev}.disable_ipv6`])).toEqual([
        "1",
        "1",
        "1",
      ]);
    });

    it("default.disable_ipv6 is for devices that come later", async () => {
      const { os, other } = subjectOf();
      const start = await ipv6OfUp0();
      await applyTo(other, [
        disable("default"),
        { do: "link.add", name: "late0", link: { kind: "veth", peer: "late1" } },
        { do: "link.set", name: "late0", up: true },
        { do: "link.set", name: "late1", up: true },
      ]);
      await untilRuns(subjectOf(), "late0");
      expect((await os.snapshot()).addresses.filter(({ dev }) => dev === "late0")).toEqual([]);
      expect(await ipv6OfUp0()).toEqual(start);
    });

    it("an MTU below 1280 takes all of it away, the sysctls too; a larger one brings those back", async () => {
      const { os, other } = subjectOf();
      await applyTo(other, before);
      const applied = await os.prepare({ do: "link.set", name: "up0", mtu: 1279 });
      await os.perform(applied);
      expect(await ipv6OfUp0()).toEqual({ ...nothing, sysctls: 0 });
      expect(await failureOf(applyTo(other, [address]))).toMatchObject({ code: "failed", done: 0 });
      expect(await failureOf(applyTo(other, [{ do: "route.add", route: elsewhere }]))).toMatchObject({
        code: "missing",
      });
      const proxy: Effect = { do: "neighbour.proxy", dev: "up0", address: "2001:db8::c1a7" };
      expect(await failureOf(applyTo(other, [proxy]))).toMatchObject({ code: "failed" });
      expect(await failureOf(applyTo(other, [disable("up0")]))).toMatchObject({ code: "missing" });
      await os.revert(applied);
      expect(await ipv6OfUp0()).toMatchObject({ sysctls: 5 });
      await applyTo(other, [address]);
    });

    it("a device without generated addresses gets no link-local one (addr_gen_mode)", async () => {
      const { os } = subjectOf();
      await applyTo(os, [
        { do: "link.add", name: "clat", link: { kind: "tun", offloads: true } },
        { do: "sysctl.set", key: "net.ipv6.conf.clat.addr_gen_mode", value: "1" },
        { do: "link.set", name: "clat", up: true },
      ]);
      await untilRuns(subjectOf(), "clat");
      expect((await quiet(subjectOf())).addresses.filter(({ dev }) => dev === "clat")).toEqual([]);
    });
  });
}
