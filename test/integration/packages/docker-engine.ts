// A Docker engine for the tests. Where none runs, one of our own is started, in namespaces: its bridge, its rules for
// packets and its mounts go with it, and the host sees nothing of them but a folder, and control groups, that are removed.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, rmdir } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { dieWithParent } from "../../../src/os/linux/die-with-parent.js";
import { childOf } from "../../../src/os/linux/process-stat.js";
import { until } from "../lab/host-state.js";
import { missing } from "./needed.js";

export interface Engine {
  readonly socket: string;
  /** Whether it was there before. */
  readonly foreign: boolean;
  end(): Promise<void>;
}

/** Where an engine of the system listens. */
const systemSocket = "/var/run/docker.sock";

/** Why there can be no engine here, or nothing for it; undefined where there can. */
export async function engineObstacle(): Promise<string | undefined> {
  if (process.getuid?.() !== 0) return "it takes root";
  if (!existsSync("/dev/net/tun")) return "there is no /dev/net/tun";
  const tools = missing("debootstrap", "dpkg-deb", "strip");
  if (tools !== undefined || (await answers(systemSocket))) return tools;
  return missing("dockerd", "containerd", "iptables");
}

export async function startEngine(): Promise<Engine> {
  if (await answers(systemSocket)) return { socket: systemSocket, foreign: true, end: async () => {} };
  const folder = await mkdtemp(join(tmpdir(), "clatd-docker-"));
  const group = `clatd-test-${process.pid}`;
  const said: string[] = [];
  const engine = spawnEngine(folder, group);
  const ended = once(engine, "close");
  for (const stream of [engine.stdout, engine.stderr]) stream?.on("data", (text: Buffer) => said.push(text.toString()));
  const socket = join(folder, "docker.sock");
  const end = async (): Promise<void> => {
    await stop(engine, ended);
    await removeGroups(group);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await until(
      "the Docker engine answers",
      async () => {
        if (engine.exitCode !== null) throw new Error(`Cannot start dockerd: exit code ${engine.exitCode}`);
        return answers(socket);
      },
      240_000,
    );
  } catch (cause) {
    await end();
    throw new Error(`Cannot start a Docker engine:\n${said.join("").split("\n").slice(-15).join("\n")}`, { cause });
  }
  return { socket, foreign: false, end };
}

/**
 * A /run of its own (what iptables locks, where another containerd may be), and an /etc and an /opt in which what it writes
 * (a key, empty folders for plugins) is gone with it.
 */
const ownFolders = `
ip link set lo up
mount -t tmpfs tmpfs /run
for folder in etc opt; do
  mkdir -p /run/over/$folder/upper /run/over/$folder/work
  mount -t overlay -o lowerdir=/$folder,upperdir=/run/over/$folder/upper,workdir=/run/over/$folder/work overlay /$folder
done
`;

function spawnEngine(folder: string, group: string): ChildProcess {
  const script = `${ownFolders}exec dockerd "$@"`;
  const options = [
    `--host=unix://${folder}/docker.sock`,
    `--data-root=${folder}/data`,
    "--exec-root=/run/docker",
    "--pidfile=/run/docker.pid",
    "--exec-opt=native.cgroupdriver=cgroupfs",
    `--cgroup-parent=/${group}`,
  ];
  const spaces = ["-n", "-m", "-p", "-f", "--kill-child", "--mount-proc", "--propagation", "private"];
  const [file = "", ...words] = [...dieWithParent, "unshare", ...spaces, "--", "sh", "-ec", script, "sh", ...options];
  return spawn(file, words, { stdio: ["ignore", "pipe", "pipe"] });
}

/** dockerd is the child of unshare; that one takes no SIGTERM. What does not end in order is killed with all inside. */
async function stop(engine: ChildProcess, ended: Promise<unknown>): Promise<void> {
  if (engine.pid === undefined || engine.exitCode !== null) return;
  const daemon = await childOf(engine.pid);
  if (daemon !== undefined) process.kill(daemon, "SIGTERM");
  const deadline = setTimeout(() => engine.kill("SIGKILL"), 60_000);
  await ended;
  clearTimeout(deadline);
}

/** The control groups that containers were in: in each hierarchy (version 1), or in the only one. */
async function removeGroups(group: string): Promise<void> {
  const root = "/sys/fs/cgroup";
  for (const hierarchy of ["", ...(await readdir(root))]) {
    const top = join(root, hierarchy, group);
    const inside = await readdir(top, { recursive: true, withFileTypes: true }).catch(() => []);
    const folders = inside.filter((entry) => entry.isDirectory()).map((entry) => join(entry.parentPath, entry.name));
    for (const path of [...folders.sort().reverse(), top]) await rmdir(path).catch(() => {});
  }
}

async function answers(socket: string): Promise<boolean> {
  return call(socket, "GET", "/_ping").then(
    ({ status }) => status === 200,
    () => false,
  );
}

/** One request to an engine. Rejects where nobody listens. */
export function call(
  socket: string,
  method: string,
  path: string,
  body?: Readable,
): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath: socket, method, path }, async (answer) => {
      const parts: string[] = [];
      try {
        for await (const part of answer.setEncoding("utf8")) parts.push(String(part));
        resolve({ status: answer.statusCode ?? 0, text: parts.join("") });
      } catch (error) {
        reject(error);
      }
    });
    asked.on("error", reject);
    if (body === undefined) asked.end();
    else body.pipe(asked);
  });
}

/** What an engine would leave behind beside devices, rules and mounts, which hostState() has. */
export async function traces(): Promise<string[]> {
  const text = await readFile("/proc/self/mountinfo", "utf8");
  const roots = text.split("\n").flatMap((line) => (/ - cgroup2? /.test(line) ? [line.split(" ")[4] ?? ""] : []));
  const lists = await Promise.all(roots.map(async (root) => (await readdir(root)).map((name) => join(root, name))));
  const folders = ["/etc/docker", "/opt/containerd", "/var/lib/docker", "/var/lib/containerd"];
  return [
    ...lists.flat().filter((path) => /clatd-test|docker/.test(path)),
    ...folders.filter((path) => existsSync(path)),
  ];
}
