// The door to Jool where there is none any more. What it does where there is one is in test/vm.

import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { removeJool } from "../../../../src/os/linux/jool.js";

describe("removeJool()", () => {
  it("has nothing to do where the module is not loaded, and needs no tool to say so", async (ctx) => {
    if (existsSync("/sys/module/jool_siit")) ctx.skip("this kernel has Jool");
    const effect = { do: "jool.instance", name: "clat", config: { global: {}, eamt: [], denylist4: [] } } as const;
    await expect(removeJool(["/nowhere/no-such-command"], effect)).resolves.toBeUndefined();
  });
});
