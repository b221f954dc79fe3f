import { describe, expect, it } from "vitest";
import { LabService } from "../../../lab/lab-service.js";
import type { Effect } from "../../../src/os/effect.js";
import { FakeOs } from "../../../src/os/fake/fake-os.js";

const effects: Effect[] = [
  { do: "process.start", name: "plat/tayga", command: ["tayga"] },
  { do: "link.add", name: "nat64", link: { kind: "bridge" } },
  { do: "link.add", name: "other", link: { kind: "bridge" } },
];

describe("LabService", () => {
  it("stop() goes on past what cannot be undone, says so, and the next one tries only that again", async () => {
    const os = new FakeOs();
    const parts = { node: "plat", name: "plat", what: "a PLAT", files: {}, effects, needs: [], optional: false };
    const service = new LabService(parts, await os.prepareAll(effects), os, "");
    await service.start();
    expect(service.running).toBe(true);
    os.faults.arm({ fault: "fail", nth: 1, on: "revert" });
    await expect(service.stop()).rejects.toThrow('Cannot undo link "other": an injected fault');
    const names = async () => (await os.snapshot()).links.map(({ name }) => name);
    expect([await names(), os.isRunning("plat/tayga")]).toEqual([["lo", "other"], false]);
    await service.stop();
    expect(await names()).toEqual(["lo"]);
    expect(service.running).toBe(false);
  });
});
