// The shipped units under Debian's systemd, sandbox and all: start and reload. A systemd that boots
// clears /tmp and sets sysctls, so this is for the guest alone, whose root is thrown away.

import { execFile, spawn } from "node:child_process";
import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  existsSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { resolve } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

const isGuest = process.env["CLATD_VM"] === "1" && existsSync("/run/vm/job.sh");

const units = "/etc/systemd/system";
const conf = "/etc/clatd.conf";
const pref64 = "2001:db8:64::/96";
const settings = `plat-prefix=${pref64}\nengine=userspace\nplumbing=classic\nv4-conncheck-enable=no\n`;

/** What a machine's systemd does at its start, and this one need not. */
const masked = [
  "systemd-udevd.service",
  "systemd-udev-trigger.service",
  "systemd-tmpfiles-setup.service",
  "systemd-tmpfiles-setup-dev.service",
  "systemd-sysctl.service",
  "systemd-sysusers.service",
  "systemd-journal-flush.service",
  "systemd-update-utmp.service",
  "systemd-modules-load.service",
  "systemd-random-seed.service",
  "systemd-remount-fs.service",
  "systemd-machine-id-commit.service",
  "systemd-binfmt.service",
  "proc-sys-fs-binfmt_misc.automount",
  "dev-hugepages.mount",
  "dev-mqueue.mount",
  "sys-kernel-debug.mount",
  "sys-kernel-tracing.mount",
  "sys-fs-fuse-connections.mount",
];

interface Ended {
  readonly code: number;
  readonly out: string;
}

function run(command: string, ...words: string[]): Promise<Ended> {
  return new Promise((done) => {
    execFile(command, words, { env: { ...process.env, LC_ALL: "C" }, timeout: 60_000 }, (error, stdout, stderr) => {
      done({ code: error === null ? 0 : Number(error.code ?? 128), out: `${stdout}${stderr}`.trim() });
    });
  });
}

/** Tells what it does, since all of it takes a while there. */
async function until(what: string, look: () => Promise<string>, wanted: (text: string) => boolean): Promise<string> {
  process.stdout.write(`  waiting for: ${what}\n`);
  const deadline = performance.now() + 90_000;
  for (;;) {
    const text = await look();
    if (wanted(text)) return text;
    if (performance.now() > deadline) throw new Error(`Not within 90 s: ${what}; the last seen was: ${text}`);
    await new Promise((later) => setTimeout(later, 500));
  }
}

describe("the units, under systemd", () => {
  let manager: { readonly pid: string; readonly end: () => void } | undefined;

  const inside = (...command: string[]): Promise<Ended> =>
    run("nsenter", "-t", manager?.pid ?? "none", "-p", "-m", "--", ...command);
  const show = async (unit: string, key: string): Promise<string> =>
    (await inside("systemctl", "show", "-P", key, unit)).out;
  const log = async (): Promise<string> => (await inside("journalctl", "-u", "clatd", "--no-pager", "-n", "25")).out;
  const network = async (): Promise<string> => {
    const all = ["ip -4 route", "ip -6 rule", "ip -o link", "sysctl net.ipv6.conf.all.forwarding", "nft list ruleset"];
    const seen = await Promise.all(all.map((line) => run("sh", "-c", line)));
    return seen.map(({ out }) => out).join("\n");
  };
  const isActive = (): Promise<string> =>
    until(
      "clatd is active",
      async () => `${await show("clatd", "ActiveState")} ${await show("clatd", "StatusText")}`,
      (text) => text === `active active, ${pref64} via eth0`,
    );

  beforeEach(({ skip }) => {
    if (!isGuest) skip("only in the virtual machine (npm run test:vm): a systemd that boots clears /tmp");
  });

  beforeAll(async () => {
    if (!isGuest) return;
    // 0600 where no udev has been at it.
    chmodSync("/dev/net/tun", 0o666);
    if (!existsSync("/usr/bin/clatd")) symlinkSync(resolve("dist/src/cli/clatd.js"), "/usr/bin/clatd");
    chmodSync(resolve("dist/src/cli/clatd.js"), 0o755);
    copyFileSync("service/systemd/clatd.service", `${units}/clatd.service`);
    writeFileSync(`${units}/small.target`, "[Unit]\nDefaultDependencies=no\n");
    for (const name of masked) if (!existsSync(`${units}/${name}`)) symlinkSync("/dev/null", `${units}/${name}`);
    writeFileSync(conf, settings);
    for (const line of [
      "ip link add eth0 type veth peer name eth1",
      "ip link set eth0 up",
      "ip link set eth1 up",
      "ip address add 2001:db8:1::2/64 dev eth0 nodad",
      "ip -6 route add default via fe80::1 dev eth0",
    ]) {
      expect(await run("sh", "-c", line)).toMatchObject({ code: 0 });
    }
    manager = await boot();
  });

  async function boot(): Promise<NonNullable<typeof manager>> {
    const words = "mount -t tmpfs -o mode=755 tmpfs /run; export container=vm; exec /lib/systemd/systemd --system";
    const child = spawn(
      "unshare",
      ["-fpm", "--mount-proc", "--propagation", "private", "--kill-child", "sh", "-c", `${words} --unit=small.target`],
      { stdio: "ignore" },
    );
    const children = `/proc/${child.pid}/task/${child.pid}/children`;
    const pid = await until(
      "systemd is up",
      async () => readFileSync(children, "utf8").trim(),
      (text) => text !== "" && existsSync(`/proc/${text}/root/run/systemd/private`),
    );
    return { pid, end: () => child.kill("SIGKILL") };
  }

  afterAll(async () => {
    // Later tests in this guest start a clatd without any configuration.
    rmSync(conf, { force: true });
    await manager?.end();
  });

  it("start clatd as nobody in particular, with four capabilities; it is ready when IPv4 works, sysctls included", async () => {
    expect(await inside("systemctl", "start", "clatd")).toMatchObject({ code: 0 });
    await isActive();
    const status = (await inside("cat", `/proc/${await show("clatd", "MainPID")}/status`)).out;
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

  it("reload a good configuration; a wrong one fails the reload, is told, and changes nothing", async () => {
    appendFileSync(conf, "v4-defaultroute-metric=77\n");
    expect(await inside("systemctl", "reload", "clatd")).toMatchObject({ code: 0 });
    await isActive();
    expect(await network()).toMatch(/^default dev clat .*metric 77/m);
    writeFileSync(conf, `${settings}v4-defaultroute-metric=x\n`);
    expect((await inside("systemctl", "reload", "clatd")).code).not.toBe(0);
    expect(await log()).toMatch(/clatd\.conf:5: error: cannot set v4-defaultroute-metric to "x"/);
    expect(await show("clatd", "ActiveState")).toBe("active");
    expect(await network()).toMatch(/^default dev clat .*metric 77/m);
    writeFileSync(conf, settings);
    expect(await inside("systemctl", "reload", "clatd")).toMatchObject({ code: 0 });
  });
});
