// The layers hold only as long as the linter's rules do: each arrow that must not exist is tried, in a tree made for it.
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const refused = [
  ["src/net/a.ts", "../os/effect.js", "net may import nothing of src, not os"],
  ["src/xlat/a.ts", "../os/effect.js", "xlat may import wire, net, not os"],
  ["src/xlat/b.ts", "node:fs/promises", "xlat is pure"],
  ["src/plan/a.ts", "node:fs", "plan is pure"],
  ["src/plan/b.ts", "../daemon/daemon.js", "not daemon"],
  ["src/os/a.ts", "../plan/facts.js", "not plan"],
  ["src/os/fake/a.ts", "execa", "Only os/linux"],
  ["src/daemon/a.ts", "koffi", "Only os/linux"],
  ["src/cli/a.ts", "../../lab/realize.js", "src never imports the lab"],
  ["lab/a.ts", "../src/daemon/daemon.js", "not daemon"],
] as const;

const allowed = [
  ["src/xlat/c.ts", "../wire/ipv4.js"],
  ["src/plan/c.ts", "../engine/engine.js"],
  ["src/os/linux/a.ts", "koffi"],
  ["lab/b.ts", "../src/os/effect.js"],
] as const;

describe("ci/lint.json", () => {
  const tree = mkdtempSync(join(tmpdir(), "clatd-arrows-"));
  let report: { category: string; message: string; location: { path: string } }[];

  beforeAll(() => {
    for (const [file, specifier] of [...refused, ...allowed]) {
      mkdirSync(dirname(join(tree, file)), { recursive: true });
      writeFileSync(join(tree, file), `import { a } from "${specifier}";\n\nexport const b = a;\n`);
    }
    // Biome reads the patterns relative to the place of its configuration.
    mkdirSync(join(tree, "ci"));
    copyFileSync("ci/lint.json", join(tree, "ci/lint.json"));
    const args = ["lint", "--config-path=ci/lint.json", "--reporter=json", "--max-diagnostics=200", "src", "lab"];
    const biome = join(process.cwd(), "node_modules/@biomejs/biome/bin/biome");
    const run = spawnSync(process.execPath, [biome, ...args], { cwd: tree, encoding: "utf8" });
    report = JSON.parse(run.stdout).diagnostics;
  });
  afterAll(() => rmSync(tree, { recursive: true }));

  const arrowsOf = (file: string) =>
    report
      .filter((entry) => entry.category === "lint/style/noRestrictedImports" && entry.location.path === file)
      .map((entry) => entry.message)
      .join("\n");

  it.each(refused)("refuses that %s imports %s", (file, _specifier, message) => {
    expect(arrowsOf(file)).toContain(message);
  });

  it.each(allowed)("allows that %s imports %s", (file) => {
    expect(arrowsOf(file)).toBe("");
  });
});
