// Debian's systemd as the manager of this machine's services, in a PID and mount namespace of its own, and the network that
// they find: `eth0`, behind which a server has the IPv6 form of an IPv4 address. A systemd that boots clears /tmp and sets
// sysctls, so this is for the guest alone, whose root is thrown away.

import { execFile, spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";

export const isGuest = process.env["CLATD_VM"] === "1" && existsSync("/run/vm/job.sh");

export const units = "/etc/systemd/system";
export const pref64 = "2001:db8:64::/96";
const serverV4 = "198.51.100.1";
const serverV6 = "2001:db8:64::c633:6401";

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

export interface Ended {
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
export async function until(
  what: string,
  look: () => Promise<string>,
  wanted: (text: string) => boolean,
): Promise<string> {
  process.stdout.write(`  waiting for: ${what}\n`);
  const deadline = performance.now() + 90_000;
  let last = "";
  for (;;) {
    const text = await look();
    if (wanted(text)) return text;
    if (text !== last) process.stdout.write(`  so far: ${text}\n`);
    last = text;
    if (performance.now() > deadline) throw new Error(`Not within 90 s: ${what}; the last seen was: ${text}`);
    await new Promise((later) => setTimeout(later, 500));
  }
}

async function must(line: string): Promise<void> {
  const { code, out } = await run("sh", "-c", line);
  if (code !== 0) throw new Error(`${line}: ${out}`);
}

/** As the package would install it, and where the sandbox of the unit lets it be seen wherever this project is. */
export async function installClatd(): Promise<void> {
  const place = "/opt/clatd";
  mkdirSync(place, { recursive: true });
  await must(`mount --bind '${resolve(".")}' ${place}`);
  chmodSync(`${place}/dist/src/cli/clatd.js`, 0o755);
  if (!existsSync("/usr/bin/clatd")) symlinkSync(`${place}/dist/src/cli/clatd.js`, "/usr/bin/clatd");
  // 0600 where no udev has been at it.
  chmodSync("/dev/net/tun", 0o666);
}

export async function makeNetwork(): Promise<void> {
  for (const line of [
    "ip netns add far",
    "ip link add eth0 type veth peer name eth1 netns far",
    "ip link set eth0 up",
    "ip -n far link set lo up",
    "ip -n far link set eth1 up",
    "ip address add 2001:db8:1::2/64 dev eth0 nodad",
    "ip -n far address add 2001:db8:1::1/64 dev eth1 nodad",
    `ip -n far address add ${serverV6}/128 dev lo`,
    "ip -6 route add default via 2001:db8:1::1 dev eth0",
  ]) {
    await must(line);
  }
  // What a device has after duplicate address detection it would otherwise seem to have got from clatd.
  await until(
    "eth0 has its addresses",
    async () => (await run("ip", "-6", "-o", "address", "show", "dev", "eth0")).out,
    (text) => text.includes("fe80::") && !text.includes("tentative"),
  );
}

export const endNetwork = (): Promise<Ended> => run("ip", "netns", "delete", "far");

/** Whether a packet goes there and comes back. */
export const ipv4Works = async (): Promise<boolean> => (await run("ping", "-c1", "-W2", serverV4)).code === 0;

/** All that a CLAT may change; without numbers that change by themselves. */
export async function network(): Promise<string> {
  const lines = [
    "ip -o link",
    "ip -o address",
    "ip -4 route show table all",
    "ip -6 route show table all",
    "ip -4 rule",
    "ip -6 rule",
    "ip -6 neigh show proxy",
    "ip netns",
    "tc qdisc",
    "tc filter show dev eth0 ingress",
    "tc filter show dev eth0 egress",
    "sysctl net.ipv6.conf.all.forwarding net.ipv6.conf.eth0.accept_ra net.ipv6.conf.eth0.proxy_ndp net.ipv4.ip_forward",
    "nft list ruleset",
  ];
  const seen = await Promise.all(lines.map((line) => run("sh", "-c", line)));
  return seen.map(({ out }) => out).join("\n");
}

export interface Manager {
  /** A command beside the services: in their namespaces. */
  inside(...command: string[]): Promise<Ended>;
  /** A property of a unit. */
  show(unit: string, key: string): Promise<string>;
  end(): void;
}

export async function bootSystemd(): Promise<Manager> {
  writeFileSync(`${units}/small.target`, "[Unit]\nDefaultDependencies=no\n");
  for (const name of masked) if (!existsSync(`${units}/${name}`)) symlinkSync("/dev/null", `${units}/${name}`);
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
  const inside = (...command: string[]): Promise<Ended> => run("nsenter", "-t", pid, "-p", "-m", "--", ...command);
  return {
    inside,
    show: async (unit, key) => (await inside("systemctl", "show", "-P", key, unit)).out,
    end: () => void child.kill("SIGKILL"),
  };
}
