// Files, processes, features of devices.

import { describe, expect, it } from "vitest";
import type { Effect } from "../../../../src/os/effect.js";
import { applyTo, type DriverSubject } from "./subject.js";

export function processSuite(subjectOf: () => DriverSubject): void {
  describe("files", () => {
    const path = `/run/clatd-suite-${process.pid}/file.conf`;
    const file: Effect = { do: "file.write", path, text: "one\ntwo\n", mode: 0o600 };

    it("file.write creates, refuses to overwrite, and is undone", async () => {
      const { os } = subjectOf();
      const applied = await os.prepare(file);
      await os.perform(applied);
      await expect(os.prepare(file)).rejects.toMatchObject({ code: "exists" });
      await expect(os.perform(applied)).rejects.toMatchObject({ code: "exists" });
      await os.revert(applied);
      await os.revert(applied);
      await os.revert(await os.prepare(file));
    });

    it("file.write with keep goes over what is there, and stays when it is undone", async () => {
      const { os } = subjectOf();
      await applyTo(os, [file]);
      const [applied] = await applyTo(os, [{ ...file, text: "three\n", keep: true }]);
      if (applied === undefined) throw new Error("nothing was applied");
      await os.revert(applied);
      await expect(os.prepare(file)).rejects.toMatchObject({ code: "exists" });
    });
  });

  describe("processes", () => {
    const sleeper: Effect = {
      do: "process.start",
      name: "sleeper",
      command: ["sh", "-c", "echo getting up; echo I am ready >&2; exec sleep 1000"],
      ready: "am ready",
    };

    it("process.start runs it, refuses a second one, and is undone", async () => {
      const { os } = subjectOf();
      const [applied] = await applyTo(os, [sleeper]);
      if (applied === undefined) throw new Error("nothing was applied");
      expect(os.isRunning("sleeper")).toBe(true);
      await expect(os.perform(applied)).rejects.toMatchObject({ code: "exists" });
      await os.revert(applied);
      expect(os.isRunning("sleeper")).toBe(false);
      await os.revert(applied);
      await os.perform(applied);
      expect(os.isRunning("sleeper")).toBe(true);
    });
  });

  describe("features", () => {
    it("link.set of features changes those named and puts them back", async () => {
      const { os } = subjectOf();
      const wire: Effect = { do: "link.set", name: "up0", mtu: 1400, features: { tso: false, gro: true } };
      const [applied] = await applyTo(os, [wire]);
      if (applied === undefined) throw new Error("nothing was applied");
      const before = applied.undo["features"];
      expect(before).toMatchObject({ tso: true });
      expect((await os.prepare(wire)).undo["features"]).toEqual({ tso: false, gro: true });
      await os.revert(applied);
      expect((await os.prepare(wire)).undo).toEqual({ mtu: 1500, features: before });
    });

    it("one that ethtool does not know is refused", async () => {
      await expect(
        subjectOf().os.prepare({ do: "link.set", name: "up0", features: { nonsense: true } }),
      ).rejects.toMatchObject({
        code: "unsupported",
      });
    });
  });
}
