// The driver for a real kernel: iproute2, nftables, /proc/sys, files, processes, TUN devices. It refuses and undoes by
// the same rules as the model (os/prepare.ts), and both pass one conformance suite.

import { cannot, cannotUndo, nameEffect } from "../describe.js";
import { type Applied, type OsDriver, OsError, type OsEvent, type RouteLookup } from "../driver.js";
import type { Effect } from "../effect.js";
import { localTableStays, type PrepareSource, prepareEffects } from "../prepare.js";
import { revertOneByOne } from "../revert-one-by-one.js";
import type { NetSnapshot } from "../snapshot.js";
import type { FastPath } from "./bpf/fast-path.js";
import { FastPaths } from "./fast-paths.js";
import { readFeatures, writeFeatures } from "./features.js";
import { createFile, fileExists, removeOwnFile } from "./files.js";
import { programExists } from "./find-program.js";
import { type Group, groupEffects, lanesOf } from "./groups.js";
import { doLines, renewLine, undoLines } from "./ip-lines.js";
import { joolObstacle, removeJool, setJool } from "./jool.js";
import { codeOf, meansGone, oneLine } from "./kernel-words.js";
import { lookAll, lookLink, lookRoute, lookRules, lookWithheld, type Sight } from "./look.js";
import { monitor } from "./monitor.js";
import { makeNat46, removeNat46 } from "./nat46.js";
import { here, type Place } from "./place.js";
import { Processes } from "./processes.js";
import { run } from "./run.js";
import { sysctlCommands } from "./sysctl-commands.js";
import { sysctlFiles } from "./sysctl-files.js";
import { restoreSysctl } from "./sysctl-undo.js";
import type { Sysctls } from "./sysctls.js";
import { closeTun, openTun, type Tun } from "./tun.js";
import { Ufw } from "./ufw.js";
import { failedLines, ipWords, undoRuns } from "./undo-runs.js";

export interface LinuxOsOptions {
  /** Default: this process's own namespaces. */
  readonly place?: Place;
  /** Paths of the commands. */
  readonly ip?: string;
  readonly nft?: string;
  /** Absent: UFW is left alone. */
  readonly ufw?: string | undefined;
}

export class LinuxOs implements OsDriver {
  readonly #place: Place;
  readonly #ip: string;
  readonly #nft: string;
  readonly #ufw: Ufw | undefined;
  readonly #processes: Processes;
  readonly #tuns = new Map<string, Tun>();
  readonly #fastPaths = new FastPaths();
  readonly #processListeners = new Set<() => void>();

