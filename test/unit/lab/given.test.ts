// What a check wants to be different: done and undone in the model of the kernel.

import { describe, expect, it } from "vitest";
import type { Command } from "../../../lab/command.js";
import { give } from "../../../lab/given.js";
import type { Effect } from "../../../src/os/effect.js";
import { FakeOs } from "../../../src/os/fake/fake-os.js";

const shorter: Effect[] = [{ do: "link.set", name: "a", mtu: 1400 }];

async function lab() {
  const os = new FakeOs();
  for (const effect of [
    { do: "link.add", name: "a", link: { kind: "veth", peer: "b" } },
    { do: "link.set", name: "a", up: true },
  ] as const)
    await os.perform(await os.prepare(effect));
  const told: string[] = [];
  const nodes = {
    names: new Set(["host", "core"]),
    exec: async (node: string, command: Command) => {
      told.push(`${node}: ${String(command)}`);
      return { code: 0, stdout: "", stderr: "" };
    },
  };
  const mtu = async (): Promise<number | undefined> =>
    (await os.snapshot()).links.find(({ name }) => name === "a")?.mtu;
  return { os, nodes, told, mtu };
}

describe("give()", () => {
  it("does the effects, and disposing undoes them", async () => {
    const { os, nodes, mtu } = await lab();
    const given = await give(os, nodes, shorter);
    expect(await mtu()).toBe(1400);
    await given[Symbol.asyncDispose]();
    expect(await mtu()).toBe(1500);
  });

  it("has every node forget what it knows of paths, before and after", async () => {
    const { os, nodes, told } = await lab();
    const given = await give(os, nodes, shorter);
    const once = ["host", "core"].map((node) => `${node}: ip -4 route flush cache; ip -6 route flush cache`);
    expect(told).toEqual(once);
    await given[Symbol.asyncDispose]();
    expect(told).toEqual([...once, ...once]);
  });

  it("leaves nothing where one of them cannot be done", async () => {
    const { os, nodes, mtu } = await lab();
    const broken: Effect[] = [...shorter, { do: "link.set", name: "nowhere", mtu: 1400 }];
    await expect(give(os, nodes, broken)).rejects.toThrow(/nowhere/);
    expect(await mtu()).toBe(1500);
  });

  it("undoes the others where one of them cannot be undone, and says so", async () => {
    const { os, nodes, mtu } = await lab();
    const given = await give(os, nodes, [...shorter, { do: "link.set", name: "b", mtu: 1400 }]);
    os.faults.arm({ fault: "fail", nth: 1, on: "revert" });
    await expect(given[Symbol.asyncDispose]()).rejects.toThrow('Cannot undo link "b": an injected fault');
    expect(await mtu()).toBe(1500);
  });

  it("does nothing where nothing is given", async () => {
    const { os, nodes, told } = await lab();
    await (await give(os, nodes, []))[Symbol.asyncDispose]();
    expect(told).toEqual([]);
  });
});
