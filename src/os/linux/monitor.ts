// Notifications of changes, by supervised `ip monitor` and `nft monitor` children. Chosen over a netlink socket of our
// own: it takes no thread that blocks in FFI and must be talked into ending, the kernel ends the children with us, they
// work in any network namespace by a prefix, and `ip` goes on after a full socket buffer (it says so, and we look at
// everything). What they print is not parsed beyond what it is about: an event only says "look again".

import type { OsEvent } from "../driver.js";
import { supervise } from "./supervise.js";

export interface MonitorOptions {
  /** Words that put a command into the network namespace. */
  readonly prefix: readonly string[];
  readonly ip: string;
  readonly nft: string;
  /** Has it called when a process of the driver ends by itself; what it returns stops that. */
  readonly onProcessEnd: (told: () => void) => () => void;
}

type About = OsEvent["about"];

const labels: Readonly<Record<string, About>> = {
  "[LINK]": "link",
  "[ADDR]": "address",
  "[ROUTE]": "route",
  "[RULE]": "rule",
  // Forwarding or proxy-ND was switched for a device.
  "[NETCONF]": "link",
};

export async function* monitor(options: MonitorOptions, signal: AbortSignal): AsyncGenerator<OsEvent> {
  const pending = new Set<About>();
  let wake: () => void = () => {};
  const tell = (abouts: readonly About[]): void => {
    for (const about of abouts) pending.add(about);
    wake();
  };
  const own = new AbortController();
  const stop = (): void => {
    own.abort();
    wake();
  };
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) stop();
  const deaf = options.onProcessEnd(() => tell(["process"]));
  const watches = [
    supervise(
      {
        command: [...options.prefix, options.ip, "monitor", "label", "link", "address", "route", "rule", "netconf"],
        onLine: (line) => tell(aboutOf(line)),
        onMissed: () => tell(["link", "address", "route", "rule"]),
      },
      own.signal,
    ),
    ...(options.nft === ""
      ? []
      : [
          supervise(
            {
              command: [...options.prefix, options.nft, "monitor"],
              onLine: () => tell(["nft"]),
              onMissed: () => tell(["nft"]),
            },
            own.signal,
          ),
        ]),
  ];
  try {
    await Promise.all(watches.map(({ standing }) => standing));
    if (!signal.aborted) yield { about: "link" };
    while (!signal.aborted) {
      const [about] = pending;
      if (about === undefined) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
        continue;
      }
      pending.delete(about);
      yield { about };
    }
  } finally {
    // Also where whoever watched stopped asking.
    own.abort();
    deaf();
    signal.removeEventListener("abort", stop);
    await Promise.all(watches.map(({ ended }) => ended));
  }
}

/** A line that continues another has no label. */
function aboutOf(line: string): readonly About[] {
  const about = labels[/^\[[A-Z]+\]/.exec(line)?.[0] ?? ""];
  return about === undefined ? [] : [about];
}
