// What becomes of a topology, as the commands that a person would type: golden.

import { describe, expect, it } from "vitest";
import { realize, realizeStages } from "../../../lab/realize.js";
import { describeEffect } from "../../../src/os/describe.js";
import { LAN, shipped } from "./topologies.js";

const programs = { node: "node", dist: "dist" };

const text = (topology: Parameters<typeof realizeStages>[0]): string =>
  realizeStages(topology, programs)
    .map(({ title, effects }) => [`# ${title}`, ...effects.flatMap(describeEffect)].join("\n"))
    .join("\n\n");

describe("realize()", () => {
  it("464xlat", async () => {
    await expect(text(shipped("464xlat"))).toMatchFileSnapshot("golden/464xlat.realize.txt");
  });

  it("464xlat-builtin", async () => {
    await expect(text(shipped("464xlat-builtin"))).toMatchFileSnapshot("golden/464xlat-builtin.realize.txt");
  });

  it("a link with three ends is a bridge in a namespace of its own", async () => {
    await expect(text(LAN)).toMatchFileSnapshot("golden/lan.realize.txt");
  });

  it("a PLAT's mappings are not masqueraded, and their IPv4 addresses lead to it", () => {
    const lines = realize(shipped("hard-cases"), programs).flatMap(describeEffect).join("\n");
    expect(lines).toContain("ip -n plat route add 192.0.2.10/32 dev nat64");
    expect(lines).toContain('oifname "nat64" ip6 saddr != { 2001:db8:5::c1a7 } snat to fd64:64:64::1');
    expect(lines).toContain("ip -n isp route add 192.0.2.10/32 via 203.0.113.1 dev eth0");
  });

  it("writes every file before anything starts", () => {
    const effects = realize(shipped("464xlat"), programs).map((effect) => effect.do);
    expect(effects.lastIndexOf("file.write")).toBeLessThan(effects.indexOf("process.start"));
  });

  it("works in no namespace but those that it makes", () => {
    for (const topology of [shipped("464xlat"), shipped("464xlat-builtin"), LAN]) {
      const effects = realize(topology, programs);
      const made = effects.flatMap((effect) => (effect.do === "netns.add" ? [effect.name] : []));
      const used = effects.flatMap((effect) =>
        effect.do === "netns.add" || effect.do === "file.write" ? [] : [effect.in],
      );
      expect(used.filter((name) => name === undefined || !made.includes(name))).toEqual([]);
    }
  });

  it("puts files only below /run/nodes, which is the lab's own", () => {
    const paths = realize(shipped("464xlat"), programs).flatMap((effect) =>
      effect.do === "file.write" ? [effect.path] : [],
    );
    expect(paths.filter((path) => !path.startsWith("/run/nodes/"))).toEqual([]);
  });

  it("is the same each time", () => {
    expect(realize(LAN, programs)).toEqual(realize(LAN, programs));
  });

  it("is plain data", () => {
    const effects = realize(shipped("464xlat"), programs);
    expect(JSON.parse(JSON.stringify(effects))).toEqual(effects);
  });

  it("contents of the files of 464xlat", async () => {
    const files = realize(shipped("464xlat"), programs).flatMap((effect) =>
      effect.do === "file.write" ? [`== ${effect.path}\n${effect.text}`] : [],
    );
    await expect(files.join("\n")).toMatchFileSnapshot("golden/464xlat.files.txt");
  });
});
