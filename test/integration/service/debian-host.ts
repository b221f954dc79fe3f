// A Debian host without systemd, as the shipped scripts for OpenRC, NetworkManager and ifupdown find it: a file system made by
// debootstrap, in network, mount and process namespaces of its own, with clatd and an IPv6-only uplink. Nothing of the real
// host can be seen from in there, and all of it goes with the process that holds it.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { execa } from "execa";
import { root } from "../../../ci/bootstrap.mjs";
import { nodeBinary } from "../../../ci/package/node-binary.mjs";
import { dieWithParent } from "../../../src/os/linux/die-with-parent.js";
import { childOf } from "../../../src/os/linux/process-stat.js";
import { debianArchive } from "../packages/base-image.js";

const packages = [
  "dbus",
  "ifupdown",
  "iproute2",
  // What NetworkManager depends on asks for a logind. It brings systemd, which does not run in here.
  "libpam-systemd",
  "libstdc++6",
  "network-manager",
  "nftables",
  "openrc",
  "procps",
];

/** The program of process 1, in the folder $1 with the repository $2 and the Node $3. `cat` ends with our end of its pipe. */
const inside = `
# A mount of its own, as the root of a host is.
mount --bind "$1" "$1"
cd "$1"
mount -t proc proc proc
mount -t sysfs -o ro sysfs sys
for folder in run tmp dev; do mount -t tmpfs tmpfs $folder; done
mkdir dev/net opt/clatd
for device in null zero full random urandom tty net/tun; do
  : > dev/$device
  mount --bind /dev/$device dev/$device
done
ln -s /proc/self/fd dev/fd
mount --bind "$2" opt/clatd
mount -o remount,bind,ro opt/clatd
: > usr/bin/node
mount --bind "$3" usr/bin/node
printf '#!/bin/sh\\nexec node /opt/clatd/dist/src/cli/clatd.js "$@"\\n' > usr/bin/clatd
chmod 755 usr/bin/clatd
ip link set lo up
exec chroot . sh -c 'echo ready; cat > /dev/null; :'
`;

/** A router that carries nothing: the daemon looks at addresses and routes. What starts with the system does not. */
const setup = `
set -e
for each in openrc/clatd:/etc/init.d networkmanager/50-clatd:/etc/NetworkManager/dispatcher.d ifupdown/clatd:/etc/network/if-up.d; do
  install -m 755 /opt/clatd/service/\${each%:*} \${each#*:}/
done
echo plat-prefix=2001:db8:64::/96 > /etc/clatd.conf
rm -f /etc/runlevels/*/*
mkdir -p /run/netns /run/dbus
openrc sysinit > /dev/null 2>&1
ip netns add router
ip link add eth0 type veth peer name eth0 netns router
ip -n router link set eth0 up
ip -n router address add fe80::1/64 dev eth0 nodad
`;

export interface DebianHost extends AsyncDisposable {
  /** Runs lines of shell; what they printed. Rejects where they fail. */
  sh(lines: string): Promise<string>;
  /** The same, with the exit code instead of a failure. */
  try(lines: string): Promise<{ readonly code: number; readonly output: string }>;
}

export async function debianHost(): Promise<DebianHost> {
  const archive = await debianArchive(packages);
  const folder = await mkdtemp(join(tmpdir(), "clatd-debian-"));
  const tree = join(folder, "tree");
  await mkdir(tree);
  await execa("tar", ["-C", tree, "--numeric-owner", "-xpf", archive]);
  const spaces = ["-n", "-m", "-p", "-f", "--kill-child", "--mount-proc", "--propagation", "private"];
  const words = ["unshare", ...spaces, "--", "sh", "-ec", inside, "sh", tree, root, nodeBinary("22").node];
  const [file = "", ...rest] = [...dieWithParent, ...words];
  const holder = spawn(file, rest, { stdio: ["pipe", "pipe", "inherit"] });
  const ended = once(holder, "close");
  const end = async (): Promise<void> => {
    // Process 1 ends, and the kernel everything else in there, before unshare hears of it.
    holder.stdin?.end();
    await ended;
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const host = hostOf(await readyProcess(holder));
    await host.sh(setup);
    return { ...host, [Symbol.asyncDispose]: end };
  } catch (error) {
    await end();
    throw error;
  }
}

/** Process 1 of the namespaces, as its number is here. */
async function readyProcess(holder: ChildProcess): Promise<number> {
  if (holder.stdout === null || holder.pid === undefined) throw new Error("Cannot start unshare");
  const [line] = await Promise.race([once(createInterface(holder.stdout), "line"), once(holder, "close")]);
  const pid = await childOf(holder.pid);
  if (line !== "ready" || pid === undefined)
    throw new Error(`Cannot start a Debian host: it ended with ${String(line)}`);
  return pid;
}

function hostOf(pid: number): Omit<DebianHost, typeof Symbol.asyncDispose> {
  const enter = ["nsenter", "-t", `${pid}`, "-n", "-m", "-p", "-r", "-w", "--"];
  const clean = ["env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8", "sh"];
  const [file = "", ...words] = [...enter, ...clean];
  const attempt: DebianHost["try"] = async (lines) => {
    const { exitCode, all } = await execa(file, words, { input: lines, all: true, reject: false, timeout: 60_000 });
    return { code: exitCode ?? -1, output: all };
  };
  return {
    try: attempt,
    async sh(lines) {
      const { code, output } = await attempt(lines);
      if (code !== 0) throw new Error(`"${lines}" ended with code ${code}:\n${output}`);
      return output;
    },
  };
}
