// The manual pages: what the tables have is in them, and the programs that read them find no fault.

import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { clatdManual } from "../../../ci/manual/clatd.mjs";
import { clatdConfManual } from "../../../ci/manual/clatd-conf.mjs";
import { clatlabManual } from "../../../ci/manual/clatlab.mjs";
import { argument, escapeCode, flags, prose } from "../../../ci/manual/mdoc.mjs";
import { sampleConfiguration } from "../../../ci/manual/sample.mjs";
import { optionOf } from "../../../ci/manual/tables.mjs";
import { releases } from "../../../ci/releases.mjs";
import { loadConfig } from "../../../src/config/load.js";
import { tables } from "./tables.js";

const pages = {
  "clatd.8": clatdManual(tables),
  "clatd.conf.5": clatdConfManual(tables),
  "clatlab.1": clatlabManual(tables),
};

/** The items of its lists: `Cm engine`, `Fl -json`. */
const items = (page: string): string[] => page.split("\n").flatMap((line) => /^\.It (.*)/.exec(line)?.[1] ?? []);

const section = (page: string, title: string): string => page.split(`.Sh ${title}\n`)[1]?.split("\n.Sh ")[0] ?? "";

describe("clatd(8)", () => {
  it("has every command", () => {
    const commands = items(section(pages["clatd.8"], "COMMANDS")).map((item) => item.split(" ")[1]);
    expect(commands).toEqual(tables.words.commandNames.map(argument));
  });

  it("has every engine, and what each cannot do", () => {
    const engines = section(pages["clatd.8"], "ENGINES");
    expect(items(engines)).toEqual(tables.engines.engineNames.map((name) => `Cm ${argument(name)}`));
    const gaps = Object.values(tables.engines.gaps).flatMap((each) => Object.keys(each));
    expect(engines.match(/^Not: /gm)).toHaveLength(gaps.length);
  });

  it.each(tables.help.options.map(([usage]) => usage))("has the option %s", (usage) => {
    expect(items(pages["clatd.8"])).toContain(flags(usage));
  });

  it.each(tables.explained.reasonNames.filter((name) => name !== "bad-input"))("has the reason %s", (name) => {
    expect(items(section(pages["clatd.8"], "DIAGNOSTICS"))).toContain(`Em ${argument(name)}`);
  });

  it("names no RFC for a reason that none has", () => {
    expect(pages["clatd.8"]).not.toContain("(\\(en)");
  });

  it("has every exit code", () => {
    const codes = Object.values(tables.exit.exitCodes).map(({ code }) => `${code}`);
    expect(items(pages["clatd.8"]).filter((item) => /^\d+$/.test(item))).toEqual(codes);
  });
});

describe("clatd.conf(5)", () => {
  it.each(tables.keys.keyNames)("has %s, with what it may be", (name) => {
    const page = pages["clatd.conf.5"];
    expect(items(page).filter((item) => item === `Cm ${argument(name)}`)).toHaveLength(1);
    const part = page.slice(page.indexOf(`.It Cm ${argument(name)}\n`)).split("\n.It ")[0] ?? "";
    expect(part).toContain("\nAllowed: ");
  });
});

describe("clatlab(1)", () => {
  it.each(tables.lab.commandNames)("has the command %s", (name) => {
    expect(items(pages["clatlab.1"]).some((item) => item.split(" ")[1] === name)).toBe(true);
  });

  it.each(tables.lab.options.map(({ long }) => long))("has the option %s", (long) => {
    expect(items(pages["clatlab.1"]).some((item) => item.endsWith(flags(long)))).toBe(true);
  });

  it.each(tables.topologies.map(({ name }) => name))("has the topology %s", (name) => {
    expect(items(pages["clatlab.1"])).toContain(`Em ${argument(name)}`);
  });
});

describe("what reads them", () => {
  const there = (program: string): boolean => spawnSync(program, ["--version"]).error === undefined;

  it.each(Object.entries(pages))("the examples of %s fit 80 columns", (_name, page) => {
    const shown = page.split(".Bd -literal -offset indent\n").slice(1);
    const lines = shown.flatMap((rest) => rest.split("\n.Ed")[0]?.split("\n") ?? []);
    expect(lines.length).toBeGreaterThan(1);
    for (const line of lines) expect(line.replaceAll(/\\(\(..|.)/g, "x").length).toBeLessThanOrEqual(69);
  });

  for (const [name, page] of Object.entries(pages)) {
    it(`mandoc has no warning about ${name}`, ({ skip }) => {
      if (!there("mandoc")) skip("mandoc is not installed");
      const lint = spawnSync("mandoc", ["-T", "lint", "-W", "warning"], { input: page, encoding: "utf8" });
      expect(lint.stdout + lint.stderr).toBe("");
    });

    it(`man has no warning about ${name}`, ({ skip }) => {
      if (!there("man")) skip("man is not installed");
      // Width and character set decide what groff can warn about.
      const env = { ...process.env, MANWIDTH: "80", LC_ALL: "C.UTF-8", MANPAGER: "cat" };
      const man = spawnSync("man", ["-l", "--warnings", "-"], { input: page, encoding: "utf8", env });
      expect(man.stderr).toBe("");
      expect(man.stdout).toContain("NAME");
    });
  }
});

describe("prose()", () => {
  it.each([
    ["One. Two", ["One.", "Two"]],
    ["`a.b -c` is. `. X` too", ["\\fBa.b \\-c\\fP is.", "\\fB.\\& X\\fP too"]],
    [".x 'y' \\ –", ["\\&.x 'y' \\e \\(en"]],
    ["ä", ["\\[u00E4]"]],
  ])("%j", (words, lines) => {
    expect(prose(words)).toEqual(lines);
  });

  it("folds at 78 octets", () => {
    expect(prose("word ".repeat(40).trim()).every((line) => line.length <= 78)).toBe(true);
  });
});

describe("escapeCode()", () => {
  it("keeps what is typed as it is", () => {
    expect(escapeCode("a-b '$c' `d` \"e\" ~^")).toBe("a\\-b \\(aq$c\\(aq \\(gad\\(ga \\(dqe\\(dq \\(ti\\(ha");
  });
});

describe("optionOf()", () => {
  it.each([
    ["-c FILE", { names: ["-c"], takes: ["FILE"] }],
    ["-q, -q -q", { names: ["-q"], takes: [] }],
    ["--pcap IN OUT", { names: ["--pcap"], takes: ["IN", "OUT"] }],
    ["-j, --json", { names: ["-j", "--json"], takes: [] }],
  ])("%s", (usage, option) => {
    expect(optionOf(usage)).toEqual(option);
  });
});

describe("sampleConfiguration()", () => {
  const sample = sampleConfiguration(tables);
  const file = (text: string) => ({ file: { name: "clatd.conf", text } });

  it("sets nothing", () => {
    const loaded = loadConfig(file(sample));
    expect(loaded).toMatchObject({ ok: true, warnings: [] });
    if (loaded.ok) expect(loaded.places.size).toBe(0);
  });

  it("has every key with its default, which is taken where the sign before it goes", () => {
    const loaded = loadConfig(file(sample.replaceAll(/^#(?=[a-z0-9-]+=)/gm, "")));
    expect(loaded).toMatchObject({ ok: true });
    if (loaded.ok) expect([...loaded.places.keys()].sort()).toEqual([...tables.keys.keyNames].sort());
  });
});

describe("releases", () => {
  it("begins with the version of package.json", () => {
    expect(releases[0].version).toBe(JSON.parse(readFileSync("package.json", "utf8")).version);
  });
});
