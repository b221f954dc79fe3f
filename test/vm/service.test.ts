// The shipped unit under Debian's systemd, sandbox and all, from its start to its end: reload, a daemon that hangs, stop; and
// as root for what needs that.

import { appendFileSync, copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  bootSystemd,
  type Ended,
  endNetwork,
  installClatd,
  ipv4Works,
  isGuest,
  type Manager,
  makeNetwork,
  network,
  pref64,
  units,
  until,
} from "./systemd.js";

const conf = "/etc/clatd.conf";
const dropIns = `${units}/clatd.service.d`;
const common = `plat-prefix=${pref64}\nv4-conncheck-enable=no\n`;
const classic = `${common}engine=userspace\nplumbing=classic\n`;

describe("the unit, under systemd", () => {
  let manager: Manager | undefined;
  let before = "";

  const inside = (...command: string[]): Promise<Ended> =>
    manager?.inside(...command) ?? Promise.reject(new Error("systemd is not up"));
  const show = async (key: string): Promise<string> => (await manager?.show("clatd", key)) ?? "";
  const log = async (): Promise<string> => (await inside("journalctl", "-u", "clatd", "--no-pager", "-n", "40")).out;
  const isActive = (what = "clatd is active"): Promise<string> =>
    until(
      what,
      async () => `${await show("ActiveState")} ${await show("StatusText")}`,
      (text) => text === `active active, ${pref64} via eth0`,
    );
  const succeeds = async (...command: string[]): Promise<void> => {
    const ended = await inside(...command);
    if (ended.code !== 0) throw new Error(`${command.join(" ")}: ${ended.out}\n${await log()}`);
  };

  beforeEach(({ skip }) => {
    if (!isGuest) skip("only in the virtual machine (npm run test:vm): a systemd that boots clears /tmp");
  });

  beforeAll(async () => {
    if (!isGuest) return;
    await installClatd();
    await makeNetwork();
    copyFileSync("service/systemd/clatd.service", `${units}/clatd.service`);
    // So that nobody has to wait for a minute.
    mkdirSync(dropIns);
    writeFileSync(`${dropIns}/watchdog.conf`, "[Service]\nWatchdogSec=10\n");
    manager = await bootSystemd();
    before = await network();
  });

  afterAll(async () => {
    if (!isGuest) return;
    manager?.end();
    // Later tests in this guest start a clatd without any configuration.
    rmSync(conf, { force: true });
    await endNetwork();
  });

  it("starts clatd as nobody in particular, with four capabilities; it is ready when IPv4 works, sysctls included", async () => {
    writeFileSync(conf, classic);
    await succeeds("systemctl", "start", "clatd");
    expect(await ipv4Works()).toBe(true);
    await isActive();
    const status = (await inside("cat", `/proc/${await show("MainPID")}/status`)).out;
    expect(Number(/^Uid:\t(\d+)/m.exec(status)?.[1])).toBeGreaterThan(60_000);
    // NET_ADMIN 12, NET_RAW 13, PERFMON 38, BPF 39.
    expect(status).toMatch(/^CapEff:\t000000c000003000$/m);
    expect(status).toMatch(/^CapBnd:\t000000c000003000$/m);
    expect(status).toMatch(/^NoNewPrivs:\t1$/m);
    expect(status).toMatch(/^Seccomp:\t2$/m);
    const now = await network();
    expect(now).toMatch(/^default dev clat /m);
    expect(now).toContain("net.ipv6.conf.all.forwarding = 1");
    expect((await inside("clatd", "status")).out).toMatch(/^clat: clat\n {2}state: active /);
  });

  it("reloads a good configuration; a wrong one fails the reload, is told, and changes nothing", async () => {
    appendFileSync(conf, "v4-defaultroute-metric=77\n");
    await succeeds("systemctl", "reload", "clatd");
    await isActive();
    expect(await network()).toMatch(/^default dev clat .*metric 77/m);
    writeFileSync(conf, `${classic}v4-defaultroute-metric=x\n`);
    expect((await inside("systemctl", "reload", "clatd")).code).not.toBe(0);
    expect(await log()).toMatch(/clatd\.conf:5: error: cannot set v4-defaultroute-metric to "x"/);
    expect(await show("ActiveState")).toBe("active");
    expect(await network()).toMatch(/^default dev clat .*metric 77/m);
    expect(await ipv4Works()).toBe(true);
  });

  const stopsWithoutTrace = async (): Promise<void> => {
    await succeeds("systemctl", "stop", "clatd");
    expect([await show("ActiveState"), await show("Result")]).toEqual(["inactive", "success"]);
    expect((await network()).split("\n")).toEqual(before.split("\n"));
  };

  it("leaves nothing of classic plumbing when it stops", stopsWithoutTrace);

  it("lets it have programs in the kernel, without root: engine=auto takes ebpf, and no sysctl", async () => {
    writeFileSync(conf, common);
    await succeeds("systemctl", "start", "clatd");
    await isActive();
    expect((await inside("clatd", "status")).out).toMatch(/^ {2}engine: ebpf/m);
    expect(await ipv4Works()).toBe(true);
    const now = await network();
    expect(now).toContain("net.ipv6.conf.all.forwarding = 0");
    expect(filterCount(now)).toBeGreaterThan(0);
  });

  it("kills clatd where that hangs, cleans up behind it and starts it again: IPv4 works again (WatchdogSec=)", async () => {
    const [hanging, filters] = [await show("MainPID"), filterCount(await network())];
    await succeeds("kill", "-STOP", hanging);
    await until(
      "the watchdog has seen it",
      async () => `${await show("NRestarts")} ${await show("ActiveState")}`,
      (text) => text === "1 active",
    );
    await isActive("clatd is active again");
    expect(await ipv4Works()).toBe(true);
    expect(await show("MainPID")).not.toBe(hanging);
    expect(await log()).toMatch(/Watchdog timeout/);
    // Before Linux 6.6 the programs on the uplink outlive a daemon that is killed: there would be twice as many.
    expect(filterCount(await network())).toBe(filters);
  });

  it("leaves nothing of programs when it stops", async () => {
    await stopsWithoutTrace();
    expect((await inside("sh", "-c", "ls -A /run/clatd/")).out).toBe("");
  });

  it("as root (as-root.conf) runs Jool, and scripts that do what root may do", async () => {
    copyFileSync("service/systemd/as-root.conf", `${dropIns}/as-root.conf`);
    const seen = "/etc/clatd-was-up";
    const up = `script-up=echo $(id -u) $clat_dev $plat_prefix > ${seen} && ip route add 203.0.113.0/24 dev $clat_dev\n`;
    const down = `script-down=mv ${seen} ${seen}.before\n`;
    writeFileSync(conf, `${common}engine=jool\n${up}${down}`);
    await succeeds("systemctl", "daemon-reload");
    await succeeds("systemctl", "start", "clatd");
    await isActive();
    expect((await inside("clatd", "status")).out).toMatch(/^ {2}engine: jool/m);
    expect(await ipv4Works()).toBe(true);
    expect(readFileSync(seen, "utf8")).toBe(`0 clat ${pref64}\n`);
    expect(await network()).toMatch(/^203\.0\.113\.0\/24 dev clat /m);
    await stopsWithoutTrace();
    expect([existsSync(seen), existsSync(`${seen}.before`)]).toEqual([false, true]);
  });
});

const filterCount = (network: string): number => network.match(/^filter protocol all .* bpf .*handle/gm)?.length ?? 0;
