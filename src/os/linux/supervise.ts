// Keeps a command running that prints a line for each thing that happened, and starts it again when it dies.

import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { dieWithParent, ownSession } from "./die-with-parent.js";
import { listens } from "./netlink-sockets.js";

export interface Supervised {
  readonly command: readonly string[];
  readonly onLine: (line: string) => void;
  /** Something may have happened that no line tells. */
  readonly onMissed: () => void;
}

interface Watch {
  /** Resolves when it listens for the first time, or will not. */
  readonly standing: Promise<void>;
  readonly ended: Promise<void>;
}

const listensWithin = 1_000;
/** Milliseconds between starts. A command that never works makes us look again this often at least. */
const pauses = { first: 100, last: 10_000 } as const;

export function supervise(supervised: Supervised, signal: AbortSignal): Watch {
  let standing: () => void = () => {};
  const stood = new Promise<void>((resolve) => {
    standing = resolve;
  });
  return { standing: stood, ended: keepRunning(supervised, signal, standing).finally(standing) };
}

async function keepRunning(supervised: Supervised, signal: AbortSignal, standing: () => void): Promise<void> {
  let pause: number = pauses.first;
  for (let first = true; !signal.aborted; first = false) {
    const began = performance.now();
    const { pid, gone } = start(supervised, signal);
    const heard = await listensSoon(pid, gone, { every: 5, within: listensWithin });
    if (!first) supervised.onMissed();
    standing();
    // Nobody is kept waiting for a slow start, but what happened before it listens was lost to it.
    if (!heard && (await listensSoon(pid, gone, { every: 100, within: Number.POSITIVE_INFINITY })))
      supervised.onMissed();
    await gone;
    pause = performance.now() - began > pauses.last ? pauses.first : Math.min(pause * 2, pauses.last);
    await sleep(pause, undefined, { signal }).catch(() => {});
  }
}

function start(
  { command, onLine, onMissed }: Supervised,
  signal: AbortSignal,
): { pid: number | undefined; gone: Promise<void> } {
  const [file = "", ...words] = [...dieWithParent, ...command];
  const child = execa(file, words, {
    ...ownSession,
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
  void read("stdout", onLine);
  // "netlink receive error No buffer space available": notifications were lost.
  void read("stderr", onMissed);
  const gone = child.then(() => signal.removeEventListener("abort", stop));
  return { pid: child.pid, gone };
}

/** False where it ended before, or did not in that time (ms). */
async function listensSoon(
  pid: number | undefined,
  gone: Promise<void>,
  { every, within }: { readonly every: number; readonly within: number },
): Promise<boolean> {
  let over = pid === undefined;
  void gone.then(() => {
    over = true;
  });
  const deadline = performance.now() + within;
  while (!over && performance.now() < deadline) {
    if (pid !== undefined && (await listens(pid))) return true;
    await sleep(every);
  }
  return false;
}
