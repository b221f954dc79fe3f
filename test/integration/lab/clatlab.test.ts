// The program itself: its output, its exit codes, and labs that are kept.

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { programs } from "../../../lab/programs.js";
import { keptLab, lives, markProcess } from "../../../lab/state.js";
import { childOf } from "../../../src/os/linux/process-stat.js";
import { labObstacle } from "../../support/obstacle.js";
import { hostState, until, untilAsBefore } from "./host-state.js";

let directory = "";
const clatlab = async (...words: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> => {
  const result = await execa(programs.node, [`${programs.dist}/lab/cli/clatlab.js`, ...words], {
    reject: false,
    cwd: directory,
    stdin: "ignore",
  });
  return { code: result.exitCode ?? -1, stdout: result.stdout, stderr: result.stderr };
};

/** One that is left to itself for a while, in a process group of its own. */
function start(...words: readonly string[]) {
  const child = execa(programs.node, [`${programs.dist}/lab/cli/clatlab.js`, ...words], {
    reject: false,
    cwd: directory,
    stdin: "ignore",
    detached: true,
  });
  let text = "";
  child.stdout.on("data", (data: Buffer) => {
    text += data.toString();
  });
  return {
    pid: child.pid ?? 0,
    said: () => text,
    kill: (signal: NodeJS.Signals) => void child.kill(signal),
    ended: child,
  };
}

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
const SLOW = "  - { name: slow, run: { command: [sleep, '600'] }, within: 600 }\n";
const GIVEN = "  - { name: given, run: { command: [sleep, '600'] }, within: 600, given: ['a -- b, mtu 1400'] }\n";
const MISSING = "  - { name: missing, run: 'true', needs: [no-such-program] }\n";

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "clatlab-test-"));
  const files = {
    good: GOOD + NEGATIVE + MISSING,
    bad: GOOD + BAD + WARNS,
    warns: GOOD + WARNS,
    slow: GOOD + SLOW,
    kept: GOOD,
    changed: GOOD,
    given: GIVEN,
    early: GOOD,
    twice: GOOD,
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
    [
      ["down", "464xlat-builtin"],
      'clatlab: Cannot end lab "464xlat-builtin": it is not up; "clatlab list" shows those that are',
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
    expect(stdout).toMatch(/\n1 passed, 1 failed, 1 warning, 0 skipped in /);
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

describe("clatlab run, interrupted", () => {
  beforeEach(({ skip }) => {
    if (labObstacle !== undefined) skip(labObstacle);
  });

  it.each(["SIGINT", "SIGTERM"] as const)(
    "by %s: says what takes long, then that it has stopped, and leaves nothing",
    async (signal) => {
      const before = await hostState();
      const run = start("run", "slow.yml");
      await until("what takes long", async () => /^ +\d+\.\d\d s {2}under way: slow$/m.test(run.said()) || run.said());
      run.kill(signal);
      const { signal: ended, stderr } = await run.ended;
      expect({ ended, stderr }).toEqual({ ended: signal, stderr: "clatlab: stopped, and the lab with it" });
      await untilAsBefore(before);
    },
  );
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
      expect(await clatlab("check", "test-kept")).toMatchObject({ code: 0 });
    } finally {
      expect(await clatlab("down", "kept.yml")).toMatchObject({ code: 0, stdout: '"test-kept" is down.' });
    }
    expect((await clatlab("down", "kept.yml")).code).toBe(2);
    await untilAsBefore(before);
  });

  it("needs no file to enter and end it", async () => {
    expect(await clatlab("up", "changed.yml")).toMatchObject({ code: 0 });
    await writeFile(join(directory, "changed.yml"), "nodes: [");
    try {
      expect(await clatlab("exec", "changed.yml", "b", "echo", "in")).toMatchObject({ code: 0, stdout: "in" });
      expect(await clatlab("exec", "test-changed", "b", "echo", "in")).toMatchObject({ code: 0, stdout: "in" });
      expect(await clatlab("check", "changed.yml")).toMatchObject({ code: 2 });
    } finally {
      expect(await clatlab("down", "changed.yml")).toMatchObject({ code: 0, stdout: '"test-changed" is down.' });
    }
  });

  it("checks that are interrupted put back what they have changed", async () => {
    expect(await clatlab("up", "given.yml")).toMatchObject({ code: 0 });
    const mtu = async (): Promise<string> =>
      (await clatlab("exec", "given.yml", "a", "cat", "/sys/class/net/eth0/mtu")).stdout;
    try {
      const check = start("check", "given.yml");
      await until("the smaller MTU", async () => (await mtu()) === "1400");
      // As Ctrl-C: to all of the group, whatever is being tried.
      process.kill(-check.pid, "SIGINT");
      const { signal, stderr } = await check.ended;
      expect({ signal, stderr }).toEqual({ signal: "SIGINT", stderr: "clatlab: stopped; the lab stays up" });
      expect(await mtu()).toBe("1500");
    } finally {
      expect(await clatlab("down", "given.yml")).toMatchObject({ code: 0 });
    }
  });

  it("nothing stays where the one who wants it is killed before it is up", async () => {
    const before = await hostState();
    // On a busy machine it may be up before it is stopped: that shows nothing.
    for (let tries = 1; tries <= 5; tries++) {
      const up = start("up", "early.yml");
      let over = false;
      void up.ended.then(() => {
        over = true;
      });
      let keeper: number | undefined;
      await until("a keeper", async () => {
        keeper = await childOf(up.pid);
        return keeper !== undefined || over;
      });
      if (keeper !== undefined) {
        const mark = markProcess(keeper);
        process.kill(keeper, "SIGSTOP");
        up.kill("SIGKILL");
        await up.ended;
        process.kill(keeper, "SIGCONT");
        await until("its end", async () => !lives(mark) || (await keptLab("test-early")) !== undefined);
        if (!lives(mark)) {
          await untilAsBefore(before);
          return;
        }
      }
      expect(await clatlab("down", "early.yml")).toMatchObject({ code: 0 });
    }
    throw new Error("Each time the lab stayed up");
  });

  it("two at the same time: one is up, the other says so", async () => {
    const both = await Promise.all([clatlab("up", "twice.yml"), clatlab("up", "twice.yml")]);
    try {
      expect(both.map(({ code }) => code).sort()).toEqual([0, 2]);
      expect(both.find(({ code }) => code === 2)?.stderr).toContain("it is up already");
    } finally {
      expect(await clatlab("down", "twice.yml")).toMatchObject({ code: 0 });
    }
    expect(await clatlab("down", "twice.yml")).toMatchObject({ code: 2 });
  });
});
