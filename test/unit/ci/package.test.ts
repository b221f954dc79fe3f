// What the Debian package says and does, as far as it can be told without building it.

import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { changelog, controlFile, debianVersion, maintainerScripts } from "../../../ci/package/control.mjs";
import { copyrightFile } from "../../../ci/package/copyright.mjs";
import { productionModules } from "../../../ci/package/modules.mjs";

const manifest = JSON.parse(readFileSync("package.json", "utf8"));

describe("productionModules()", () => {
  const names = productionModules().map(({ name }) => name);

  it.each(Object.keys(manifest.dependencies))("has %s, which the program imports", (name) => {
    expect(names).toContain(name);
  });

  it.each(Object.keys(manifest.devDependencies))("leaves out %s, which only building and testing need", (name) => {
    expect(names).not.toContain(name);
  });
});

describe("controlFile()", () => {
  const fields = controlFile({ architecture: "amd64", kilobytes: 1234 });

  it("has what dpkg wants to know", () => {
    expect(fields).toMatch(new RegExp(`^Package: clatd\\nVersion: ${debianVersion}\\nArchitecture: amd64\\n`));
    expect(fields).toContain("\nInstalled-Size: 1234\n");
    expect(fields).toMatch(/\nMaintainer: .+ <.+@.+>\n/);
  });

  it("depends on no Node.js: it carries its own", () => {
    expect(fields).toMatch(/^Depends: .*iproute2/m);
    expect(fields).not.toMatch(/^Depends:.*node/m);
  });

  it("has no line of its description beyond 80 columns", () => {
    expect(fields.split("\n").filter((line) => line.length > 80)).toEqual([]);
  });
});

describe("changelog()", () => {
  it("begins with this version, and its dates are those of mail", () => {
    expect(changelog()).toMatch(new RegExp(`^clatd \\(${debianVersion}\\) unstable; urgency=medium\\n\\n {2}\\* `));
    expect(changelog()).toMatch(/\n -- .+ <.+> {2}\w{3}, \d{2} \w{3} \d{4} \d{2}:\d{2}:\d{2} \+0000\n/);
  });
});

describe("copyrightFile()", () => {
  const modules = productionModules();
  const text = copyrightFile(modules, "24.0.0");

  it.each(modules.map(({ path }) => path))("has %s with its licence", (path) => {
    const stanza = text.split("\n\n").find((part) => part.startsWith(`Files: ${path}/*\n`));
    expect(stanza).toMatch(/\nCopyright: .+(\n .+)*\nLicense: \S+\n \S/);
  });
});

describe("maintainerScripts", () => {
  it.each(Object.entries(maintainerScripts))("%s is a script that sh can read", (_name, script) => {
    expect(spawnSync("sh", ["-n"], { input: script, encoding: "utf8" }).stderr).toBe("");
    expect(script).toMatch(/^#!\/bin\/sh\nset -e\n/);
  });
});
