// The forwarding trap: one write changes every device.

import { describe, expect, it } from "vitest";
import type { Effect } from "../../../../src/os/effect.js";
import { applyTo, type DriverSubject, quiet } from "./subject.js";

export function forwardingSuite(subjectOf: () => DriverSubject): void {
  describe("the forwarding trap", () => {
    const forwarding: Effect = { do: "sysctl.set", key: "net.ipv6.conf.all.forwarding", value: "1" };
    const keyOf = (dev: string): string => `net.ipv6.conf.${dev}.forwarding`;

    it("all.forwarding=1 sets every device's and the default's; revert() puts each back", async () => {
      const { os, other } = subjectOf();
      await applyTo(other, [{ do: "sysctl.set", key: keyOf("up1"), value: "1" }]);
      const start = await quiet(subjectOf());
      const applied = await os.prepare(forwarding);
      await os.perform(applied);
      const { sysctls } = await os.snapshot();
      expect(["all", "default", "lo", "up0", "up1"].map((dev) => sysctls[keyOf(dev)])).toEqual([
        "1",
        "1",
        "1",
        "1",
        "1",
      ]);
      await os.revert(applied);
      expect(await quiet(subjectOf())).toEqual(start);
      expect(start.sysctls[keyOf("up1")]).toBe("1");
    });

    it("revert() leaves what somebody changed since, and skips devices that went", async () => {
      const { os, other } = subjectOf();
      const [made] = await applyTo(other, [{ do: "link.add", name: "x0", link: { kind: "veth", peer: "x1" } }]);
      await applyTo(other, [{ do: "sysctl.set", key: keyOf("up1"), value: "1" }]);
      const [applied] = await applyTo(os, [forwarding]);
      if (made === undefined || applied === undefined) throw new Error("nothing was applied");
      await other.revert(made);
      await applyTo(other, [
        { do: "sysctl.set", key: keyOf("up0"), value: "0" },
        { do: "sysctl.set", key: keyOf("up1"), value: "0" },
      ]);
      await os.revert(applied);
      const { sysctls } = await os.snapshot();
      expect(["all", "default", "up0", "up1"].map((dev) => sysctls[keyOf(dev)])).toEqual(["0", "0", "0", "0"]);
    });

    it("revert() does nothing where somebody switched it off since", async () => {
      const { os, other } = subjectOf();
      await applyTo(other, [{ do: "sysctl.set", key: keyOf("up1"), value: "1" }]);
      const [applied] = await applyTo(os, [forwarding]);
      if (applied === undefined) throw new Error("nothing was applied");
      await applyTo(other, [{ do: "sysctl.set", key: keyOf("all"), value: "0" }]);
      const theirs = await quiet(subjectOf());
      await os.revert(applied);
      expect(await quiet(subjectOf())).toEqual(theirs);
    });

    it("a device that came since gets what the default was", async () => {
      const { os, other } = subjectOf();
      const [applied] = await applyTo(os, [forwarding]);
      if (applied === undefined) throw new Error("nothing was applied");
      await applyTo(other, [{ do: "link.add", name: "late0", link: { kind: "bridge" } }]);
      expect((await os.snapshot()).sysctls[keyOf("late0")]).toBe("1");
      await os.revert(applied);
      expect((await os.snapshot()).sysctls[keyOf("late0")]).toBe("0");
    });

    it("IPv4's is the same", async () => {
      const { os, other } = subjectOf();
      await applyTo(other, [{ do: "sysctl.set", key: "net.ipv4.conf.up1.forwarding", value: "1" }]);
      const start = await quiet(subjectOf());
      const [applied] = await applyTo(os, [{ do: "sysctl.set", key: "net.ipv4.ip_forward", value: "1" }]);
      if (applied === undefined) throw new Error("nothing was applied");
      expect((await os.snapshot()).sysctls).toMatchObject({
        "net.ipv4.conf.up0.forwarding": "1",
        "net.ipv4.conf.all.forwarding": "1",
      });
      await os.revert(applied);
      expect(await quiet(subjectOf())).toEqual(start);
    });
  });
}
