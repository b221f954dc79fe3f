// A driver for the model kernel: what a clatd process is to a host. It refuses and undoes by the same rules as LinuxOs
// (os/prepare.ts); both pass one conformance suite. Everything it does is in its transcript, as commands.

import type { Clock } from "../clock.js";
import { cannot, cannotUndo, describeEffect, describeRevert, nameEffect } from "../describe.js";
import { type Applied, type OsDriver, OsError, type OsEvent, type RouteLookup } from "../driver.js";
import type { Effect } from "../effect.js";
import { type PrepareSource, prepareEffects } from "../prepare.js";
import { revertOneByOne } from "../revert-one-by-one.js";
import type { NetSnapshot } from "../snapshot.js";
import { renewAddress } from "./addresses.js";
import { doEffect } from "./do-effect.js";
import { Faults, Killed } from "./faults.js";
import { FakeKernel } from "./kernel.js";
import { lookAll, lookRoute } from "./look.js";
import type { FakeFlow } from "./lookup.js";
import { sourceIn } from "./prepare-source.js";
import { FakeProcesses } from "./processes.js";
import { FakePrograms } from "./programs.js";
import { type FakeNetns, Refusal } from "./state.js";
import type { TunHostEnd, TunPort } from "./tun-port.js";
import { type FakeTun, FakeTuns } from "./tuns.js";
import { undoEffect } from "./undo-effect.js";
import { VirtualClock } from "./virtual-clock.js";

export interface FakeOsOptions {
  /** Absent: one of its own, with a virtual clock. */
  readonly kernel?: FakeKernel;
  readonly clock?: Clock;
  /** The namespace that the driver lives in; absent: the first. */
  readonly netns?: string;
  /** Takes the place of starting a process: what it throws is why it did not start. */
  readonly startProcess?: (effect: Effect & { do: "process.start" }) => void;
}

export class FakeOs implements OsDriver {
  readonly kernel: FakeKernel;
  readonly faults = new Faults();
  /** What was done, as a person would have typed it; lines from describeEffect. */
  readonly transcript: string[] = [];
  readonly #netns: string;
  readonly #startProcess: (effect: Effect & { do: "process.start" }) => void;
  readonly #tuns: FakeTuns;
  readonly #programs: FakePrograms;
  readonly #processes: FakeProcesses;
  readonly #source: PrepareSource;
  readonly #watchers = new Set<() => void>();
  #killed = false;

