// The driver for a real kernel: iproute2, nftables, /proc/sys, files, processes, TUN devices. It refuses and undoes by
// the same rules as the model (os/prepare.ts), and both pass one conformance suite.

import { nameEffect } from "../describe.js";
import { type Applied, type OsDriver, OsError, type OsEvent, type RouteLookup } from "../driver.js";
import type { Effect } from "../effect.js";
import { type PrepareSource, prepareEffects } from "../prepare.js";
import type { NetSnapshot } from "../snapshot.js";
import type { FastPath } from "./bpf/fast-path.js";
import { doEffects } from "./do-effects.js";
import { FastPaths } from "./fast-paths.js";
import { readFeatures } from "./features.js";
import { fileExists } from "./files.js";
import { programExists } from "./find-program.js";
import { renewLine } from "./ip-lines.js";
import { joolObstacle } from "./jool.js";
import { codeOf, oneLine } from "./kernel-words.js";
import { lookAll, lookRoute, lookWithheld } from "./look.js";
import { monitor } from "./monitor.js";
import { type Parts, sightOf, sysctlsOf } from "./parts.js";
import { here, type Place } from "./place.js";
import { Processes } from "./processes.js";
import { run } from "./run.js";
import { type Tun, tunObstacle } from "./tun.js";
import { Tuns } from "./tuns.js";
import { Ufw } from "./ufw.js";
import { undoEffect, undoEffects } from "./undo-effects.js";

export interface LinuxOsOptions {
  /** Default: this process's own namespaces. */
  readonly place?: Place;
  /** Paths of the commands. */
  readonly ip?: string;
  /** Empty: it is not called, and nobody sees its tables. */
  readonly nft?: string;
  /** Absent: UFW is left alone. */
  readonly ufw?: string | undefined;
}

export class LinuxOs implements OsDriver {
  readonly #parts: Parts;
  readonly #processListeners = new Set<() => void>();

  constructor({ place = here, ip = "ip", nft = "nft", ufw }: LinuxOsOptions = {}) {
    const onEnd = (): void => {
      for (const listen of this.#processListeners) listen();
    };
    this.#parts = {
      place,
      ip,
      nft,
      ufw: ufw === undefined ? undefined : new Ufw(ufw),
      processes: new Processes({ place, onEnd }),
      tuns: new Tuns(),
      fastPaths: new FastPaths(),
    };
  }

  async prepare(effect: Effect): Promise<Applied> {
    const [applied] = await this.prepareAll([effect]);
    if (applied === undefined) throw new RangeError("unreachable");
    return applied;
  }

  prepareAll(effects: readonly Effect[]): Promise<readonly Applied[]> {
    return prepareEffects(effects, this.#source);
  }

  perform(applied: Applied): Promise<void> {
    return this.performAll([applied]);
  }

  performAll(applied: readonly Applied[]): Promise<void> {
    return doEffects(this.#parts, applied);
  }

  revert(applied: Applied): Promise<void> {
    return undoEffect(this.#parts, applied);
  }

  revertEach(applied: readonly Applied[]): Promise<readonly (Error | undefined)[]> {
    return undoEffects(this.#parts, applied);
  }

  async snapshot(netns?: string): Promise<NetSnapshot> {
    const { place, fastPaths, ufw } = this.#parts;
    const seen = await lookAll(sightOf(this.#parts, netns));
    const programs = fastPaths.standing(netns, place.netnsFile(netns), seen.links);
    const active = netns === undefined ? await ufw?.isActive(seen.nft) : undefined;
    return { ...seen, programs, ...(active === undefined ? {} : { ufw: active }) };
  }

  /** One batch, which goes past failures: the first of them is thrown. */
  async renew(applied: readonly Applied[]): Promise<void> {
    const { place, ip } = this.#parts;
    for (const list of groupBy(applied, ({ effect }) => effect.in)) {
      const [first] = list;
      const lines = list.flatMap(({ effect }) => renewLine(effect) ?? []);
      if (first === undefined || lines.length === 0) continue;
      const command = [...place.network(first.effect.in), ip, "-force", "-batch", "-"];
      const { code, stderr } = await run(command, { input: `${lines.join("\n")}\n` });
      if (code !== 0) throw new OsError(codeOf(stderr), `Cannot renew ${nameEffect(first.effect)}: ${oneLine(stderr)}`);
    }
  }

  routeTo(address: string, netns?: string): Promise<RouteLookup | undefined> {
    return lookRoute(sightOf(this.#parts, netns), address);
  }

  watch(signal: AbortSignal): AsyncIterable<OsEvent> {
    const listen = (onEnd: () => void): (() => void) => {
      this.#processListeners.add(onEnd);
      return () => void this.#processListeners.delete(onEnd);
    };
    return monitor({ ...sightOf(this.#parts, undefined), onProcessEnd: listen }, signal);
  }

  endOf(process: string, netns?: string): string | undefined {
    return this.#parts.processes.endOf(process, netns);
  }

  /** A loaded fast path, while programs of it are attached. */
  fastPath(name: string, netns?: string): FastPath | undefined {
    return this.#parts.fastPaths.get(name, netns);
  }

  /** A TUN that an effect has opened; undefined where there is none. The driver keeps the descriptor and closes it. */
  tun(name: string, netns?: string): Tun | undefined {
    return this.#parts.tuns.get(name, netns);
  }

  /** Whether a process that an effect has started still runs. */
  isRunning(name: string, netns?: string): boolean {
    return this.#parts.processes.isRunning(name, netns);
  }

  /** Lets go of what dies with the process: TUNs, fast paths and child processes. Everything else stays as it is. */
  async [Symbol.asyncDispose](): Promise<void> {
    const { processes, fastPaths, tuns } = this.#parts;
    await processes.killAll();
    fastPaths.dispose();
    tuns.closeAll();
  }

  readonly #source: PrepareSource = {
    snapshot: (netns) => this.snapshot(netns),
    sysctl: (key, netns) => sysctlsOf(this.#parts.place, netns).read(key),
    netnsExists: (name) => fileExists(`${this.#parts.place.root}/run/netns/${name}`),
    fileExists: (path) => fileExists(this.#parts.place.root + path),
    programExists: (program) => programExists(this.#parts.place.root, program),
    tunObstacle,
    nftObstacle: () => nftObstacle(this.#parts),
    joolObstacle: () => joolObstacle(),
    features: (dev, names, netns) => readFeatures(this.#parts.place.network(netns), dev, names),
    withheld: (route, netns) => lookWithheld(sightOf(this.#parts, netns), route),
    ufwOwner: async (effect) => this.#parts.ufw?.ownerOf(effect),
    program: async (effect, fresh) =>
      this.#parts.fastPaths.prepare(effect, this.#parts.place.netnsFile(effect.in), fresh),
  };
}

async function nftObstacle({ place, nft }: Parts): Promise<string | undefined> {
  if (nft === "") return "cmd-nft is empty, so nft is not to be called";
  if (await programExists(place.root, nft)) return undefined;
  return `${nft} is not installed (package nftables); cmd-nft says where it is`;
}

function groupBy<T>(list: readonly T[], keyOf: (one: T) => string | undefined): readonly (readonly T[])[] {
  const groups = new Map<string | undefined, T[]>();
  for (const one of list) groups.set(keyOf(one), [...(groups.get(keyOf(one)) ?? []), one]);
  return [...groups.values()];
}
