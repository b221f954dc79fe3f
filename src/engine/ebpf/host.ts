// Runs the translators of the eBPF engine: a thread on the TUN, as in the userspace engine, and the fast path in the kernel
// in front of it. A specification that comes without a fast path runs on the thread alone, so that one host serves both.

import { OsError } from "../../os/driver.js";
import type { FastPath } from "../../os/linux/bpf/fast-path.js";
import type { LinkFacts } from "../../os/linux/bpf/link-facts.js";
import { addCounters } from "../../xlat/counters.js";
import type { TranslationSpec } from "../../xlat/spec.js";
import type { FastPathPlan, RunningTranslator, TranslatorHost } from "../engine.js";
import { type TunSource, userspaceHost } from "../userspace/host.js";
import { type FastCounters, readFastCounters } from "./counters.js";
import { encodeFastPath, type FastPathLink, idleImage } from "./encode.js";

type UsedFastPath = Pick<FastPath, "configure" | "counters">;

/** What effects have opened and attached. */
export interface FastPathSource extends TunSource {
  /** The fast path of a CLAT, by its device; undefined where nothing is attached. */
  fastPath(dev: string): UsedFastPath | undefined;
  /** @throws OsError where there is no such device */
  link(dev: string): LinkFacts;
}

/**
 * As with userspaceHost, a translator must be stopped before the effects are undone.
 * @param slow runs the translator behind the fast path
 */
export function ebpfHost(source: FastPathSource, slow: TranslatorHost = userspaceHost(source)): TranslatorHost {
  return {
    async start(dev: string, spec: TranslationSpec, plan?: FastPathPlan): Promise<RunningTranslator> {
      const running = await slow.start(dev, spec);
      if (plan === undefined) return running;
      try {
        return new Accelerated(source, dev, running, spec, plan);
      } catch (error) {
        await running.stop();
        throw error;
      }
    },
  };
}

class Accelerated implements RunningTranslator {
  readonly ended: Promise<Error | undefined>;
  readonly #source: FastPathSource;
  readonly #dev: string;
  readonly #slow: RunningTranslator;
  readonly #path: UsedFastPath;
  #stopped = false;
  #last: FastCounters | undefined;

  constructor(
    source: FastPathSource,
    dev: string,
    slow: RunningTranslator,
    spec: TranslationSpec,
    plan: FastPathPlan | undefined,
  ) {
    const path = source.fastPath(dev);
    if (path === undefined) {
      throw new Error(`Cannot start the fast path of "${dev}": its programs are not attached; attach them first`);
    }
    this.#source = source;
    this.#dev = dev;
    this.#slow = slow;
    this.#path = path;
    this.#configure(spec, plan);
    // Nobody reads the TUN any more; packets that come now are the host's to refuse.
    this.ended = slow.ended.then((error) => {
      const problem = this.#idling();
      return error ?? problem;
    });
  }

  /** The translator first: it finds out what is wrong with a specification, and takes what the fast path hands on. */
  async update(spec: TranslationSpec, plan?: FastPathPlan): Promise<void> {
    await this.#slow.update(spec);
    this.#configure(spec, plan);
  }

  counters(): ReturnType<RunningTranslator["counters"]> {
    return addCounters(this.#slow.counters(), this.#last ?? readFastCounters(this.#path.counters()));
  }

  async stop(): Promise<void> {
    const problem = this.#idling();
    // It holds the device open, so it goes whatever the fast path does.
    await this.#slow.stop();
    if (problem !== undefined) throw problem;
  }

  #configure(spec: TranslationSpec, plan: FastPathPlan | undefined): void {
    if (plan === undefined) {
      this.#path.configure(idleImage);
      return;
    }
    this.#path.configure(
      encodeFastPath(spec, plan, {
        clat: { ...this.#link(this.#dev), l2: 0 },
        uplink: this.#link(plan.uplink),
        uplinkCuts: isCutBefore(this.#source.link(plan.uplink)),
        uplinks: plan.uplinks.map((dev) => this.#anyLink(dev)),
      }),
    );
  }

  /** Returns why it could not be done. Its programs are taken off soon, and then nothing of it is left. */
  #idling(): Error | undefined {
    if (this.#stopped) return undefined;
    this.#stopped = true;
    try {
      // The programs may go at any time from now on, and their counters with them.
      this.#last = readFastCounters(this.#path.counters());
      this.#path.configure(idleImage);
      this.#last = readFastCounters(this.#path.counters());
      return undefined;
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    }
  }

  #link(dev: string): FastPathLink {
    const link = toFastPath(this.#source.link(dev));
    if (link !== undefined) return link;
    throw new Error(`Cannot translate on "${dev}": packets there have a link header that is not Ethernet's`);
  }

  /** Undefined where the device is gone, or no packet of it can be read. */
  #anyLink(dev: string): FastPathLink | undefined {
    try {
      return toFastPath(this.#source.link(dev));
    } catch (error) {
      if (error instanceof OsError && error.code === "missing") return undefined;
      throw error;
    }
  }
}

/** As it is now: who switches it later waits for the next change of anything. Where there is no link header nobody merges. */
function isCutBefore({ header, tso }: LinkFacts): boolean {
  return header === "ethernet" && !tso;
}

function toFastPath({ ifindex, header }: LinkFacts): FastPathLink | undefined {
  return header === "other" ? undefined : { ifindex, l2: header === "ethernet" ? 14 : 0 };
}
