// What the Debian package says and does, as far as it can be told without building it.

import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { changelog, controlFile, debFileName, debianVersion, maintainerScripts } from "../../../ci/package/control.mjs";
import { copyrightFile } from "../../../ci/package/copyright.mjs";
import { copies } from "../../../ci/package/deb.mjs";
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

  it("is newer than the Perl clatd of any Debian: installed in its place, and left there by upgrades", ({ skip }) => {
    const newer = spawnSync("dpkg", ["--compare-versions", debianVersion, "gt", "2.1.0-2+deb13u1"]);
    if (newer.error !== undefined) skip("dpkg is not installed");
    expect(newer.status).toBe(0);
    // A file's name has no epoch.
    expect(debFileName("amd64")).toBe(`clatd_${manifest.version}-1_amd64.deb`);
  });

  it("depends on no Node.js: it carries its own", () => {
    expect(fields).toMatch(/^Depends: .*iproute2/m);
    expect(fields).not.toMatch(/^Depends:.*node/m);
  });

  it("has no line of its description beyond 80 columns", () => {
    expect(fields.split("\n").filter((line) => line.length > 80)).toEqual([]);
  });
});

describe("what README.md refers to", () => {
  const linked = [...new Set(readFileSync("README.md", "utf8").match(/(?<=\]\()docs\/[\w.-]+/g))];

  it.each(linked)("%s is in both packages, where its link leads", (path) => {
    expect(copies).toMatchObject({ [`usr/share/doc/clatd/${path}`]: path });
    expect(manifest.files).toContain("docs");
  });

  it("is something", () => {
    expect(linked).toContain("docs/status.schema.json");
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
