// clatd as a service of systemd: what it tells its manager and when, on real packets and with a real socket (sd_notify(3)).

import { chmod, chown, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Lab, startLab } from "../../../lab/lab.js";
import type { NodeProcess } from "../../../lab/nodes.js";
import { programs } from "../../../lab/programs.js";
import { readExposition } from "../../support/exposition.js";
import { NotifySocket } from "../../support/notify-socket.js";
import { labObstacle } from "../../support/obstacle.js";
import { active, clatd, differenceTo, ipv4Works, restored, settled, status, until } from "../../support/whole-lab.js";

const topology = "464xlat-builtin";
const pref64 = "2001:db8:64::/96";
const program = [programs.node, `${programs.dist}/src/cli/clatd.js`] as const;

let folder: string;
beforeEach(async ({ skip }) => {
  if (labObstacle !== undefined) skip(labObstacle);
  folder = await mkdtemp(join(tmpdir(), "clatd-service-"));
});
afterEach(async () => {
  if (labObstacle === undefined) await rm(folder, { recursive: true });
});

function start(lab: Lab, env: Readonly<Record<string, string>>, ...words: string[]): NodeProcess {
  return lab.spawn("host", [...program, ...words], { env });
}

describe("the service manager", () => {
  it("hears READY when IPv4 works, RELOADING and READY around a reload, STOPPING at the end, in this order", async () => {
    await using lab = await startLab(topology, { clatd: false });
    const before = await settled(lab);
    await using socket = await NotifySocket.open();
    const file = join(folder, "clatd.conf");
    await writeFile(file, "v4-defaultroute-metric=2048\n");
    await using daemon = start(
      lab,
      { NOTIFY_SOCKET: socket.path, WATCHDOG_USEC: "600000" },
      "-c",
      file,
      "engine=userspace",
      "plumbing=classic",
      // Nobody has to be asked for it, who may be slow: then it would be ready, and wait.
      `plat-prefix=${pref64}`,
    );

    await socket.heard(/^READY=1$/);
    expect(await ipv4Works(lab)).toBe(true);
    expect(socket.messages).toContain(`READY=1\nSTATUS=active, ${pref64} via eth0`);
    const started = await status(lab);

    await writeFile(file, "v4-defaultroute-metric=77\n");
    await daemon.kill("SIGHUP");
    await socket.heard(/^READY=1$/, 2);
    expect((await lab.exec("host", "ip route show default dev clat")).stdout).toContain("metric 77");

    await writeFile(file, "v4-defaultroute-metric=minus\n");
    await daemon.kill("SIGHUP");
    await socket.heard(/^READY=1$/, 3);
    expect(socket.lines.at(-1)).toMatch(
      new RegExp(
        `^STATUS=active, ${pref64} via eth0 \\(Cannot take the configuration anew \\(SIGHUP\\): .*:1: error: `,
      ),
    );
    expect((await lab.exec("host", "ip route show default dev clat")).stdout).toContain("metric 77");
    expect(await ipv4Works(lab)).toBe(true);
    expect(await status(lab)).toMatchObject({
      pid: started?.pid,
      state: "active",
      reloads: { taken: 1, refused: 1 },
      lastError: { text: expect.stringContaining("v4-defaultroute-metric"), hint: expect.stringContaining("Mend") },
    });

    await writeFile(file, "v4-defaultroute-metric=2048\n");
    await daemon.kill("SIGHUP");
    await socket.heard(/^READY=1$/, 4);
    expect(socket.lines.at(-1)).toBe(`STATUS=active, ${pref64} via eth0`);

    await daemon.kill("SIGTERM");
    expect(await daemon.exited).toBe(0);
    const words = socket.lines.flatMap((line) => /^(READY|RELOADING|STOPPING)=/.exec(line)?.[1] ?? []);
    expect(words).toEqual(["READY", "RELOADING", "READY", "RELOADING", "READY", "RELOADING", "READY", "STOPPING"]);
    // systemd tells by the time which READY belongs to which reload.
    expect(socket.messages.filter((text) => text.startsWith("RELOADING"))[0]).toMatch(
      /^RELOADING=1\nMONOTONIC_USEC=\d+$/,
    );
    expect(await differenceTo(lab, before)).toEqual([]);
  });

  it("hears READY where there is no PLAT too, and why; signs of life come while it waits, and none while its loop hangs", async () => {
    await using lab = await startLab(topology, { clatd: false });
    await lab.service("dns").stop();
    await using socket = await NotifySocket.open();
    // Whoever looks at the system waits for as long as that file is there.
    const [hang, ip] = [join(folder, "hang"), join(folder, "ip")];
    await writeFile(ip, `#!/bin/sh\nwhile [ -e ${hang} ]; do sleep 0.05; done\nexec ip "$@"\n`, { mode: 0o755 });
    await using _daemon = start(lab, { NOTIFY_SOCKET: socket.path, WATCHDOG_USEC: "300000" }, `cmd-ip=${ip}`);
    await socket.heard(/^READY=1$/);
    await socket.heard(/^STATUS=waiting: .*(PREF64|DNS64)/);
    const beats = async (): Promise<number> => socket.messages.filter((text) => text === "WATCHDOG=1").length;
    const first = await beats();
    await until(beats, (count) => count >= first + 5);

    await writeFile(hang, "");
    await lab.exec("host", "ip link add hang0 type veth");
    // Three of them would be due in that.
    const quiet = async (): Promise<boolean> => {
      const [count, since] = [await beats(), performance.now()];
      return (await until(beats, (now) => now > count || performance.now() - since > 400, 1000)) === count;
    };
    await until(quiet, (is) => is);
    await rm(hang);
    const last = await beats();
    await until(beats, (count) => count >= last + 3);
  });

  it("is not heard of by scripts: the variables are gone", async () => {
    await using lab = await startLab(topology, { clatd: false });
    await using socket = await NotifySocket.open();
    const seen = join(folder, "environment");
    const env = { NOTIFY_SOCKET: socket.path, WATCHDOG_USEC: "60000000" };
    await using _daemon = start(lab, env, `script-up=env > ${seen}.new && mv ${seen}.new ${seen}`);
    // READY may come before that: who waits for a default route or for a PREF64 is ready too.
    await socket.heard(/^STATUS=active/);
    const { stdout } = await lab.exec("host", ["cat", seen]);
    expect(stdout).toContain("clat_dev=clat");
    expect(stdout).not.toMatch(/NOTIFY_SOCKET|WATCHDOG/);
  });
});

