// The real UFW, as Debian packages it, on an IPv6-only host: with its default policies it drops what is forwarded. Its
// package is unpacked, not installed, and works on files of its own in the host's namespaces only.

import { execFile } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Lab, startLab } from "../../../lab/lab.js";
import { labObstacle } from "../../support/obstacle.js";
import { active, clatd, ipv4Works, settled, spawnClatd, status, until } from "../../support/whole-lab.js";

const execute = promisify(execFile);

let obstacle = labObstacle;
let folder: string;
let lab: Lab;
/** The command, in the host. */
let ufw: string;

beforeAll(async () => {
  if (obstacle !== undefined) return;
  folder = await mkdtemp(join(tmpdir(), "clatd-ufw-"));
  try {
    await execute("apt-get", ["download", "ufw"], { cwd: folder, timeout: 60_000 });
    const [name = ""] = (await readdir(folder)).filter((one) => one.endsWith(".deb"));
    await execute("dpkg", ["-x", join(folder, name), join(folder, "root")]);
  } catch (error) {
    obstacle = `Debian's package ufw cannot be had here: ${error instanceof Error ? error.message.split("\n")[0] : error}`;
    return;
  }
  lab = await startLab("464xlat-builtin", { clatd: false });
  ufw = await unpacked(join(folder, "root"));
});
afterAll(async () => {
  await lab?.[Symbol.asyncDispose]();
  if (folder !== undefined) await rm(folder, { recursive: true, force: true });
});
beforeEach(({ skip }) => {
  if (obstacle !== undefined) skip(obstacle);
});

async function sh(line: string): Promise<string> {
  const { code, stdout, stderr } = await lab.exec("host", ["sh", "-c", line]);
  if (code !== 0) throw new Error(`${line}: exit code ${code}: ${stderr}`);
  return stdout.trim();
}

/** What its package's scripts would do, in the host's own /run. */
async function unpacked(from: string): Promise<string> {
  const root = "/run/ufw-root";
  const command = "/run/ufw";
  await sh(`cp -r ${from} ${root} && mkdir -p ${root}/run && chmod -R go-w ${root}`);
  await sh(`cd ${root}/usr/share/ufw && cp *.rules *.init ufw.conf ${root}/etc/ufw/`);
  const script = [
    "#!/bin/sh",
    `PYTHONPATH=${root}/usr/lib/python3/dist-packages exec /usr/bin/python3 ${root}/usr/sbin/ufw --rootdir=${root} --datadir=${root} "$@"`,
  ];
  const { code } = await lab.exec("host", ["sh", "-c", `cat > ${command} && chmod +x ${command}`], {
    input: script.join("\n"),
  });
  expect(code).toBe(0);
  return command;
}

describe("another firewall that drops what is forwarded", () => {
  it("is told about in the log and in `clatd status`, unless it has a rule for the CLAT", async () => {
    await settled(lab);
    await sh(`${ufw} disable`);
    const chain = "type filter hook forward priority 0; policy drop;";
    await sh(`nft add table inet mine && nft "add chain inet mine forward { ${chain} }"`);
    const notes = async () => (await status(lab))?.active?.notes;
    await using daemon = await spawnClatd(lab, "engine=userspace", "plumbing=classic", `cmd-ufw=${ufw}`);
    await active(lab);
    expect(await until(notes, (now) => now !== undefined)).toEqual([
      expect.stringMatching(/^The firewall \(nft table inet mine\) drops/),
    ]);
    expect(await lab.exec("host", "curl -sS --max-time 2 http://198.51.100.2/")).toMatchObject({ code: 28 });
    await sh("nft 'add rule inet mine forward iifname clat accept; add rule inet mine forward oifname clat accept'");
    await until(notes, (now) => now === undefined);
    expect(await ipv4Works(lab)).toBe(true);
    await daemon.kill("SIGTERM");
    expect(await daemon.exited).toBe(0);
    await sh("nft delete table inet mine");
  });
});

const shown = () => sh(`${ufw} show added | tail -n +2`);

describe("UFW", () => {
  it("that is active gets the rules that the CLAT needs, and loses them when clatd ends, also after SIGKILL", async () => {
    await settled(lab);
    await sh(`${ufw} allow 22/tcp && ${ufw} --force enable`);
    const before = await shown();
    // Of a clatd in another network, before a power cut.
    await sh(`${ufw} route allow in on clat to 2001:db8:abc::/96 comment 'clatd: clat'`);
    const keys = ["engine=userspace", "plumbing=classic", `cmd-ufw=${ufw}`];
    {
      // Left alone it lets nothing through: the rules are what makes the difference.
      await using daemon = await spawnClatd(lab, "engine=userspace", "plumbing=classic", "cmd-ufw=");
      await active(lab);
      expect(await lab.exec("host", "curl -sS --max-time 2 http://198.51.100.2/")).toMatchObject({ code: 28 });
      expect(await shown()).not.toContain("2001:db8:64::/96");
      await daemon.kill("SIGTERM");
      expect(await daemon.exited).toBe(0);
    }
    {
      await using daemon = await spawnClatd(lab, ...keys);
      await active(lab);
      expect(await shown()).toContain("ufw route allow in on clat to 2001:db8:64::/96 comment 'clatd: clat'");
      expect(await shown()).toContain("ufw route allow out on clat from 2001:db8:64::/96 comment 'clatd: clat'");
      expect(await ipv4Works(lab)).toBe(true);
      await daemon.kill("SIGTERM");
      expect(await daemon.exited).toBe(0);
      expect(await shown()).toBe(before);
    }
    await using killed = await spawnClatd(lab, ...keys);
    await active(lab);
    await killed.kill("SIGKILL");
    await killed.exited;
    expect(await shown()).not.toBe(before);
    expect(await clatd(lab, "cleanup", `cmd-ufw=${ufw}`)).toMatchObject({ code: 0 });
    expect(await shown()).toBe(before);
  });

  it("that is not active is left alone; switched on meanwhile, it gets its rules", async () => {
    await sh(`${ufw} disable`);
    const before = await shown();
    await using daemon = await spawnClatd(lab, "engine=userspace", "plumbing=classic", `cmd-ufw=${ufw}`);
    await active(lab);
    expect(await ipv4Works(lab)).toBe(true);
    expect(await shown()).toBe(before);
    await sh(`${ufw} --force enable`);
    await until(shown, (rules) => rules.includes("clatd: clat"));
    await until(
      () => ipv4Works(lab),
      (works) => works,
    );
    await daemon.kill("SIGTERM");
    expect(await daemon.exited).toBe(0);
    expect(await shown()).toBe(before);
  });
});