  constructor(options: FakeOsOptions = {}) {
    this.kernel = options.kernel ?? new FakeKernel(options.clock ?? new VirtualClock());
    this.#netns = options.netns ?? "";
    this.#startProcess = options.startProcess ?? (() => {});
    this.#tuns = new FakeTuns(this.kernel);
    this.#programs = new FakePrograms(this.kernel, this);
    this.#processes = new FakeProcesses(this.kernel);
    this.#source = sourceIn(this.kernel, {
      ns: (netns) => this.#ns(netns),
      snapshot: (netns) => this.snapshot(netns),
    });
  }

  async prepare(effect: Effect): Promise<Applied> {
    const [applied] = await this.prepareAll([effect]);
    if (applied === undefined) throw new RangeError("unreachable");
    return applied;
  }

  async prepareAll(effects: readonly Effect[]): Promise<readonly Applied[]> {
    this.#alive();
    return prepareEffects(effects, this.#source);
  }

  perform(applied: Applied): Promise<void> {
    return this.performAll([applied]);
  }

  async performAll(applied: readonly Applied[]): Promise<void> {
    for (const [done, { effect }] of applied.entries()) {
      this.#alive();
      const fault = this.faults.next(effect, "perform");
      if (fault === "kill-before") throw this.kill();
      if (fault === "fail") throw new OsError("failed", cannot(effect, "an injected fault"), { done });
      try {
        this.#perform(effect);
      } catch (cause) {
        if (!(cause instanceof Refusal)) throw cause;
        throw new OsError(cause.code, cannot(effect, cause.message), { cause, done });
      }
      this.transcript.push(...describeEffect(effect));
      if (fault === "kill-after") throw this.kill();
    }
  }

  async revert(applied: Applied): Promise<void> {
    this.#alive();
    const { effect } = applied;
    const fault = this.faults.next(effect, "revert");
    if (fault === "kill-before") throw this.kill();
    if (fault === "fail") throw new OsError("failed", cannotUndo(effect, "an injected fault"));
    try {
      this.#revert(applied);
    } catch (cause) {
      if (!(cause instanceof Refusal)) throw cause;
      throw new OsError(cause.code, cannotUndo(effect, cause.message), { cause });
    }
    this.transcript.push(...describeRevert(effect));
    if (fault === "kill-after") throw this.kill();
  }

  revertEach(applied: readonly Applied[]): Promise<readonly (Error | undefined)[]> {
    return revertOneByOne(this, applied);
  }

  async renew(applied: readonly Applied[]): Promise<void> {
    this.#alive();
    for (const { effect } of applied) {
      if (effect.do !== "address.add" || effect.lifetime === undefined) continue;
      const { lifetime } = effect;
      try {
        renewAddress(this.kernel, this.#ns(effect.in), { ...effect, lifetime });
      } catch (cause) {
        if (!(cause instanceof Refusal)) throw cause;
        throw new OsError(cause.code, `Cannot renew ${nameEffect(effect)}: ${cause.message}`, { cause, effect });
      }
    }
  }

  async snapshot(netns?: string): Promise<NetSnapshot> {
    this.#alive();
    return this.#look(netns, (ns) => lookAll(ns, this));
  }

  async routeTo(address: string, netns?: string): Promise<RouteLookup | undefined> {
    this.#alive();
    return this.#look(netns, (ns) => lookRoute(ns, { destination: address }));
  }

  /** As the kernel would route this packet: with rules by source, mark or incoming device. */
  routeOf(flow: FakeFlow, netns?: string): RouteLookup | undefined {
    return lookRoute(this.#ns(netns), flow);
  }

  async *watch(signal: AbortSignal): AsyncGenerator<OsEvent> {
    this.#alive();
    const pending = new Set<OsEvent["about"]>(["link"]);
    let wake: () => void = () => {};
    const awake = (): void => wake();
    this.#watchers.add(awake);
    const stop = this.kernel.listen(this.#ns(undefined), (about) => {
      pending.add(about);
      wake();
    });
    signal.addEventListener("abort", awake, { once: true });
    try {
      while (!signal.aborted && !this.#killed) {
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
      stop();
      signal.removeEventListener("abort", awake);
      this.#watchers.delete(awake);
    }
  }

  /** The opener's end of a TUN that an effect has made. */
  tunPort(name: string, netns?: string): TunPort | undefined {
    return this.#tun(name, netns)?.port;
  }

  /** The host's end of it, for a simulated network. */
  tunHostEnd(name: string, netns?: string): TunHostEnd | undefined {
    return this.#tun(name, netns)?.host;
  }

  isRunning(name: string, netns?: string): boolean {
    return this.#processes.isRunning(this.#key(name, netns));
  }

  endOf(name: string, netns?: string): string | undefined {
    return this.#processes.endOf(this.#key(name, netns));
  }

  /** A process of an effect ends without having been asked to. */
  endProcess(name: string, why: string, netns?: string): void {
    this.#processes.end(this.#key(name, netns), why);
  }

  get killed(): boolean {
    return this.#killed;
  }

  /** SIGKILL: TUNs and processes go, the kernel's state and the files stay, every call from now on throws Killed. */
  kill(): Killed {
    if (!this.#killed) {
      this.#letGo();
      this.#killed = true;
      for (const wake of this.#watchers) wake();
    }
    return new Killed();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.kill();
  }

  #letGo(): void {
    this.#processes.killAll();
    this.#tuns.closeAll();
    this.#programs.letGo();
  }

  #alive(): void {
    if (this.#killed) throw new Killed();
  }

  #ns(netns: string | undefined): FakeNetns {
    return this.kernel.netns(netns ?? this.#netns);
  }

  #look<T>(netns: string | undefined, look: (ns: FakeNetns) => T): T {
    try {
      return look(this.#ns(netns));
    } catch (cause) {
      if (!(cause instanceof Refusal)) throw cause;
      throw new OsError(cause.code, `Cannot look at the network: ${cause.message}`, { cause });
    }
  }

  #tun(name: string, netns: string | undefined): FakeTun | undefined {
    return this.kernel.hasNetns(netns ?? this.#netns) ? this.#tuns.get(this.#ns(netns), name) : undefined;
  }

  #key(name: string, netns: string | undefined): string {
    return `${netns ?? this.#netns} ${name}`;
  }

  #perform(effect: Effect): void {
    switch (effect.do) {
      case "file.write":
        if (effect.keep !== true && this.kernel.files.has(effect.path)) throw new Refusal("exists", "it exists");
        this.kernel.files.set(effect.path, effect.text);
        return;
      case "process.start":
        this.#startProcess(effect);
        this.#processes.start(this.#key(effect.name, effect.in), this.#ns(effect.in), effect);
        return;
      case "bpf.attach":
        this.#programs.attach(this.#ns(effect.in), effect);
        return;
      default: {
        const ns = this.#ns(effect.in);
        doEffect(this.kernel, ns, effect);
        if (effect.do === "link.add" && effect.link.kind === "tun") this.#tuns.open(ns, effect.name);
      }
    }
  }

  #revert(applied: Applied): void {
    const { effect } = applied;
    switch (effect.do) {
      case "file.write": {
        // A file that somebody else changed is theirs.
        const text = this.kernel.files.get(effect.path);
        if (text !== undefined && effect.text.startsWith(text) && effect.keep !== true) {
          this.kernel.files.delete(effect.path);
        }
        return;
      }
      case "process.start":
        this.#processes.stop(this.#key(effect.name, effect.in));
        return;
      default:
        break;
    }
    if (effect.in !== undefined && !this.kernel.hasNetns(effect.in)) return;
    const ns = this.#ns(effect.in);
    if (effect.do === "bpf.attach") this.#programs.detach(ns, effect);
    if (effect.do === "link.add" && effect.link.kind === "tun") this.#tuns.close(ns, effect.name);
    else undoEffect(this.kernel, ns, applied);
  }
}
