// Effects inside network namespaces.

import { describe, expect, it } from "vitest";
import type { Effect } from "../../../../src/os/effect.js";
import { effectKey, isPresent } from "../../../../src/os/identity.js";
import { applyTo, type DriverSubject, quiet, untilRuns } from "./subject.js";

export function namespaceSuite(subjectOf: () => DriverSubject): void {
  describe("namespaces", () => {
    const lab: readonly Effect[] = [
      { do: "netns.add", name: "clatd-a" },
      { do: "netns.add", name: "clatd-b" },
      {
        do: "link.add",
        in: "clatd-a",
        name: "ab",
        link: { kind: "veth", peer: "ba", peerNetns: "clatd-b" },
        mtu: 1400,
      },
      { do: "link.set", in: "clatd-a", name: "ab", up: true },
      { do: "link.set", in: "clatd-b", name: "ba", up: true, mtu: 1400 },
      { do: "address.add", in: "clatd-a", dev: "ab", address: "2001:db8:a::1/64", nodad: true },
      { do: "sysctl.set", in: "clatd-b", key: "net.ipv6.conf.all.forwarding", value: "1" },
      { do: "link.set", in: "clatd-b", name: "lo", up: true },
      { do: "link.add", in: "clatd-b", name: "plat", link: { kind: "tun", offloads: true } },
      { do: "nft.table", in: "clatd-b", family: "ip", name: "nat", body: "chain c {\n}" },
    ];

    it("effects with `in` are done there, and all of it is undone", async () => {
      const { os } = subjectOf();
      const start = await quiet(subjectOf());
      const applied = await applyTo(os, lab);
      await untilRuns(subjectOf(), "ab", true, "clatd-a");
      const [a, b] = [await os.snapshot("clatd-a"), await os.snapshot("clatd-b")];
      for (const effect of lab) {
        if (effect.in !== undefined)
          expect(isPresent(effect, effect.in === "clatd-a" ? a : b), effectKey(effect)).not.toBe(false);
      }
      expect(a.links).toContainEqual(expect.objectContaining({ name: "ab", kind: "veth", running: true, mtu: 1400 }));
      expect(b.links.map(({ name }) => name)).toEqual(["ba", "lo", "plat"]);
      expect(await os.routeTo("2001:db8:a::2", "clatd-a")).toMatchObject({ dev: "ab", mtu: 1400 });
      expect(await quiet(subjectOf())).toEqual(start);
      for (const one of applied.toReversed()) await os.revert(one);
      await expect(os.snapshot("clatd-a")).rejects.toThrow(/clatd-a/);
      expect(await quiet(subjectOf())).toEqual(start);
    });

    it("netns.add refuses a name that is taken", async () => {
      const { os } = subjectOf();
      const [applied] = await applyTo(os, [{ do: "netns.add", name: "clatd-a" }]);
      if (applied === undefined) throw new Error("nothing was applied");
      await expect(os.prepare({ do: "netns.add", name: "clatd-a" })).rejects.toMatchObject({ code: "exists" });
      await os.revert(applied);
      await os.revert(applied);
    });
  });
}
