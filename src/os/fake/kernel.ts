// The model of a kernel: its network namespaces, files, clock, and who wants to hear of changes. One kernel may have
// many drivers (FakeOs), one after the other or at once, as processes on a host.

import type { Clock } from "../clock.js";
import type { OsEvent } from "../driver.js";
import { addLink } from "./links.js";
import { type FakeBpf, type FakeNetns, type KernelCore, Refusal } from "./state.js";
import { initialSysctls } from "./sysctls.js";

type Listener = (about: OsEvent["about"]) => void;

export class FakeKernel implements KernelCore {
  readonly clock: Clock;
  /** A loaded module shows by its files: /proc/net/nat46/control, /sys/module/jool_siit. */
  readonly files = new Map<string, string>();
  /** Everything else is installed. */
  readonly missingPrograms = new Set<string>();
  /** Whether there is a /dev/net/tun. */
  tun = true;
  bpf: FakeBpf = { attach: "tcx" };
  readonly #namespaces = new Map<string, FakeNetns>();
  readonly #listeners = new Map<FakeNetns, Set<Listener>>();
  #macs = 0;

  constructor(clock: Clock) {
    this.clock = clock;
    this.addNetns("");
  }

  /** Throws Refusal where there is none. The first one has the empty name. */
  netns(name: string): FakeNetns {
    const found = this.#namespaces.get(name);
    if (found === undefined)
      throw new Refusal("missing", `Cannot open network namespace "${name}": No such file or directory`);
    return found;
  }

  hasNetns(name: string): boolean {
    return this.#namespaces.has(name);
  }

  addNetns(name: string): FakeNetns {
    if (this.#namespaces.has(name))
      throw new Refusal("exists", `Cannot create namespace file "/run/netns/${name}": File exists`);
    const made: FakeNetns = {
      name,
      links: new Map(),
      addresses: [],
      routes: [],
      rules: [4, 6].flatMap((number) => {
        const family = number === 4 ? 4 : 6;
        const kernels = [
          { family, priority: 0, table: 255, protocol: "kernel" },
          { family, priority: 32766, table: 254, protocol: "kernel" },
        ] as const;
        return family === 6
          ? kernels
          : [...kernels, { family, priority: 32767, table: 253, protocol: "kernel" } as const];
      }),
      proxies: [],
      sysctls: initialSysctls(),
      nft: new Map(),
      ufw: undefined,
      jool: new Map(),
      programs: [],
    };
    this.#namespaces.set(name, made);
    addLink(this, made, { name: "lo", kind: "loopback", mtu: 65_536 });
    return made;
  }

  /** Its veths take their peers along. */
  removeNetns(name: string): void {
    const gone = this.netns(name);
    this.#namespaces.delete(name);
    for (const link of gone.links.values()) {
      if (link.peer === undefined) continue;
      const { netns, name: peer } = link.peer;
      netns.links.delete(peer);
      this.tell(netns, "link");
    }
  }

  /** A change in a namespace. */
  tell(netns: FakeNetns, about: OsEvent["about"]): void {
    for (const listener of this.#listeners.get(netns) ?? []) listener(about);
  }

  /** @returns what stops it */
  listen(netns: FakeNetns, listener: Listener): () => void {
    const listeners = this.#listeners.get(netns) ?? new Set();
    this.#listeners.set(netns, listeners);
    listeners.add(listener);
    return () => void listeners.delete(listener);
  }

  /** Locally administered, and the same in every run. */
  nextMac(): string {
    this.#macs++;
    const low = [this.#macs >> 8, this.#macs & 0xff].map((octet) => octet.toString(16).padStart(2, "0"));
    return `02:00:5e:10:${low.join(":")}`;
  }
}