  constructor(options: LinuxOsOptions = {}) {
    this.#place = options.place ?? here;
    this.#ip = options.ip ?? "ip";
    this.#nft = options.nft ?? "nft";
    this.#ufw = options.ufw === undefined ? undefined : new Ufw(options.ufw);
    const onEnd = (): void => {
      for (const listen of this.#processListeners) listen();
    };
    this.#processes = new Processes({ place: this.#place, onEnd });
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

  async performAll(applied: readonly Applied[]): Promise<void> {
    let done = 0;
    for (const lanes of lanesOf(groupEffects(applied))) {
      // What was done of lanes side by side cannot be told by a number; undefined says that any may have been.
      const count = (before: number): number | undefined => (lanes.length > 1 ? undefined : done + before);
      const ends = await Promise.allSettled(lanes.map((lane) => this.#performLane(lane, count)));
      for (const end of ends) if (end.status === "rejected") throw end.reason;
      done += lanes.flat().reduce((sum, group) => sum + group.members.length, 0);
    }
  }

  async revert(applied: Applied): Promise<void> {
    try {
      await this.#revert(applied);
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new OsError(cause instanceof OsError ? cause.code : "failed", cannotUndo(applied.effect, why), { cause });
    }
  }

  async revertEach(applied: readonly Applied[]): Promise<readonly (Error | undefined)[]> {
    const errors: (Error | undefined)[] = [];
    for (const run of undoRuns(applied)) {
      errors.push(...(run.length === 1 ? await revertOneByOne(this, run) : await this.#undoBatch(run)));
    }
    return errors;
  }

  async snapshot(netns?: string): Promise<NetSnapshot> {
    const seen = await lookAll(this.#sight(netns));
    const programs = this.#fastPaths.standing(netns, this.#place.netnsFile(netns), seen.links);
    const ufw = netns === undefined ? await this.#ufw?.isActive(seen.nft) : undefined;
    return { ...seen, programs, ...(ufw === undefined ? {} : { ufw }) };
  }

  /** One batch, which goes past failures: the first of them is thrown. */
  async renew(applied: readonly Applied[]): Promise<void> {
    for (const list of groupBy(applied, ({ effect }) => effect.in)) {
      const [first] = list;
      const lines = list.flatMap(({ effect }) => renewLine(effect) ?? []);
      if (first === undefined || lines.length === 0) continue;
      const command = [...this.#place.network(first.effect.in), this.#ip, "-force", "-batch", "-"];
      const { code, stderr } = await run(command, { input: `${lines.join("\n")}\n` });
      if (code !== 0) throw new OsError(codeOf(stderr), `Cannot renew ${nameEffect(first.effect)}: ${oneLine(stderr)}`);
    }
  }

  routeTo(address: string, netns?: string): Promise<RouteLookup | undefined> {
    return lookRoute(this.#sight(netns), address);
  }

  watch(signal: AbortSignal): AsyncIterable<OsEvent> {
    const listen = (onEnd: () => void): (() => void) => {
      this.#processListeners.add(onEnd);
      return () => void this.#processListeners.delete(onEnd);
    };
    return monitor({ ...this.#sight(undefined), onProcessEnd: listen }, signal);
  }

  endOf(process: string, netns?: string): string | undefined {
    return this.#processes.endOf(process, netns);
  }

  /** A loaded fast path, while programs of it are attached. */
  fastPath(name: string, netns?: string): FastPath | undefined {
    return this.#fastPaths.get(name, netns);
  }

  /** A TUN that an effect has opened; undefined where there is none. The driver keeps the descriptor and closes it. */
  tun(name: string, netns?: string): Tun | undefined {
    return this.#tuns.get(tunKey(name, netns));
  }

  /** Whether a process that an effect has started still runs. */
  isRunning(name: string, netns?: string): boolean {
    return this.#processes.isRunning(name, netns);
  }

  /** Lets go of what dies with the process: TUNs and child processes. Everything else stays as it is. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#processes.killAll();
    this.#fastPaths.dispose();
    for (const tun of this.#tuns.values()) closeTun(tun);
    this.#tuns.clear();
  }

  #sight(netns: string | undefined): Sight {
    return { prefix: this.#place.network(netns), sysctls: this.#sysctls(netns), ip: this.#ip, nft: this.#nft };
  }

  /** Only root may go into another network namespace; a user's lab stands in a user namespace, which commands enter first. */
  #sysctls(netns: string | undefined): Sysctls {
    const file = this.#place.netnsFile(netns);
    const reachable = file === undefined || process.geteuid?.() === 0;
    return reachable ? sysctlFiles(file, this.#place.root) : sysctlCommands(this.#place.network(netns));
  }

  readonly #source: PrepareSource = {
    snapshot: (netns) => this.snapshot(netns),
    sysctl: (key, netns) => this.#sysctls(netns).read(key),
    netnsExists: (name) => fileExists(`${this.#place.root}/run/netns/${name}`),
    fileExists: (path) => fileExists(this.#place.root + path),
    programExists: (program) => programExists(this.#place.root, program),
    joolObstacle: () => joolObstacle(),
    features: (dev, names, netns) => readFeatures(this.#place.network(netns), dev, names),
    withheld: (route, netns) => lookWithheld(this.#sight(netns), route),
    ufwOwner: async (effect) => this.#ufw?.ownerOf(effect),
    program: async (effect, fresh) => this.#fastPaths.prepare(effect, this.#place.netnsFile(effect.in), fresh),
  };

  async #performLane(lane: readonly Group[], count: (before: number) => number | undefined): Promise<void> {
    let before = 0;
    for (const group of lane) {
      try {
        await this.#performGroup(group);
      } catch (error) {
        const own = doneOf(error, group);
        throw counted(error, group, own === undefined ? undefined : count(before + own));
      }
      before += group.members.length;
    }
  }

  async #performGroup({ tool, netns, members }: Group): Promise<void> {
    const effects = members.map(({ effect }) => effect);
    switch (tool) {
      case "netns": {
        const lines = effects.map((effect) => (effect.do === "netns.add" ? [`netns add ${effect.name}`] : []));
        return this.#ipBatch(this.#place.inside(undefined), effects, lines);
      }
      case "ip":
      case "rule6": {
        const word = (name: string): string => this.#place.netnsFile(name) ?? name;
        const lines = effects.map((effect) => doLines(effect, word) ?? []);
        return this.#ipBatch(this.#place.network(netns), effects, lines, tool === "rule6" ? ["-6"] : []);
      }
      case "sysctl": {
        const writes = effects.flatMap((effect) => (effect.do === "sysctl.set" ? [effect] : []));
        try {
          return await this.#sysctls(netns).write(writes);
        } catch (error) {
          throw explained(error, effects);
        }
      }
      case "nft":
        return this.#performNft(netns, effects);
      case "alone":
        for (const applied of members) await this.#performAlone(applied);
    }
  }

  /** @param lines for each effect, its lines */
  async #ipBatch(
    prefix: readonly string[],
    effects: readonly Effect[],
    lines: readonly (readonly string[])[],
    words: readonly string[] = [],
  ): Promise<void> {
    const { code, stderr } = await run([...prefix, this.#ip, ...words, "-batch", "-"], {
      input: `${lines.flat().join("\n")}\n`,
    });
    if (code === 0) return;
    const failedLine = Number(/^Command failed -:(\d+)$/m.exec(stderr)?.[1] ?? "1");
    const owners = lines.flatMap((own, index) => own.map(() => index));
    const done = owners[failedLine - 1] ?? 0;
    const effect = effects[done];
    const why = oneLine(stderr);
    throw new OsError(codeOf(why), effect === undefined ? why : cannot(effect, why), { done });
  }

  /** All or nothing: one transaction. `create` refuses a table that is there, where `table` would add to it. */
  async #performNft(netns: string | undefined, effects: readonly Effect[]): Promise<void> {
    const tables = effects.flatMap((effect) => (effect.do === "nft.table" ? [effect] : []));
    const input = tables
      .map(({ family, name, body }) => `create table ${family} ${name}\ntable ${family} ${name} {\n${body}\n}\n`)
      .join("");
    const { code, stderr } = await run([...this.#place.network(netns), this.#nft, "-f", "-"], { input });
    const [effect] = effects;
    if (code !== 0 && effect !== undefined) {
      throw new OsError(codeOf(stderr), cannot(effect, oneLine(stderr)), { done: 0 });
    }
  }

  async #performAlone(applied: Applied): Promise<void> {
    const { effect } = applied;
    switch (effect.do) {
      case "bpf.attach":
        return this.#fastPaths.attach(applied, this.#place.netnsFile(effect.in));
      case "link.add": {
        const tun = openTun(effect.name, offloadsOf(effect), this.#place.netnsFile(effect.in));
        this.#tuns.set(tunKey(effect.name, effect.in), tun);
        if (effect.mtu !== undefined) {
          const line = `link set dev ${effect.name} mtu ${effect.mtu}`;
          await this.#ipBatch(this.#place.network(effect.in), [effect], [[line]]);
        }
        return;
      }
      case "link.set": {
        const { features = {}, ...rest } = effect;
        const prefix = this.#place.network(effect.in);
        const plain = doLines(rest, String) ?? [];
        if (/ (up|down|mtu|master)\b/.test(plain.join())) await this.#ipBatch(prefix, [effect], [plain]);
        return writeFeatures(prefix, effect.name, features);
      }
      case "ufw.route":
        return applied.undo["theirs"] === true ? undefined : this.#ufw?.add(effect);
      case "file.write":
        return createFile(this.#place.root, effect);
      case "nat46.device":
        return makeNat46(this.#place.root, effect, () => this.#hasLink(effect.name, effect.in));
      case "jool.instance":
        return setJool(this.#place.network(effect.in), effect);
      case "process.start": {
        const { link } = effect;
        return this.#processes.start(effect, async () => link !== undefined && (await this.#hasLink(link, effect.in)));
      }
      default:
        throw new RangeError(`${effect.do} belongs to a command`);
    }
  }

  async #hasLink(name: string, netns: string | undefined): Promise<boolean> {
    return (await lookLink(this.#sight(netns), name)) !== undefined;
  }

  async #revert(applied: Applied): Promise<void> {
    const { effect } = applied;
    switch (effect.do) {
      case "netns.add":
        return this.#undo([...this.#place.inside(undefined), this.#ip, "netns", "del", effect.name]);
      case "nft.table":
        return this.#undo([
          ...this.#place.network(effect.in),
          this.#nft,
          "delete",
          "table",
          effect.family,
          effect.name,
        ]);
      case "sysctl.set":
        return restoreSysctl(this.#sysctls(effect.in), applied);
      case "process.start":
        return this.#processes.stop(effect);
      case "bpf.attach":
        return this.#fastPaths.detach(applied, this.#place.netnsFile(effect.in));
      case "nat46.device":
        return removeNat46(this.#place.root, effect);
      case "jool.instance":
        return removeJool(this.#place.network(effect.in), effect);
      case "ufw.route":
        return applied.undo["theirs"] === true ? undefined : this.#ufw?.remove(effect);
      case "file.write":
        return effect.keep === true ? undefined : removeOwnFile(this.#place.root, effect);
      case "link.add":
        if (effect.link.kind === "tun") return this.#revertTun(effect);
        return this.#undoByIp(applied);
      case "link.set":
        return this.#revertLinkSet(applied, effect);
      case "rule.add":
        if (effect.rule.table === 255) await this.#keepLocalTable(effect);
        return this.#undoByIp(applied);
      default:
        return this.#undoByIp(applied);
    }
  }

  /** Effects that one line of `ip` undoes each, all of one namespace and family. */
  async #undoBatch(batch: readonly Applied[]): Promise<readonly (Error | undefined)[]> {
    const [first] = batch;
    const lines = batch.flatMap((applied) => undoLines(applied, undefined) ?? []);
    const words = first === undefined ? [] : ipWords(first);
    const command = [...this.#place.network(first?.effect.in), this.#ip, ...words, "-force", "-batch", "-"];
    const { code, stderr } = await run(command, { input: `${lines.join("\n")}\n` });
    if (code === 0) return batch.map(() => undefined);
    const said = failedLines(stderr);
    return batch.map(({ effect }, index) => {
      // Where no line failed, the command itself did.
      const why = said.size === 0 ? stderr : said.get(index + 1);
      if (why === undefined || isUndone(why)) return undefined;
      return new OsError(codeOf(why), cannotUndo(effect, oneLine(why)));
    });
  }

  async #undoByIp(applied: Applied): Promise<void> {
    const { effect } = applied;
    for (const line of undoLines(applied, undefined) ?? []) await this.#undoLine(effect.in, line, ipWords(applied));
  }

  async #undoLine(netns: string | undefined, line: string, words: readonly string[] = []): Promise<void> {
    const command = [...this.#place.network(netns), this.#ip, ...words, "-batch", "-"];
    const { code, stderr } = await run(command, { input: `${line}\n` });
    if (code !== 0 && !isUndone(stderr)) throw new OsError(codeOf(stderr), oneLine(stderr));
  }

  async #undo(command: readonly string[]): Promise<void> {
    const { code, stderr } = await run(command);
    if (code !== 0 && !meansGone(stderr)) throw new OsError(codeOf(stderr), oneLine(stderr));
  }

  /** The last rule that looks up the local table must not go (prepare.ts says why). */
  async #keepLocalTable(effect: Effect & { do: "rule.add" }): Promise<void> {
    const rules = await lookRules(this.#sight(effect.in), effect.rule.family);
    if (!localTableStays(rules, effect.rule)) {
      throw new OsError(
        "denied",
        "no other rule looks up the local table, and the host would lose its own addresses; add one first",
      );
    }
  }

  /** Without a descriptor of ours it is gone already, and a device of that name is somebody else's. */
  async #revertTun(effect: Effect & { do: "link.add" }): Promise<void> {
    const key = tunKey(effect.name, effect.in);
    const tun = this.#tuns.get(key);
    if (tun === undefined) return;
    this.#tuns.delete(key);
    closeTun(tun);
  }

  async #revertLinkSet(applied: Applied, effect: Effect & { do: "link.set" }): Promise<void> {
    const sight = this.#sight(effect.in);
    const link = await lookLink(sight, effect.name).catch(() => undefined);
    if (link === undefined) return;
    for (const line of undoLines(applied, link) ?? []) await this.#undoLine(effect.in, line);
    const before = applied.undo["features"];
    if (effect.features === undefined || typeof before !== "object" || before === null) return;
    const now = await readFeatures(sight.prefix, effect.name, Object.keys(effect.features));
    const ours = Object.entries(before).filter(
      ([name, value]) => now[name] === effect.features?.[name] && now[name] !== value,
    );
    if (ours.length > 0) await writeFeatures(sight.prefix, effect.name, Object.fromEntries(ours));
  }
}

function groupBy<T>(list: readonly T[], keyOf: (one: T) => string | undefined): readonly (readonly T[])[] {
  const groups = new Map<string | undefined, T[]>();
  for (const one of list) groups.set(keyOf(one), [...(groups.get(keyOf(one)) ?? []), one]);
  return [...groups.values()];
}

/** Gone already; or a withheld thing that is back already: somebody brought it back, or it never went. */
function isUndone(stderr: string): boolean {
  return meansGone(stderr) || /File exists/.test(stderr);
}

function tunKey(name: string, netns: string | undefined): string {
  return `${netns ?? ""} ${name}`;
}

function offloadsOf(effect: Effect & { do: "link.add" }): boolean {
  return effect.link.kind === "tun" && effect.link.offloads;
}

/** Of several in one command that was ended by somebody, nobody knows. */
function doneOf(error: unknown, group: Group): number | undefined {
  const done = error instanceof OsError ? error.done : undefined;
  return done ?? (group.members.length === 1 ? 0 : undefined);
}

/** The same error with the count of the whole list. */
function counted(error: unknown, group: Group, done: number | undefined): OsError {
  const options = { cause: error, ...(done === undefined ? {} : { done }) };
  if (error instanceof OsError)
    return new OsError(error.code, error.message, { ...options, cause: error.cause ?? error });
  const [first] = group.members;
  const why = reasonOf(error);
  return new OsError("failed", first === undefined ? why : cannot(first.effect, why), options);
}

function explained(error: unknown, effects: readonly Effect[]): unknown {
  const effect = error instanceof OsError ? effects[error.done ?? 0] : undefined;
  if (!(error instanceof OsError) || effect === undefined) return error;
  return new OsError(error.code, cannot(effect, error.message), { cause: error, done: error.done ?? 0 });
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
