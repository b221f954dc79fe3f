// TUNs of the model: those that one driver has opened. A device goes with its descriptor, so this is where it lives.

import type { FakeKernel } from "./kernel.js";
import { removeLink } from "./links.js";
import type { FakeNetns } from "./state.js";
import { newTun, type TunHostEnd, type TunPort } from "./tun-port.js";

export interface FakeTun {
  readonly port: TunPort;
  readonly host: TunHostEnd;
}

export class FakeTuns {
  readonly #kernel: FakeKernel;
  readonly #open = new Map<FakeNetns, Map<string, FakeTun>>();

  constructor(kernel: FakeKernel) {
    this.#kernel = kernel;
  }

  get(ns: FakeNetns, name: string): FakeTun | undefined {
    return this.#open.get(ns)?.get(name);
  }

  open(ns: FakeNetns, name: string): void {
    const here = this.#open.get(ns) ?? new Map<string, FakeTun>();
    this.#open.set(ns, here);
    here.set(name, newTun());
  }

  /** Without a descriptor of ours it is gone already, and a device of that name is somebody else's. */
  close(ns: FakeNetns, name: string): void {
    if (this.#open.get(ns)?.delete(name) === true && ns.links.has(name)) removeLink(this.#kernel, ns, name);
  }

  closeAll(): void {
    for (const [ns, tuns] of this.#open) for (const name of [...tuns.keys()]) this.close(ns, name);
    this.#open.clear();
  }
}
