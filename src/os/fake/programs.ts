// Programs of the model's fast path: those that one driver has attached. A tcx link goes with its owner, a filter in clsact
// stays behind.

import type { Effect } from "../effect.js";
import { isAttached } from "../identity.js";
import type { FakeKernel } from "./kernel.js";
import { findLink } from "./link-state.js";
import { type FakeNetns, Refusal } from "./state.js";

type Attach = Effect & { do: "bpf.attach" };

export class FakePrograms {
  readonly #kernel: FakeKernel;
  readonly #owner: object;
  readonly #attachedIn = new Set<FakeNetns>();

  constructor(kernel: FakeKernel, owner: object) {
    this.#kernel = kernel;
    this.#owner = owner;
  }

  attach(ns: FakeNetns, effect: Attach): void {
    const { bpf } = this.#kernel;
    if (bpf.attach === "refused") throw new Refusal("unsupported", bpf.why);
    const { dev, hook, program, object } = effect;
    findLink(ns, dev);
    if (ns.programs.some((one) => one.owner === this.#owner && isAttached(effect, one))) {
      throw new Refusal("exists", "it is there already");
    }
    ns.programs.push({ dev, hook, program, object, owner: this.#owner, by: bpf.attach });
    this.#attachedIn.add(ns);
  }

  detach(ns: FakeNetns, effect: Attach): void {
    ns.programs = ns.programs.filter((one) => one.owner !== this.#owner || !isAttached(effect, one));
  }

  /** The end of their owner. */
  letGo(): void {
    for (const ns of this.#attachedIn) {
      ns.programs = ns.programs.filter(({ owner, by }) => owner !== this.#owner || by !== "tcx");
    }
    this.#attachedIn.clear();
  }
}
