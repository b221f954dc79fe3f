// Programs of the fast path on devices, and addresses that run out.

import { describe, expect, it } from "vitest";
import type { Effect } from "../../../../src/os/effect.js";
import { isPresent } from "../../../../src/os/identity.js";
import { onTun } from "./network.js";
import { applyTo, type DriverSubject, quiet, until } from "./subject.js";

const uplink: Effect = { do: "bpf.attach", object: "clat", program: "uplink_ingress", dev: "up0", hook: "ingress" };
const way = (object: string, dev: string): Effect => ({ ...uplink, object, dev }) as Effect;

export function fastPathSuite(subjectOf: () => DriverSubject): void {
  describe("bpf.attach", () => {
    it("programs of one object, and of two, hang side by side, and go one by one", async () => {
      const { os } = subjectOf();
      const start = await quiet(subjectOf());
      const effects = [uplink, way("clat", "up1"), way("other", "up0")];
      const applied = await applyTo(os, effects);
      expect((await os.snapshot()).programs).toHaveLength(3);
      for (const [index, one] of applied.entries()) {
        await os.revert(one);
        const now = await os.snapshot();
        expect(effects.map((effect) => isPresent(effect, now))).toEqual(effects.map((_effect, at) => at > index));
      }
      expect(await quiet(subjectOf())).toEqual(start);
    });

    it("two snapshots of an unchanged system are equal, and another driver's programs are not ours", async () => {
      const { os, other } = subjectOf();
      const before = await other.snapshot();
      await applyTo(os, [uplink]);
      expect(await os.snapshot()).toEqual(await os.snapshot());
      expect((await other.snapshot()).programs).toEqual(before.programs);
    });

    it("goes with its device, and a device of the same name does not have it", async () => {
      const { os } = subjectOf();
      const bridge: Effect = { do: "link.add", name: "br0", link: { kind: "bridge" } };
      const [made] = await applyTo(os, [bridge]);
      await applyTo(os, [way("clat", "br0")]);
      expect(isPresent(way("clat", "br0"), await os.snapshot())).toBe(true);
      if (made !== undefined) await os.revert(made);
      await applyTo(os, [bridge]);
      expect(isPresent(way("clat", "br0"), await os.snapshot())).toBe(false);
    });

    it("goes with its process where it is on a TUN of that process", async () => {
      const { os } = subjectOf();
      const start = await quiet(subjectOf());
      await applyTo(os, [
        ...onTun.slice(0, 2),
        { ...uplink, program: "clat_egress", dev: "clat", hook: "egress" } as Effect,
      ]);
      await subjectOf().restart();
      expect(await quiet(subjectOf())).toEqual(start);
    });

    it("prepare() refuses a device that is not there", async () => {
      await expect(subjectOf().os.prepare(way("clat", "nope"))).rejects.toMatchObject({
        code: "missing",
        message: expect.stringMatching(/^Cannot attach BPF program "uplink_ingress on ingress of nope": /),
      });
    });
  });

  describe("an address with a lifetime", () => {
    const address = (lifetime: number): Effect & { do: "address.add" } => ({
      do: "address.add",
      dev: "up0",
      address: "2001:db8::c1a7/128",
      deprecated: true,
      nodad: true,
      lifetime,
    });

    it("is gone at its end", async () => {
      const { os } = subjectOf();
      const start = await quiet(subjectOf());
      await applyTo(os, [address(1)]);
      await until(subjectOf(), async () => isPresent(address(1), await os.snapshot()) === false, "it is gone");
      expect(await quiet(subjectOf())).toEqual(start);
    });

    it("renew() begins it anew: it stays, deprecated, and nothing else changes", async () => {
      const { os } = subjectOf();
      const [long] = await applyTo(os, [address(60)]);
      if (long === undefined) throw new Error("nothing was applied");
      const before = await os.snapshot();
      await os.renew([{ ...long, effect: address(50) }]);
      expect((await os.snapshot()).addresses).toEqual(before.addresses);
      await os.renew([long]);
      await os.renew([]);
      expect((await os.snapshot()).addresses).toEqual(before.addresses);
      // Shorter, so that the end of it is to be seen.
      await os.renew([{ ...long, effect: address(1) }]);
      await until(subjectOf(), async () => isPresent(address(1), await os.snapshot()) === false, "it is gone");
    });

    it("renew() brings back one that is gone, and fails where its device is", async () => {
      const { os } = subjectOf();
      const [one] = await applyTo(os, [address(60)]);
      if (one === undefined) throw new Error("nothing was applied");
      await os.revert(one);
      await os.renew([one]);
      expect(isPresent(one.effect, await os.snapshot())).toBe(true);
      await expect(os.renew([{ ...one, effect: { ...address(60), dev: "nope" } }])).rejects.toThrow(
        /^Cannot renew address "2001:db8::c1a7\/128 dev nope/,
      );
    });
  });
}
