// The law of the journal: whatever ends the process, the starting snapshot comes back.

import { describe, expect, it } from "vitest";
import type { OsDriver } from "../../../../src/os/driver.js";
import type { Effect } from "../../../../src/os/effect.js";
import { effectKey, isPresent } from "../../../../src/os/identity.js";
import { type Journal, openJournal } from "../../../../src/os/journal.js";
import type { JournalOwner } from "../../../../src/os/journal-lines.js";
import { memoryStorage } from "../../../../src/os/journal-storage.js";
import { default4, local6, local6at1, onTun } from "./network.js";
import { applyTo, bound, type DriverSubject, quiet } from "./subject.js";

const owner: JournalOwner = { version: "0", pid: 1, started: "1", boot: "b", netns: "n" };

export function journalSuite(subjectOf: () => DriverSubject): void {
  describe("journal", () => {
    const plan: readonly Effect[] = [
      ...onTun,
      { do: "sysctl.set", key: "net.ipv6.conf.up0.accept_ra", value: "2" },
      { do: "sysctl.set", key: "net.ipv6.conf.all.forwarding", value: "1" },
      { do: "rule.add", rule: local6at1 },
      { do: "route.add", route: { family: 6, destination: "2001:db8::c1a7/128", dev: "clat", table: 0xc1a7 } },
      { do: "rule.withhold", rule: local6 },
      { do: "rule.add", rule: { family: 6, priority: 0, to: "2001:db8::c1a7/128", table: 0xc1a7 } },
      { do: "neighbour.proxy", dev: "up0", address: "2001:db8::c1a7" },
      { do: "bpf.attach", object: "clat", program: "clat_egress", dev: "clat", hook: "egress" },
      { do: "bpf.attach", object: "clat", program: "uplink_ingress", dev: "up0", hook: "ingress" },
      { do: "address.add", dev: "up0", address: "2001:db8::c1a8/128", deprecated: true, lifetime: 60 },
      { do: "nft.table", family: "inet", name: "clatd", body: "chain post {\n}" },
      { do: "route.withhold", route: default4 },
    ];

    const open = (storage = memoryStorage()): Promise<Journal> =>
      openJournal({ storage, path: "/run/clatd/journal", owner, isAlive: () => false });

    it.each(Array.from({ length: plan.length + 1 }, (_, done) => ({ done })))(
      "SIGKILL after $done of the effects: revertAll() of the next process gives the starting snapshot",
      async ({ done }) => {
        const storage = memoryStorage();
        await applyTo(subjectOf().other, [{ do: "route.add", route: default4 }]);
        const start = await quiet(subjectOf());
        const { os } = subjectOf();
        const journal = await open(storage);
        await journal.apply({ ...bound(os), performAll: (applied) => os.performAll(applied.slice(0, done)) }, plan);
        const next = await subjectOf().restart();
        const recovered = await open(storage);
        expect(recovered.entries.map(({ effect }) => effectKey(effect))).toEqual(plan.map(effectKey));
        expect(await recovered.revertAll(next)).toEqual([]);
        expect(await quiet(subjectOf())).toEqual(start);
        expect(await storage.read("/run/clatd/journal")).toBeUndefined();
      },
    );

    it("apply() and revertAll() give the starting snapshot, and IPv6 works at each step between", async () => {
      await applyTo(subjectOf().other, [{ do: "route.add", route: default4 }]);
      const start = await quiet(subjectOf());
      const { os } = subjectOf();
      const journal = await open();
      const applied = await journal.apply(os, plan);
      expect(plan.map((effect) => [effect, isPresent(effect, start)])).toEqual(plan.map((effect) => [effect, false]));
      const after = await os.snapshot();
      expect(plan.filter((effect) => isPresent(effect, after) === false)).toEqual([]);
      for (const one of applied.toReversed()) {
        await journal.revert(os, one);
        expect(await os.routeTo("2001:db8::1"), `after the revert of ${effectKey(one.effect)}`).toMatchObject({
          dev: "lo",
        });
      }
      expect(await quiet(subjectOf())).toEqual(start);
    });

    it("a failure in the middle leaves in entries what stands; revertAll() takes it away", async () => {
      const start = await quiet(subjectOf());
      const { os } = subjectOf();
      const journal = await open();
      const broken: Effect = { do: "route.add", route: { ...default4, via: "203.0.113.1" } };
      const failing: readonly Effect[] = [
        ...onTun,
        broken,
        { do: "neighbour.proxy", dev: "up0", address: "2001:db8::7" },
      ];
      await expect(journal.apply(os, failing)).rejects.toMatchObject({ done: onTun.length });
      expect(journal.entries.map(({ effect }) => effect)).toEqual([...onTun, broken]);
      expect(await journal.revertAll(os)).toEqual([]);
      expect(await quiet(subjectOf())).toEqual(start);
    });

    it("what somebody else put in our place between prepare() and perform() stays theirs", async () => {
      const { os, other } = subjectOf();
      const journal = await open();
      const effect: Effect = { do: "route.add", route: default4 };
      const racing: OsDriver = {
        ...bound(os),
        performAll: async (applied) => {
          await applyTo(other, [effect]);
          await os.performAll(applied);
        },
      };
      await expect(journal.apply(racing, [effect])).rejects.toMatchObject({ code: "exists" });
      expect(journal.entries).toEqual([]);
      await journal.revertAll(os);
      expect(isPresent(effect, await os.snapshot())).toBe(true);
    });

    it("amend() keeps the first values for the undo", async () => {
      const start = await quiet(subjectOf());
      const { os } = subjectOf();
      const journal = await open();
      const [first] = await journal.apply(os, [{ do: "link.set", name: "up0", mtu: 1400 }]);
      if (first === undefined) throw new Error("nothing was applied");
      await journal.amend(os, first, { do: "link.set", name: "up0", mtu: 1300 });
      expect((await os.snapshot()).links).toContainEqual(expect.objectContaining({ name: "up0", mtu: 1300 }));
      expect(journal.entries).toHaveLength(1);
      await journal.revertAll(os);
      expect(await quiet(subjectOf())).toEqual(start);
    });
  });
}
