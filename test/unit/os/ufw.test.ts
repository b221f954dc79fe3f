// Rules of UFW as effects: their words, whose they are, and that only ours go again. The real UFW is in test/integration/clatd.

import { describe, expect, it } from "vitest";
import { describeEffect, describeRevert } from "../../../src/os/describe.js";
import type { Effect } from "../../../src/os/effect.js";
import { FakeOs } from "../../../src/os/fake/fake-os.js";
import { Outside } from "../../../src/os/fake/outside.js";
import { isActiveUfw, staleUfwRules, ufwOwner, ufwWords } from "../../../src/os/ufw-words.js";

const rule = {
  do: "ufw.route",
  inDev: "clat",
  destination: "2001:db8:64::/96",
  comment: "clatd: clat",
} as const satisfies Effect;
const words = "allow in on clat to 2001:db8:64::/96";

describe("ufwWords()", () => {
  it.each<[Effect & { do: "ufw.route" }, string]>([
    [rule, words],
    [{ do: "ufw.route", outDev: "clat", source: "64:ff9b::/96", comment: "" }, "allow out on clat from 64:ff9b::/96"],
    [
      { do: "ufw.route", inDev: "a", outDev: "b", source: "2001:db8::/64", destination: "64:ff9b::/96", comment: "" },
      "allow in on a out on b from 2001:db8::/64 to 64:ff9b::/96",
    ],
  ])("are those of ufw(8)", (effect, expected) => {
    expect(ufwWords(effect).join(" ")).toBe(expected);
  });

  it("are what `clatd plan` shows", () => {
    expect(describeEffect(rule)).toEqual([`ufw route ${words} comment 'clatd: clat'`]);
    expect(describeRevert(rule)).toEqual([`ufw route delete ${words}`]);
  });
});

describe("ufwOwner()", () => {
  const head = "Added user rules (see 'ufw status' for running firewall):";
  it.each([
    ["nobody", `${head}\n(None)`, undefined],
    ["us", `${head}\nufw allow 22/tcp\nufw route ${words} comment 'clatd: clat'`, "ours"],
    ["a clatd for another device", `${head}\nufw route ${words} comment 'clatd: clat2'`, "theirs"],
    ["somebody with another comment", `${head}\nufw route ${words} comment 'mine'`, "theirs"],
    ["somebody without a comment", `${head}\nufw route ${words}`, "theirs"],
    ["somebody for another prefix", `${head}\nufw route ${words.replace("64::", "65::")}`, undefined],
    ["somebody who denies it", `${head}\nufw route deny in on clat to 2001:db8:64::/96`, undefined],
  ])("the rule is of %s", (_who, shown, owner) => {
    expect(ufwOwner(shown, rule)).toBe(owner);
  });
});

describe("staleUfwRules()", () => {
  it("are those with our comment that are not wanted any more", () => {
    const shown = [
      "Added user rules (see 'ufw status' for running firewall):",
      "ufw allow 22/tcp comment 'clatd: clat'",
      `ufw route ${words} comment 'clatd: clat'`,
      "ufw route allow in on clat to 64:ff9b::/96 comment 'clatd: clat'",
      "ufw route allow in on clat2 to 64:ff9b::/96 comment 'clatd: clat2'",
      "ufw route allow in on clat to 2001:db8::/96 comment 'mine'",
      "ufw route allow in on clat to 2001:db8::/96",
    ].join("\n");
    expect(staleUfwRules(shown, "clatd: clat", new Set([words]))).toEqual(["allow in on clat to 64:ff9b::/96"]);
  });
});

describe("isActiveUfw()", () => {
  it.each([
    ["Status: active", true],
    ["Status: active\n\nTo                         Action      From\n", true],
    ["Status: inactive", false],
    ["ERROR: You need to be root to run this script", false],
    ["", false],
  ])("%j: %s", (text, active) => {
    expect(isActiveUfw(text)).toBe(active);
  });
});

describe("ufw.route on the model", () => {
  function host(rules: Readonly<Record<string, string>>) {
    const os = new FakeOs();
    const outside = new Outside(os.kernel);
    outside.setUfw(rules);
    const shown = () => Object.fromEntries(os.kernel.netns("").ufw ?? []);
    return { os, shown };
  }

  it("comes and goes", async () => {
    const { os, shown } = host({ "allow 22/tcp": "" });
    const applied = await os.prepare(rule);
    await os.perform(applied);
    expect(shown()).toEqual({ "allow 22/tcp": "", [words]: "clatd: clat" });
    await os.revert(applied);
    await os.revert(applied);
    expect(shown()).toEqual({ "allow 22/tcp": "" });
  });

  it("of somebody else does as well, and stays", async () => {
    const { os, shown } = host({ [words]: "mine" });
    const applied = await os.prepare(rule);
    await os.perform(applied);
    await os.revert(applied);
    expect(shown()).toEqual({ [words]: "mine" });
  });

  it("of ours that a reboot left behind is taken over, and goes", async () => {
    const { os, shown } = host({ [words]: "clatd: clat" });
    const applied = await os.prepare(rule);
    await os.perform(applied);
    await os.revert(applied);
    expect(shown()).toEqual({});
  });
});
