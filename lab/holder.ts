// The process that a lab lives in: it holds a network, mount and process namespace, and whatever ends it (or us, even by
// SIGKILL) ends everything inside, links and all. Nodes are named network namespaces in its own /run/netns. Each has a
// mount namespace too, in which /run and /etc/resolv.conf are the node's own, and a sleeping process that keeps it.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { execa } from "execa";
import { dieWithParent } from "../src/os/linux/die-with-parent.js";
import type { Place } from "../src/os/linux/place.js";
import { childOf } from "../src/os/linux/process-stat.js";
import { missingPrograms } from "./programs.js";

/** PID 1 of the lab: a shell that waits, and reaps what is orphaned. */
const INIT = `
mount -t tmpfs -o mode=0755 tmpfs /run
mkdir /run/netns /run/keepers /run/nodes
ip link set lo up
echo ready
while :; do sleep 2147483647 & wait $!; done
`;

/**
 * Runs in a node's network namespace and a new mount namespace; $1 is the node. A process keeps the namespace, since
 * binding it to a file is refused now and then (EINVAL: Linux 6.18 numbers namespaces per CPU, and takes those made on
 * another one for older, which is how it prevents loops).
 */
const KEEP_NODE = `
resolver=$(readlink -m /etc/resolv.conf)
mount -t sysfs sysfs /sys
echo $$ > "/run/keepers/$1.new"
mv "/run/keepers/$1.new" "/run/keepers/$1"
mount --rbind "/run/nodes/$1" /run
case "$resolver" in
/run/*)
  # A link to where a local resolver would put it: nothing of that is in this /run.
  mkdir -p "\${resolver%/*}"
  ln -s /run/clatlab/resolv.conf "$resolver" ;;
*)
  if [ -e "$resolver" ]; then
    mount --bind /run/clatlab/resolv.conf "$resolver"
  else
    mkdir -p /run/clatlab/etc/upper /run/clatlab/etc/work
    mount -t overlay -o lowerdir=/etc,upperdir=/run/clatlab/etc/upper,workdir=/run/clatlab/etc/work overlay /etc
    rm -f /etc/resolv.conf
    ln -s /run/clatlab/resolv.conf /etc/resolv.conf
  fi ;;
esac
echo ready
exec sleep infinity <&- >&- 2>&-
`;

/** Starts the keepers of the nodes named on its command line, all at once, and waits until each is ready. */
const ADD_NODES = `
for node in "$@"; do
  mkdir -p "/run/nodes/$node/clatlab"
  [ -e "/run/nodes/$node/clatlab/resolv.conf" ] || : > "/run/nodes/$node/clatlab/resolv.conf"
  nsenter "--net=/run/netns/$node" -- unshare -m --propagation private -- sh -ec '${KEEP_NODE.replaceAll("'", "'\\''")}' sh "$node" &
done
`;

export class Holder {
  readonly #child: ChildProcess;
  /** PID 1 of the lab, as this process sees it. */
  readonly pid: number;
  readonly place: Place;

  private constructor(child: ChildProcess, pid: number) {
    this.#child = child;
    this.pid = pid;
    this.place = labPlace(pid);
  }

  static async start(): Promise<Holder> {
    const missing = missingPrograms(["setpriv", "unshare", "nsenter", "ip", "mount"]);
    if (missing !== undefined) throw new Error(`Cannot start a lab: ${missing}`);
    // Without root a user namespace of our own gives the rights; TUN devices still need /dev/net/tun to be readable.
    const user = process.getuid?.() === 0 ? [] : ["-U", "-r"];
    const [setpriv, ...andDie] = dieWithParent;
    const child = spawn(
      setpriv,
      [...andDie, "unshare", ...user, "-n", "-m", "-p", "-f", "--kill-child", "--mount-proc", "--", "sh", "-ec", INIT],
      // A process group of its own: Ctrl-C is for us, we end the lab in order.
      { stdio: ["ignore", "pipe", "pipe"], detached: true },
    );
    const said: string[] = [];
    child.stderr?.on("data", (text: Buffer) => said.push(text.toString()));
    await new Promise<void>((resolve, reject) => {
      const fail = (why: string): void =>
        reject(new Error(`Cannot start a lab: ${why}${said.length === 0 ? "" : `: ${said.join("").trim()}`}`));
      child.once("error", (cause) => fail(cause.message));
      child.once("close", (code, signal) => fail(`its holder ended with ${signal ?? `exit code ${code}`}`));
      if (child.stdout !== null) createInterface(child.stdout).once("line", () => resolve());
    });
    child.removeAllListeners("close");
    const init = child.pid === undefined ? undefined : await childOf(child.pid);
    if (init === undefined) throw new Error("Cannot start a lab: its holder has ended at once");
    return new Holder(child, init);
  }

  /** Gives named network namespaces that are there their mount namespaces. */
  async addNodes(names: readonly string[]): Promise<void> {
    const [file = "", ...words] = this.place.inside(undefined);
    const child = execa(file, [...words, "sh", "-ec", ADD_NODES, "sh", ...names], {
      reject: false,
      stdin: "ignore",
      all: true,
    });
    // Its output ends when the last keeper is ready and has closed it.
    const result = await child;
    const ready = result.all.split("\n").filter((line) => line === "ready").length;
    if (ready < names.length)
      throw new Error(`Cannot give the nodes their mounts: ${result.all.replaceAll("ready\n", "").trim()}`, {
        cause: result,
      });
  }

  /** Resolves when nothing of it is left. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = once(this.#child, "exit");
    // The death of PID 1 ends every process of the lab; unshare waits for it and ends after it.
    process.kill(this.pid, "SIGKILL");
    await gone;
  }
}

/** Where the driver and everybody else works: the lab whose PID 1 is `pid`, and the files below its root. */
export function labPlace(pid: number): Place {
  const root = `/proc/${pid}/root`;
  const netnsFile = (netns: string | undefined): string =>
    netns === undefined ? `/proc/${pid}/ns/net` : `${root}/run/netns/${netns}`;
  return {
    root,
    inside: (netns) => [
      "nsenter",
      ...userNamespace(pid),
      `--pid=/proc/${pid}/ns/pid`,
      `--net=${netnsFile(netns)}`,
      `--mount=${mountNamespace(pid, netns)}`,
      "--",
    ],
    // As a user, only inside the user namespace is there any right at all.
    network: (netns) => ["nsenter", ...userNamespace(pid), `--net=${netnsFile(netns)}`, "--"],
    netnsFile,
  };
}

/** The lab's /proc knows the keepers by the numbers that they have there. */
function mountNamespace(pid: number, node: string | undefined): string {
  if (node === undefined) return `/proc/${pid}/ns/mnt`;
  const keeper = readFileSync(`/proc/${pid}/root/run/keepers/${node}`, "utf8").trim();
  return `/proc/${pid}/root/proc/${keeper}/ns/mnt`;
}

const userNamespace = (pid: number): string[] =>
  process.getuid?.() === 0 ? [] : [`--user=/proc/${pid}/ns/user`, "--preserve-credentials"];
