// What an engine is: something that turns a CLAT's specification into effects, and perhaps a translator that runs here.

import type { OsDriver } from "../os/driver.js";
import type { Effect } from "../os/effect.js";
import type { CounterValues } from "../xlat/counters.js";
import type { TranslationSpec } from "../xlat/spec.js";

export type EngineName = "userspace" | "ebpf" | "tayga" | "nat46" | "jool";

export type Probe =
  | { readonly ok: true }
  | { readonly ok: false; readonly reason: string }
  | { readonly ok: "unknown"; readonly reason: string };

/** Where and how the translation stands in the host: what the classic plumbing needs to know. */
export interface Placement {
  readonly clatDev: string;
  /** The device that faces the PLAT. */
  readonly uplink: string;
  /** The CLAT's IPv6 address, and whether the host has it too. */
  readonly clatV6: { readonly address: string; readonly shared: boolean };
  readonly clatV4: string;
  /** 0: no connection mark. */
  readonly ctmark: number;
  readonly routeTable: number;
  readonly forwarding: boolean;
  readonly proxyNd: boolean;
  /** Octets: the IPv6 path from here, and so the largest packet on the uplink. */
  readonly uplinkMtu: number;
  /** Devices whose accept_ra is 1 (forwarding would make them deaf to Router Advertisements). */
  readonly acceptRa: readonly string[];
  /** Whether IPv6 forwarding must be switched on (false: it is on already). */
  readonly forwardingOff: boolean;
  /** Somebody else (Cilium, Calico, …) has taken the IPv6 rule for the local table away from priority 0 already. */
  readonly localRuleMoved?: boolean;
  /** More IPv6 prefixes that must reach the CLAT: those of an Edge Relay's mappings. None holds `clatV6`, unless it is a prefix around it. */
  readonly also?: readonly string[];
  /** Addresses in them that neighbours on the uplink may ask for. */
  readonly alsoProxied?: readonly string[];
}

export interface Engine {
  readonly name: EngineName;
  /** Whether it can run here. Changes nothing. */
  probe(os: OsDriver): Promise<Probe>;
  /** Pure. */
  plan(placement: Placement, spec: TranslationSpec): EnginePlan;
}

export interface EnginePlan {
  /** In the order of doing; undone in reverse. */
  readonly effects: readonly Effect[];
  /** A translator in this process, attached to the TUN of that name. Absent: the kernel or another process does it. */
  readonly translator?: { readonly dev: string; readonly spec: TranslationSpec };
}

/** Runs translators of this process on TUNs that effects have opened. */
export interface TranslatorHost {
  start(dev: string, spec: TranslationSpec): Promise<RunningTranslator>;
}

export interface RunningTranslator {
  /** Takes effect between two packets; nothing is lost. Rejects, keeping the old one, where the specification is wrong. */
  update(spec: TranslationSpec): Promise<void>;
  counters(): CounterValues;
  stop(): Promise<void>;
  /** Resolves when it has ended: with the error where nobody had asked for it. */
  readonly ended: Promise<Error | undefined>;
}
