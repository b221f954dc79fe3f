// The one door to the system. `LinuxOs` performs effects, `FakeOs` is a model of the same kernel; one conformance
// suite runs against both. Nothing outside `os/` spawns a command, writes a sysctl or opens a device.

import type { Effect } from "./effect.js";
import type { NetSnapshot } from "./snapshot.js";

/** An effect together with what its undoing needs (prior values). Plain JSON: it is what the journal stores. */
export interface Applied {
  readonly effect: Effect;
  readonly undo: Readonly<Record<string, unknown>>;
}

/** What the kernel would do with a packet to an address (`ip route get`). */
export interface RouteLookup {
  readonly dev: string;
  /** The source address that the kernel picks. */
  readonly source?: string;
  readonly via?: string;
  /** Octets; the route's own MTU where it has one, else the device's. */
  readonly mtu: number;
}

/** Something changed: a hint to look again, never the change itself. */
export interface OsEvent {
  readonly about: "link" | "address" | "route" | "rule" | "nft" | "neighbour" | "process";
}

export interface OsDriver {
  /** Looks at what `revert` will need and refuses what cannot be done (`File exists`). Changes nothing. */
  prepare(effect: Effect): Promise<Applied>;
  /** Prepares a list: each effect is looked at as if those before it were done already. */
  prepareAll(effects: readonly Effect[]): Promise<readonly Applied[]>;
  /** Does it. The caller has written `applied` to the journal before. */
  perform(applied: Applied): Promise<void>;
  /** Undoes it. What is gone already counts as undone; what somebody else changed since stays theirs. */
  revert(applied: Applied): Promise<void>;
  /**
   * Undoes many, in the order given, as fast as the system can. Goes on past failures: at the place of each effect that
   * could not be undone is why.
   */
  revertEach(applied: readonly Applied[]): Promise<readonly (Error | undefined)[]>;
  /** Does many as fast as the system can (`ip -batch`); stops at the first that fails, and says in `OsError.done` how many were done. */
  performAll(applied: readonly Applied[]): Promise<void>;
  /** Begins the lifetime of what has one anew (`address.add`). An address that is gone meanwhile comes back with it. */
  renew(applied: readonly Applied[]): Promise<void>;
  snapshot(netns?: string): Promise<NetSnapshot>;
  /** How a process of an effect came to an end that nobody had asked for; undefined while it runs, and where none was started. */
  endOf(process: string, netns?: string): string | undefined;
  /** `undefined` where there is no route. */
  routeTo(address: string, netns?: string): Promise<RouteLookup | undefined>;
  /** Its first event says that the watch stands: who looks at the system after that misses nothing. Ends when the signal aborts. */
  watch(signal: AbortSignal): AsyncIterable<OsEvent>;
}

interface OsErrorDetails {
  readonly done?: number | undefined;
  readonly effect?: Effect | undefined;
  readonly log?: string | undefined;
  readonly why?: string | undefined;
}

/** Why an effect could not be applied: the message is for people, `code` for programs. */
export class OsError extends Error {
  readonly code: "exists" | "missing" | "denied" | "unsupported" | "failed";
  /** Of a list given to `performAll`: how many effects were done before this one failed. Undefined: any may have been. */
  readonly done: number | undefined;
  /** The effect that was refused, where that is known. */
  readonly effect: Effect | undefined;
  /** What the kernel had to say at length (its BPF verifier): for who looks closer. */
  readonly log: string | undefined;
  /** Why alone, without what was to be done: for who knows that already. Undefined where only the message tells. */
  readonly why: string | undefined;
  constructor(code: OsError["code"], message: string, options?: ErrorOptions & OsErrorDetails) {
    super(message, options);
    this.name = "OsError";
    this.code = code;
    this.done = options?.done;
    this.effect = options?.effect;
    this.log = options?.log;
    this.why = options?.why;
  }

  /** The same error by who knows more about it, or can say it better. What it tells of itself stays; it is the cause. */
  with(known: OsErrorDetails & { readonly message?: string }): OsError {
    const { code, message, done, effect, log, why } = this;
    return new OsError(code, known.message ?? message, { done, effect, log, why, ...known, cause: this });
  }
}
