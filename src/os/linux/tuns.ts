// The TUNs that a driver has opened, by name and network namespace. A device goes with its descriptor, so this is where it
// lives.

import type { Effect } from "../effect.js";
import { closeTun, openTun, type Tun } from "./tun.js";

export class Tuns {
  readonly #open = new Map<string, Tun>();

  get(name: string, netns: string | undefined): Tun | undefined {
    return this.#open.get(keyOf(name, netns));
  }

  /** @throws OsError */
  open(effect: Effect & { do: "link.add" }, netnsFile: string | undefined): void {
    const offloads = effect.link.kind === "tun" && effect.link.offloads;
    this.#open.set(keyOf(effect.name, effect.in), openTun(effect.name, offloads, netnsFile));
  }

  /** Without a descriptor of ours it is gone already, and a device of that name is somebody else's. */
  close({ name, in: netns }: Effect & { do: "link.add" }): void {
    const tun = this.get(name, netns);
    if (tun === undefined) return;
    this.#open.delete(keyOf(name, netns));
    closeTun(tun);
  }

  closeAll(): void {
    for (const tun of this.#open.values()) closeTun(tun);
    this.#open.clear();
  }
}

function keyOf(name: string, netns: string | undefined): string {
  return `${netns ?? ""} ${name}`;
}