describe("metrics", () => {
  it("come over the control socket, which still speaks JSON, and over TCP where that is wanted", async () => {
    await using lab = await startLab(topology, { clatd: false });
    const spawned = Date.now() / 1000;
    await using daemon = start(lab, {}, "metrics-listen=[::1]:9464", "engine=userspace", "plumbing=classic");
    await active(lab);
    expect(await ipv4Works(lab)).toBe(true);
    const curl = (where: string) => lab.exec("host", `curl -sS -g -i --max-time 30 ${where}`);

    const unix = await curl("--unix-socket /run/clatd/*/clat.sock http://clatd/metrics");
    const tcp = await curl("http://[::1]:9464/metrics");
    for (const { code, stdout } of [unix, tcp]) {
      expect(code).toBe(0);
      const [head = "", body = ""] = stdout.replaceAll("\r", "").split(/\n\n/, 2);
      expect(head).toMatch(/^HTTP\/1\.1 200 OK\n/);
      expect(head).toMatch(/^content-type: text\/plain; version=0\.0\.4/im);
      // curl's output comes without its last line end.
      const families = readExposition(`${body}\n`);
      expect(families.get("clatd_active")?.samples).toMatchObject([{ value: 1 }]);
      expect(families.get("clatd_info")?.samples[0]?.labels).toMatchObject({
        clat_dev: "clat",
        pref64,
        uplink: "eth0",
      });
      const packets = families.get("clatd_packets_total")?.samples ?? [];
      expect(packets.map(({ labels }) => labels)).toEqual([{ direction: "v4_to_v6" }, { direction: "v6_to_v4" }]);
      for (const { value } of packets) expect(value).toBeGreaterThan(2);
      const start = families.get("process_start_time_seconds")?.samples[0]?.value ?? 0;
      // The kernel counts in ticks.
      expect(start).toBeGreaterThan(spawned - 1);
      expect(start).toBeLessThan(Date.now() / 1000 + 1);
    }
    expect((await curl("http://[::1]:9464/")).stdout).toMatch(/^HTTP\/1\.1 404 /);
    expect((await curl("-X POST http://[::1]:9464/metrics")).stdout).toMatch(/^HTTP\/1\.1 405 /);
    expect(await status(lab)).toMatchObject({ state: "active" });
    await daemon.kill("SIGTERM");
    expect(await daemon.exited).toBe(0);
  });

  it("do not keep clatd from working where the address is taken, and come when it is free", async () => {
    await using lab = await startLab(topology, { clatd: false });
    const other = "require('net').createServer().listen(9464, '::1', () => console.log('listening'))";
    await using holder = lab.spawn("host", [programs.node, "-e", other]);
    await holder.line("listening");
    await using daemon = start(lab, {}, "metrics-listen=[::1]:9464");
    await daemon.line(/Cannot serve metrics on \[::1\]:9464: .*EADDRINUSE.*; clatd tries again/);
    await active(lab);
    await holder.kill("SIGKILL");
    await until(
      () => lab.exec("host", "curl -sS -g --max-time 30 http://[::1]:9464/metrics"),
      ({ code }) => code === 0,
    );
  });
});

