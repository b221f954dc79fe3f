// The doors to networkctl and ufw: programs of other people, which may be missing, refuse, or hang.

import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import type { Effect } from "../../../../src/os/effect.js";
import { networkctlStatus } from "../../../../src/os/linux/networkctl.js";
import { run } from "../../../../src/os/linux/run.js";
import { Ufw } from "../../../../src/os/linux/ufw.js";
import type { NftTable } from "../../../../src/os/snapshot.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "clatd-doors-"));
});
afterAll(() => rm(folder, { recursive: true }));

let programs = 0;
/** A shell script that notes what it is called with; `called` gives that. */
async function program(text: string): Promise<{ path: string; called: () => Promise<string[]> }> {
  const path = join(folder, `program-${++programs}`);
  await writeFile(path, `#!/bin/sh\necho "$@" >> ${path}.log\n${text}\n`);
  await chmod(path, 0o755);
  return {
    path,
    called: async () =>
      (await readFile(`${path}.log`, "utf8").catch(() => "")).split("\n").filter((line) => line !== ""),
  };
}

describe("networkctlStatus()", () => {
  it("gives what it prints", async () => {
    const { path, called } = await program("echo '{}'");
    expect(await networkctlStatus(path)).toEqual({ ok: true, text: "{}" });
    expect(await called()).toEqual(["--json=short status"]);
  });

  it("says why there is nothing", async () => {
    const { path } = await program("echo 'Failed to connect system bus: No such file or directory' >&2; exit 1");
    expect(await networkctlStatus(path)).toEqual({
      ok: false,
      problem: `does not answer (${path}: Failed to connect system bus: No such file or directory)`,
    });
    expect(await networkctlStatus(join(folder, "nothing"))).toEqual({ ok: false, problem: "is not installed" });
  });

  it("does not wait for one that hangs", async () => {
    const { path } = await program("exec sleep 600");
    expect(await networkctlStatus(path, 100)).toEqual({
      ok: false,
      problem: expect.stringMatching(/^does not answer \(Cannot run .*: .*timed out/),
    });
  });
});

describe("run()", () => {
  it("has every command speak English: gettext of Python, and so ufw, asks LANGUAGE first", async () => {
    vi.stubEnv("LANGUAGE", "de");
    vi.stubEnv("LC_ALL", "de_DE.UTF-8");
    onTestFinished(() => void vi.unstubAllEnvs());
    const { path } = await program('echo "[$LANGUAGE] [$LC_ALL]"');
    expect((await run([path])).stdout).toBe("[] [C]");
  });
});

describe("Ufw", () => {
  const rule = {
    do: "ufw.route",
    inDev: "clat",
    destination: "64:ff9b::/96",
    comment: "clatd: clat",
  } as const satisfies Effect;
  const table = (text: string): NftTable => ({ family: "ip6", name: "filter", text });

  it("isActive() asks again where something changes in UFW's tables, and else seldom", async () => {
    const { path, called } = await program("echo 'Status: active'");
    let now = 0;
    const ufw = new Ufw(path, () => now);
    for (let look = 0; look < 5; look++) expect(await ufw.isActive([])).toBe(true);
    expect(await called()).toEqual(["status"]);
    await ufw.isActive([table("table ip6 mine { }")]);
    expect(await called()).toHaveLength(1);
    await ufw.isActive([table("chain ufw6-user-forward { }")]);
    expect(await called()).toHaveLength(2);
    now += 3600_000;
    await ufw.isActive([table("chain ufw6-user-forward { }")]);
    expect(await called()).toHaveLength(3);
  });

  it("isActive() is false where it is off, refuses, or is not installed", async () => {
    for (const text of ["echo 'Status: inactive'", "echo 'ERROR: problem running' >&2; exit 1"]) {
      expect(await new Ufw((await program(text)).path).isActive([])).toBe(false);
    }
    expect(await new Ufw(join(folder, "nothing")).isActive([])).toBe(false);
  });

  it("add() and remove() say it in ufw's words", async () => {
    const { path, called } = await program("echo 'Rule added (v6)'");
    const ufw = new Ufw(path);
    await ufw.add(rule);
    await ufw.remove(rule);
    expect(await called()).toEqual([
      "show added",
      "route allow in on clat to 64:ff9b::/96 comment clatd: clat",
      "route delete allow in on clat to 64:ff9b::/96",
    ]);
  });

  it("add() takes away what an earlier clatd had left there before a reboot, once", async () => {
    const { path, called } = await program(
      "echo \"ufw route allow in on clat to 2001:db8::/96 comment 'clatd: clat'\"; echo \"ufw route allow in on clat to 64:ff9b::/96 comment 'clatd: clat'\"",
    );
    const ufw = new Ufw(path);
    expect(await ufw.ownerOf(rule)).toBe("ours");
    await ufw.add(rule);
    await ufw.add(rule);
    expect((await called()).filter((line) => line.includes("delete"))).toEqual([
      "route delete allow in on clat to 2001:db8::/96",
    ]);
  });

  it("add() that fails says why, and what to do", async () => {
    const { path } = await program("echo 'ERROR: Could not write' >&2; exit 1");
    await expect(new Ufw(path).add(rule)).rejects.toThrow(
      'Cannot add UFW rule "allow in on clat to 64:ff9b::/96": ERROR: Could not write; an empty cmd-ufw leaves UFW alone',
    );
    await expect(new Ufw(path).remove(rule)).rejects.toThrow("ERROR: Could not write");
  });

  it("remove() has nothing to do where UFW is gone", async () => {
    await expect(new Ufw(join(folder, "nothing")).remove(rule)).resolves.toBeUndefined();
  });
});
