// The program itself: its output, its exit codes, and labs that are kept.

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { programs } from "../../../lab/programs.js";
import { labObstacle } from "../../support/obstacle.js";
import { hostState, untilAsBefore } from "./host-state.js";

let directory = "";
const clatlab = async (...words: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> => {
  const result = await execa(programs.node, [`${programs.dist}/lab/cli/clatlab.js`, ...words], {
    reject: false,
    cwd: directory,
    stdin: "ignore",
  });
  return { code: result.exitCode ?? -1, stdout: result.stdout, stderr: result.stderr };
};

const topology = (name: string, checks: string): string => `
name: ${name}
title: Two nodes
nodes:
  a: { kind: host }
  b: { kind: server }
links: ["a:eth0 -- b:eth0, 192.0.2.0/24"]
checks:
${checks}
`;
const GOOD = "  - { name: reaches, http: { url: http://192.0.2.2/, family: 4, seen-from: '^192' }, pass: It works }\n";
const NEGATIVE = "  - { name: refused, tcp: { to: 192.0.2.2, port: 81 }, expect: fail, within: 1 }\n";
const BAD = "  - { name: exits, run: { command: [sh, -c, exit 3] }, within: 0.2, fail: It does not }\n";
const WARNS = "  - { name: warns, run: 'false', level: warn, within: 0.2 }\n";
const MISSING = "  - { name: missing, run: 'true', needs: [no-such-program] }\n";

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "clatlab-test-"));
  const files = {
    good: GOOD + NEGATIVE + MISSING,
    bad: GOOD + BAD + WARNS,
    warns: GOOD + WARNS,
    kept: GOOD,
    broken: "  - { pong: 1 }\n",
  };
  for (const [name, checks] of Object.entries(files))
    await writeFile(join(directory, `${name}.yml`), topology(`test-${name}`, checks));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

describe("clatlab", () => {
  it("lists the shipped topologies", async () => {
    const { code, stdout } = await clatlab("list");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^464xlat +An IPv6-only host/m);
    expect(stdout).toMatch(/^464xlat-builtin +/m);
  });

  it.each([
    [["run", "464xlta"], 'clatlab: Cannot find topology "464xlta": did you mean "464xlat"?'],
    [["run", "./nowhere.yml"], 'clatlab: Cannot read topology "./nowhere.yml": there is no such file'],
    [
      ["run", "broken.yml"],
      'broken.yml:9:5: Cannot tell the kind of this check: unknown key "pong", did you mean "ping"?',
    ],
    [
      ["frob"],
      'clatlab: Cannot do "frob": known: list, run, up, check, exec, shell, down, graph\nTry "clatlab --help".',
    ],
    [
      ["exec", "464xlat-builtin", "host", "true"],
      'clatlab: Cannot enter lab "464xlat-builtin": it is not up; bring it up with "clatlab up 464xlat-builtin"',
    ],
  ])("%j: exit code 2 and one message", async (words, message) => {
    const { code, stdout, stderr } = await clatlab(...words);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(message);
    expect(stderr).not.toContain("    at ");
  });

  it("exports the JSON schema", async () => {
    expect(JSON.parse((await clatlab("list", "--schema")).stdout)).toMatchObject({ type: "object" });
  });
});

describe("clatlab run", () => {
  beforeEach(({ skip }) => {
    if (labObstacle !== undefined) skip(labObstacle);
  });

  it("passes: exit code 0, plain lines with picture, steps, verdicts and a summary", async () => {
    const { code, stdout, stderr } = await clatlab("run", "good.yml");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/^test-good: Two nodes\n\n┌/);
    expect(stdout).toMatch(/^ +\d+\.\d\d s {2}links, addresses, routes$/m);
    expect(stdout).toMatch(/^PASS +\d+\.\d\d s {2}It works$/m);
    expect(stdout).toMatch(/^PASS .* TCP to 192\.0\.2\.2 port 81 does not work, and must not$/m);
    expect(stdout).toMatch(/^SKIP .* missing: not tried: no-such-program is not installed \(apt-get$/m);
    expect(stdout).toMatch(/\n2 passed, 0 failed, 1 skipped in \d+\.\d\d s$/);
    expect(stdout).not.toContain("\x1b");
  });

  it("a failed check: exit code 1, its sentence and what was seen", async () => {
    const { code, stdout } = await clatlab("run", "bad.yml");
    expect(code).toBe(1);
    expect(stdout).toMatch(/^FAIL +\d+\.\d\d s {2}It does not\n +exit code 3$/m);
    expect(stdout).toMatch(/\n1 passed, 1 failed, 1 warnings, 0 skipped in /);
  });

  it("only warnings: exit code 3", async () => {
    expect((await clatlab("run", "warns.yml")).code).toBe(3);
  });

  it("-j: one JSON document", async () => {
    const { code, stdout } = await clatlab("run", "good.yml", "-j");
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      topology: { name: "test-good" },
      summary: { passed: 2, failed: 0, skipped: 1 },
    });
  });
});

describe("clatlab up, exec, check, down", () => {
  beforeEach(({ skip }) => {
    if (labObstacle !== undefined) skip(labObstacle);
  });

  it("keeps a lab until it is told to end it, and leaves nothing", async () => {
    const before = await hostState();
    const up = await clatlab("up", "kept.yml");
    expect(up).toMatchObject({ code: 0, stderr: "" });
    try {
      expect(up.stdout).toContain('"test-kept" is up.');
      expect(await clatlab("up", "kept.yml")).toMatchObject({
        code: 2,
        stderr: expect.stringContaining("it is up already"),
      });
      expect(await clatlab("exec", "kept.yml", "a", "cat", "/proc/sys/net/ipv4/ip_forward")).toMatchObject({
        code: 0,
        stdout: "0",
      });
      expect((await clatlab("exec", "kept.yml", "a", "sh", "-c", "exit 5")).code).toBe(5);
      expect(await clatlab("exec", "kept.yml", "c", "true")).toMatchObject({
        code: 2,
        stderr: expect.stringContaining("there is no such node"),
      });
      expect(await clatlab("check", "kept.yml")).toMatchObject({
        code: 0,
        stdout: expect.stringContaining("1 passed, 0 failed"),
      });
    } finally {
      expect(await clatlab("down", "kept.yml")).toMatchObject({ code: 0, stdout: '"test-kept" is down.' });
    }
    expect((await clatlab("down", "kept.yml")).code).toBe(2);
    await untilAsBefore(before);
  });
});
