// Notifications of changes, by supervised `ip monitor` and `nft monitor` children. Chosen over a netlink socket of our
// own: it takes no thread that blocks in FFI and must be talked into ending, the kernel ends the children with us, they
// work in any network namespace by a prefix, and `ip` goes on after a full socket buffer (it says so, and we look at
// everything). What they print is not parsed beyond what it is about: an event only says "look again".

import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import type { OsEvent } from "../driver.js";
import { listens } from "./netlink-sockets.js";

export interface MonitorOptions {
  /** Words that put a command into the network namespace. */
  readonly prefix: readonly string[];
  readonly ip: string;
  readonly nft: string;
}

type About = OsEvent["about"];

const labels: Readonly<Record<string, About>> = {
  "[LINK]": "link",
  "[ADDR]": "address",
  "[ROUTE]": "route",
  "[RULE]": "rule",
  // Forwarding and proxy-ND switched on a device.
  "[NETCONF]": "link",
};
const everything: readonly About[] = ["link", "address", "route", "rule"];
const listensWithin = 1_000;
const longestPause = 10_000;

export async function* monitor(options: MonitorOptions, signal: AbortSignal): AsyncGenerator<OsEvent> {
  const pending = new Set<About>();
  let wake: () => void = () => {};
  const tell = (about: About): void => {
    pending.add(about);
    wake();
  };
  signal.addEventListener("abort", () => wake(), { once: true });
  const ip = [options.ip, "monitor", "label", "link", "address", "route", "rule", "netconf"];
  const watches = [
    supervise([...options.prefix, ...ip], signal, everything, tell, (line) => labels[line.split(" ", 1)[0]?.match(/^\[[A-Z]+\]/)?.[0] ?? ""]),
    supervise([...options.prefix, options.nft, "monitor"], signal, ["nft"], tell, () => "nft"),
  ];
  await Promise.all(watches.map(({ standing }) => standing));
  if (!signal.aborted) yield { about: "link" };
  while (!signal.aborted) {
    const [about] = pending;
    if (about === undefined) {
      await new Promise<void>((resolve) => {
        wake = resolve;
        if (signal.aborted || pending.size > 0) resolve();
      });
      continue;
    }
    pending.delete(about);
    yield { about };
  }
  await Promise.all(watches.map(({ ended }) => ended));
}

interface Watch {
  /** Resolves when it listens for the first time (or will not). */
  readonly standing: Promise<void>;
  readonly ended: Promise<void>;
}

/** Keeps a monitor running until the signal. Where it had to be started again, something may have been missed. */
function supervise(
  command: readonly string[],
  signal: AbortSignal,
  missed: readonly About[],
  tell: (about: About) => void,
  aboutOf: (line: string) => About | undefined,
): Watch {
  let standing: () => void = () => {};
  const stood = new Promise<void>((resolve) => {
    standing = resolve;
  });
  const work = async (): Promise<void> => {
    let pause = 100;
    for (let first = true; !signal.aborted; first = false) {
      const began = Date.now();
      const { done, gone } = start(command, signal, missed, tell, aboutOf);
      const listening = untilListens(done.pid, gone).then(() => {
        if (!first) for (const about of missed) tell(about);
        standing();
      });
      const exit = await gone;
      await listening;
      // Without nft there is nothing that it could tell.
      if (signal.aborted || exit === "missing") break;
      pause = Date.now() - began > longestPause ? 100 : Math.min(pause * 2, longestPause);
      await sleep(pause, undefined, { signal }).catch(() => {});
    }
    standing();
  };
  return { standing: stood, ended: work() };
}

function start(
  command: readonly string[],
  signal: AbortSignal,
  missed: readonly About[],
  tell: (about: About) => void,
  aboutOf: (line: string) => About | undefined,
): { done: { readonly pid?: number }; gone: Promise<"missing" | "ended"> } {
  const child = execa("setpriv", ["--pdeathsig", "KILL", "--", ...command], {
    reject: false,
    buffer: false,
    stdin: "ignore",
    env: { LC_ALL: "C" },
  });
  const stop = (): void => void child.kill("SIGKILL");
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) stop();
  const read = async (from: "stdout" | "stderr", take: (line: string) => void): Promise<void> => {
    try {
      for await (const line of child.iterable({ from })) take(String(line));
    } catch {
      // It ended; the supervisor sees that.
    }
  };
  void read("stdout", (line) => {
    const about = aboutOf(line);
    if (about !== undefined) tell(about);
  });
  // "netlink receive error No buffer space available": notifications were lost.
  void read("stderr", () => {
    for (const about of missed) tell(about);
  });
  const gone = child.then((result) => {
    signal.removeEventListener("abort", stop);
    // 127: setpriv or nsenter found no such command.
    return result.exitCode === 127 || result.code === "ENOENT" ? "missing" : "ended";
  });
  return { done: child, gone };
}

async function untilListens(pid: number | undefined, gone: Promise<unknown>): Promise<void> {
  let over = pid === undefined;
  void gone.then(() => {
    over = true;
  });
  const deadline = Date.now() + listensWithin;
  while (!over && Date.now() < deadline) {
    if (pid !== undefined && (await listens(pid))) return;
    await sleep(5);
  }
}