describe("without root", () => {
  const capabilities = "+net_admin,+net_raw,+bpf,+perfmon";
  const nobody = 65_534;
  /** As the shipped unit runs it: a user who owns nothing, with these capabilities and no way to others. */
  const unprivileged = [
    "setpriv",
    `--reuid=${nobody}`,
    `--regid=${nobody}`,
    "--clear-groups",
    `--inh-caps=-all,${capabilities}`,
    `--ambient-caps=-all,${capabilities}`,
    `--bounding-set=-all,${capabilities}`,
    "--no-new-privs",
  ] as const;

  it.each(["userspace", "ebpf"])("runs with the unit's four capabilities: engine=%s", async (engine) => {
    await using lab = await startLab(topology, { clatd: false });
    const before = await settled(lab);
    // As udev sets it up; here the device may be root's alone.
    const tun = "mknod -m 666 /run/tun c 10 200 && mount --bind /run/tun /dev/net/tun";
    expect(await lab.exec("host", tun)).toMatchObject({ code: 0 });
    const run = join(folder, "run");
    await mkdir(run);
    await chown(run, nobody, nobody);
    await chmod(folder, 0o755);
    const env = { RUNTIME_DIRECTORY: run, HOME: "/nonexistent" };
    await using daemon = lab.spawn("host", [...unprivileged, ...program, `engine=${engine}`], { env });
    await daemon.line(/^clatd active /);
    expect(daemon.output).toContain(` engine=${engine} `);
    expect(await ipv4Works(lab)).toBe(true);
    const pid = await daemon.pid();
    const { stdout } = await lab.exec("host", [
      "sh",
      "-c",
      "grep -hE '^(Uid|CapEff|CapBnd|NoNewPrivs)' /proc/[0-9]*/status",
    ]);
    expect(pid).toBeGreaterThan(0);
    // NET_ADMIN 12, NET_RAW 13, PERFMON 38, BPF 39.
    expect(stdout).toContain("CapEff:\t000000c000003000\nCapBnd:\t000000c000003000\nNoNewPrivs:\t1");
    expect(daemon.output).not.toMatch(/warning|error/);
    await daemon.kill("SIGTERM");
    expect(await daemon.exited).toBe(0);
    expect(await differenceTo(lab, before)).toEqual([]);

    // What the unit does after every end (ExecStopPost=), as the same user.
    await using killed = lab.spawn("host", [...unprivileged, ...program, `engine=${engine}`], { env });
    await killed.line(/^clatd active /);
    await killed.kill("SIGKILL");
    await killed.exited;
    const cleanup = await lab.exec("host", [...unprivileged, ...program, "-q", "cleanup"], { env });
    expect(cleanup).toEqual({ code: 0, stdout: "", stderr: "" });
    await restored(lab, before);
  });
});

describe("clatd status", () => {
  it("finds every instance that runs", async () => {
    await using lab = await startLab(topology, { clatd: false });
    await using _first = start(lab, {});
    await active(lab);
    const more = ["clat-dev=siit0", "v4-defaultroute-enable=no", "route-table=7", "plat-prefix=2001:db8:65::/96"];
    await using _second = start(lab, {}, ...more, "clat-v4-addr=192.0.0.5", "tayga-v4-addr=192.0.0.6");
    const both = await until(
      () => clatd(lab, "status"),
      ({ stdout }) => /^clat: siit0$/m.test(stdout),
    );
    expect(both).toMatchObject({ code: 0, stderr: "" });
    expect(both.stdout).toMatch(/^clat: clat\n {2}state: active for /);
    expect((await clatd(lab, "status", "siit0")).stdout).toMatch(/^clat: siit0\n/);
  });
});
