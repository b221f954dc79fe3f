// The fast paths of a driver: which objects are loaded, and where their programs hang. An object is loaded with its first
// program and let go with its last, so that nothing of it stays in the kernel longer than it is of use.

import { cannot } from "../describe.js";
import { type Applied, OsError } from "../driver.js";
import type { Effect } from "../effect.js";
import type { AttachedProgram, LinkState } from "../snapshot.js";
import { FastPath } from "./bpf/fast-path.js";
import type { AttachPoint, AttachRecord } from "./bpf/fast-path-types.js";

type Attach = Effect & { do: "bpf.attach" };

interface Loaded {
  readonly path: FastPath;
  /** What hangs, by the place (`placeOf`). */
  readonly hanging: Map<string, { readonly effect: Attach; readonly record: AttachRecord }>;
}

export class FastPaths {
  readonly #loaded = new Map<string, Loaded>();
  /** Whether this kernel has taken the programs once. */
  #taken = false;

  /** Undefined while nothing of it is attached. */
  get(object: string, netns?: string): FastPath | undefined {
    return this.#loaded.get(nameOf(object, netns))?.path;
  }

  /**
   * Refuses what cannot be loaded. A filter needs its place written down before it is there, since it outlives us.
   *
   * @param netnsFile undefined: this process's own namespace
   * @throws OsError
   */
  prepare(effect: Attach, netnsFile: string | undefined, fresh: boolean): Readonly<Record<string, unknown>> {
    if (!this.#taken) {
      this.#try(effect, () => FastPath.load())[Symbol.dispose]();
      this.#taken = true;
    }
    // A device that comes with the same list takes its filters along when it goes.
    if (fresh) return {};
    return { record: this.#try(effect, () => FastPath.place(pointOf(effect, netnsFile))) };
  }

  /** @throws OsError */
  attach({ effect, undo }: Applied, netnsFile: string | undefined): void {
    if (effect.do !== "bpf.attach") return;
    const name = nameOf(effect.object, effect.in);
    const loaded = this.#loaded.get(name) ?? { path: this.#try(effect, () => FastPath.load()), hanging: new Map() };
    this.#loaded.set(name, loaded);
    try {
      const place = recordIn(undo) ?? FastPath.place(pointOf(effect, netnsFile));
      const record = this.#try(effect, () => loaded.path.attach(pointOf(effect, netnsFile), place));
      loaded.hanging.set(placeOf(effect), { effect, record });
    } finally {
      this.#letGo(name);
    }
  }

  /** Without a program of ours there: of a link nothing is left; a filter is found by what the journal says. */
  detach({ effect, undo }: Applied, netnsFile: string | undefined): void {
    if (effect.do !== "bpf.attach") return;
    const name = nameOf(effect.object, effect.in);
    const loaded = this.#loaded.get(name);
    const own = loaded?.hanging.get(placeOf(effect));
    if (loaded !== undefined && own !== undefined) {
      loaded.path.detach(own.record, netnsFile);
      loaded.hanging.delete(placeOf(effect));
      this.#letGo(name);
      return;
    }
    const record = recordIn(undo);
    if (record !== undefined) FastPath.detachFilter(record, netnsFile);
  }

  /** What still hangs of ours in that namespace. */
  standing(netns: string | undefined, netnsFile: string | undefined, links: readonly LinkState[]): AttachedProgram[] {
    const names = new Set(links.map(({ name }) => name));
    return [...this.#loaded.values()].flatMap(({ path, hanging }) =>
      [...hanging.values()]
        .filter(({ effect, record }) => effect.in === netns && names.has(effect.dev) && path.stands(record, netnsFile))
        .map(({ effect: { dev, hook, program, object } }) => ({ dev, hook, program, object })),
    );
  }

  /** Links go with their objects. Filters stay, for the journal. */
  dispose(): void {
    for (const { path } of this.#loaded.values()) path[Symbol.dispose]();
    this.#loaded.clear();
  }

  #letGo(name: string): void {
    const loaded = this.#loaded.get(name);
    if (loaded === undefined || loaded.hanging.size > 0) return;
    this.#loaded.delete(name);
    loaded.path[Symbol.dispose]();
  }

  /** What is thrown says which program. */
  #try<T>(effect: Effect, work: () => T): T {
    try {
      return work();
    } catch (cause) {
      if (!(cause instanceof OsError)) throw cause;
      throw cause.with({ message: cannot(effect, cause.message), effect });
    }
  }
}

function nameOf(object: string, netns: string | undefined): string {
  return `${netns ?? ""} ${object}`;
}

function placeOf({ program, dev, hook }: Attach): string {
  return `${program} ${hook} ${dev}`;
}

function pointOf({ program, dev, hook }: Attach, netnsFile: string | undefined): AttachPoint {
  return { program, dev, hook, ...(netnsFile === undefined ? {} : { netnsFile }) };
}

function recordIn(undo: Applied["undo"]): AttachRecord | undefined {
  const record = undo["record"];
  return isRecord(record) ? record : undefined;
}

/** Our own journal, so its shape is looked at, not every field. */
function isRecord(value: unknown): value is AttachRecord {
  return typeof value === "object" && value !== null && "how" in value && "ifindex" in value;
}
