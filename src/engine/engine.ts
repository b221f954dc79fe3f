// What an engine is: something that turns a CLAT's specification into effects, and perhaps a translator that runs here.

import type { OsDriver } from "../os/driver.js";
import type { Effect } from "../os/effect.js";
import type { CounterValues } from "../xlat/counters.js";
import type { TranslationSpec } from "../xlat/spec.js";

export type EngineName = "userspace" | "ebpf" | "tayga" | "nat46" | "jool";

export type Probe =
  | { readonly ok: true }
  /** `log`: what the kernel had to say at length. */
  | { readonly ok: false; readonly reason: string; readonly log?: string }
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
  /** UFW is active and drops what is forwarded unless a rule of its own lets it pass. */
  readonly ufw?: boolean;
  /** Every device by which packets for the CLAT may come in, `uplink` first. Absent: only that one. */
  readonly uplinks?: readonly string[];
  /** The neighbour on the uplink that everything to the PREF64 goes to. Absent: it depends, or nobody knows. */
  readonly nextHop?: string;
}

export interface Engine {
  readonly name: EngineName;
  /** Which of several ways to do the same, where there are several: one or two words that follow the name. */
  readonly way?: string;
  /** Whether it can run here. Changes nothing. */
  probe(os: OsDriver): Promise<Probe>;
  /** Pure. */
  plan(placement: Placement, spec: TranslationSpec): EnginePlan;
}

export interface EnginePlan {
  /** In the order of doing; undone in reverse. */
  readonly effects: readonly Effect[];
  /** Octets: the MTU of the IPv4 default route where `v4-defaultroute-mtu` is auto. Absent: that of the IPv4 side. */
  readonly ipv4RouteMtu?: number;
  /** What of the specification this engine leaves out: sentences. */
  readonly notes?: readonly string[];
  /** A translator in this process, attached to the TUN of that name. Absent: the kernel or another process does it. */
  readonly translator?: { readonly dev: string; readonly spec: TranslationSpec; readonly fastPath?: FastPathPlan };
}

/** What a fast path in the kernel needs to know beyond the specification (engines ebpf and userspace). Device names, canonical addresses. */
export interface FastPathPlan {
  /** Nothing is translated in the kernel: the programs only lead packets to the translator and away from it. */
  readonly leadsOnly?: true;
  /** The device by which packets to the PLAT leave. */
  readonly uplink: string;
  /** The devices by which packets from the PLAT may come in; `uplink` is one of them. */
  readonly uplinks: readonly string[];
  /**
   * The neighbour on `uplink` that everything to the PREF64s goes to. Absent: a route is looked up for every packet, which
   * costs 8 % of it (measured, 64 octets of UDP).
   */
  readonly nextHop?: string;
  /** The CLAT's address where it is the host's own as well: there only flows that left through the CLAT belong to it. */
  readonly sharedV6?: string;
}

/** Runs translators of this process on TUNs that effects have opened. */
export interface TranslatorHost {
  start(dev: string, spec: TranslationSpec, fastPath?: FastPathPlan): Promise<RunningTranslator>;
}

export interface RunningTranslator {
  /** Takes effect between two packets; nothing is lost. Rejects, keeping the old one, where the specification is wrong. */
  update(spec: TranslationSpec, fastPath?: FastPathPlan): Promise<void>;
  counters(): CounterValues;
  stop(): Promise<void>;
  /** Resolves when it has ended: with the error where nobody had asked for it. */
  readonly ended: Promise<Error | undefined>;
}
