// The module nat46 as an engine, and its model: this machine's kernel does not have it.

import { describe, expect, it } from "vitest";
import { nat46Engine } from "../../../../src/engine/nat46/plan.js";
import type { Effect } from "../../../../src/os/effect.js";
import { isPresent } from "../../../../src/os/identity.js";
import { hostWithModules, ownPlacement, specFor } from "./world.js";

const device: Effect = { do: "nat46.device", name: "clat", rules: ["local.v4 192.0.0.1/32"] };

describe("nat46Engine", () => {
  it("plan() makes a rule of each pair of addresses; the first of the mappings is tried first", () => {
    const eams = [
      { v4: "192.0.0.1/32", v6: "2001:db8:1::c1a7/128" },
      { v4: "192.0.2.1", v6: "2001:db8:a::1" },
      { v4: "192.0.2.8/29", v6: "2001:db8:a::8/125" },
    ];
    const pref64s = ["64:ff9b::/96", "2001:db8:64::/96"];
    const plan = nat46Engine.plan(ownPlacement, specFor(ownPlacement, { eams, pref64s }));
    const remote = "remote.v4 0.0.0.0/0 remote.v6 64:ff9b::/96 remote.style RFC6052";
    expect(plan.effects[0]).toEqual({
      do: "nat46.device",
      name: "clat",
      rules: [
        `local.v4 192.0.0.1/32 local.v6 2001:db8:1::c1a7/128 local.style NONE ${remote}`,
        `local.v4 192.0.2.1/32 local.v6 2001:db8:a::1/128 local.style NONE ${remote}`,
      ],
    });
    expect(plan.notes).toEqual([
      "nat46 gets one PREF64, 64:ff9b::/96; it does not translate 2001:db8:64::/96",
      "nat46 maps single addresses only: 192.0.2.8/29 to 2001:db8:a::8/125 is left out",
    ]);
  });

  it("probe() says why not where the module is not loaded", async () => {
    const { os, kernel } = await hostWithModules();
    expect(await nat46Engine.probe(os)).toEqual({ ok: true });
    kernel.files.delete("/proc/net/nat46/control");
    expect(await nat46Engine.probe(os)).toEqual({
      ok: false,
      reason: "the kernel has no nat46 (/proc/net/nat46/control does not exist); load the module",
    });
  });
});

describe("nat46.device on the model", () => {
  it("is there when done, is refused a second time, and goes when undone, by another process too", async () => {
    const { os } = await hostWithModules();
    const before = await os.snapshot();
    expect(isPresent(device, before)).toBe(false);
    const applied = await os.prepare(device);
    await os.perform(applied);
    expect(isPresent(device, await os.snapshot())).toBe(true);
    await expect(os.prepare(device)).rejects.toMatchObject({ code: "exists" });
    await os.revert(applied);
    await os.revert(applied);
    expect(await os.snapshot()).toEqual(before);
  });

  it("stays when its process is killed, as a module's device does", async () => {
    const { os, kernel } = await hostWithModules();
    await os.perform(await os.prepare(device));
    os.kill();
    expect(kernel.netns("").links.has("clat")).toBe(true);
  });

  it("is refused where the module is not loaded, and where a device has its name", async () => {
    const { os, kernel } = await hostWithModules();
    await expect(os.prepare({ ...device, name: "eth0" })).rejects.toMatchObject({ code: "exists" });
    kernel.files.delete("/proc/net/nat46/control");
    await expect(os.prepare(device)).rejects.toMatchObject({
      code: "unsupported",
      message: expect.stringContaining('Cannot add nat46 device "clat": the kernel has no nat46'),
    });
  });
});
