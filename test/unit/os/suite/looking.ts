// Route look-ups.

import { describe, expect, it } from "vitest";
import { default4, default6, onTun } from "./network.js";
import { applyTo, type DriverSubject } from "./subject.js";

export function lookingSuite(subjectOf: () => DriverSubject): void {
  describe("routeTo()", () => {
    it("tells device, gateway, source and MTU of the best route", async () => {
      const { os } = subjectOf();
      await applyTo(os, [
        { do: "route.add", route: default4 },
        { do: "route.add", route: { ...default4, metric: 900, via: "192.0.2.3" } },
        { do: "route.add", route: default6 },
      ]);
      expect(await os.routeTo("198.51.100.1")).toEqual({
        dev: "up0",
        via: "192.0.2.2",
        source: "192.0.2.1",
        mtu: 1400,
      });
      expect(await os.routeTo("2001:db8:64::c000:201")).toEqual({
        dev: "up0",
        via: "fe80::1",
        source: "2001:db8::1",
        mtu: 1500,
      });
      expect(await os.routeTo("192.0.2.77")).toEqual({ dev: "up0", source: "192.0.2.1", mtu: 1500 });
      expect(await os.routeTo("192.0.2.1")).toMatchObject({ dev: "lo" });
    });

    it("is undefined where there is none, or an unreachable one", async () => {
      const { os } = subjectOf();
      expect(await os.routeTo("198.51.100.1")).toBeUndefined();
      expect(await os.routeTo("2001:db8:64::1")).toBeUndefined();
      await applyTo(os, [
        { do: "route.add", route: default6 },
        { do: "route.add", route: { family: 6, destination: "2001:db8:64::/96", table: 254, type: "unreachable" } },
        { do: "route.add", route: { family: 4, destination: "198.51.100.0/24", table: 254, type: "blackhole" } },
      ]);
      expect(await os.routeTo("2001:db8:64::1")).toBeUndefined();
      expect(await os.routeTo("198.51.100.1")).toBeUndefined();
      expect(await os.routeTo("2001:db8:65::1")).toMatchObject({ dev: "up0" });
    });

    it("goes by rules and tables", async () => {
      const { os } = subjectOf();
      await applyTo(os, [
        ...onTun.slice(0, 2),
        { do: "route.add", route: { family: 6, destination: "default", dev: "clat", table: 0xc1a7 } },
        { do: "rule.add", rule: { family: 6, priority: 100, to: "2001:db8:5::/48", table: 0xc1a7 } },
      ]);
      expect(await os.routeTo("2001:db8:5::1")).toMatchObject({ dev: "clat", mtu: 1480 });
      expect(await os.routeTo("2001:db8::7")).toMatchObject({ dev: "up0" });
    });
  });
}
