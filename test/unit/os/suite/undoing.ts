// Undoing many at once.

import { describe, expect, it } from "vitest";
import type { Effect } from "../../../../src/os/effect.js";
import { local6, local6at1 } from "./network.js";
import { applyTo, type DriverSubject } from "./subject.js";

const many: readonly Effect[] = [
  { do: "link.set", name: "up0", mtu: 1400 },
  { do: "address.add", dev: "up0", address: "203.0.113.1/32" },
  ...Array.from(
    { length: 300 },
    (_, n): Effect => ({
      do: "route.add",
      route: { family: 6, destination: `2001:db8:e6::${n.toString(16)}/128`, dev: "up0", table: 777 },
    }),
  ),
  { do: "route.add", route: { family: 4, destination: "198.18.0.0/24", dev: "up0", table: 255, type: "local" } },
  { do: "rule.add", rule: { family: 6, priority: 7, to: "2001:db8:e6::/64", table: 777 } },
  { do: "rule.add", rule: { family: 4, priority: 7, to: "198.18.0.0/24", table: 777 } },
  { do: "neighbour.proxy", dev: "up0", address: "2001:db8:1::77" },
  { do: "sysctl.set", key: "net.ipv6.conf.up0.accept_ra", value: "2" },
];

export function undoingSuite(subjectOf: () => DriverSubject): void {
  describe("revertEach()", () => {
    it("undoes many of all kinds, and what is gone already counts as undone", async () => {
      const { os, other } = subjectOf();
      const before = await os.snapshot();
      const applied = await applyTo(os, many);
      expect((await os.snapshot()).routes.length).toBe(before.routes.length + 300 + 2);
      const gone = applied.filter((_one, index) => index % 7 === 0);
      for (const one of gone) await other.revert(one);
      const list = applied.toReversed();
      expect(await os.revertEach(list)).toEqual(list.map(() => undefined));
      expect(await os.snapshot()).toEqual(before);
      expect(await os.revertEach(list)).toEqual(list.map(() => undefined));
    });

    it("goes on past what cannot be undone, and says why at its place", async () => {
      const { os } = subjectOf();
      const before = await os.snapshot();
      const [second, address, first] = await applyTo(os, [
        { do: "rule.add", rule: local6at1 },
        { do: "address.add", dev: "up0", address: "203.0.113.1/32" },
        { do: "rule.withhold", rule: local6 },
      ]);
      if (second === undefined || address === undefined || first === undefined) throw new Error("nothing was applied");
      // The only rule for the local table must not go.
      const errors = await os.revertEach([second, address, first]);
      expect(errors.map((error) => error === undefined)).toEqual([false, true, true]);
      expect(errors[0]?.message).toMatch(/^Cannot undo rule .*the host would lose its own addresses/);
      expect(await os.revertEach([second])).toEqual([undefined]);
      expect(await os.snapshot()).toEqual(before);
    });
  });
}
