// What the model kernel remembers. Plain data; the rules are in the files beside this one.

import type { Clock } from "../clock.js";
import type { OsEvent } from "../driver.js";
import type { JoolConfig, Route, Rule } from "../effect.js";
import type { AddressState, AttachedProgram, NftTable, ProxyNeighbour } from "../snapshot.js";

export type FakeLinkKind = "loopback" | "physical" | "veth" | "tun" | "bridge" | "none";

export interface FakeLink {
  readonly name: string;
  readonly kind: FakeLinkKind;
  readonly mac: string | undefined;
  up: boolean;
  mtu: number;
  /** A bridge takes the least MTU of its ports, unless somebody has given it another one since it came. */
  mtuGiven: boolean;
  master: string | undefined;
  /** veth: the other end. */
  peer: { readonly netns: FakeNetns; readonly name: string } | undefined;
  /** physical: whether a cable is in. */
  plugged: boolean;
  readonly features: Map<string, boolean>;
}

export interface FakeAddress extends AddressState {
  tentative: boolean;
  dadFailed: boolean;
  deprecated: boolean;
  readonly peer: string | undefined;
  /** The kernel made it when the link came up, and forgets it with that. */
  readonly automatic: boolean;
  /** By the clock, in milliseconds; undefined: never. */
  expires: number | undefined;
}

interface FakeProgram extends AttachedProgram {
  /** The driver that has attached it. */
  readonly owner: object;
  /** A tcx link goes with its owner; a filter in clsact stays. */
  readonly by: "tcx" | "clsact";
}

/** What the kernel's BPF is like: how programs are attached, or why none is loaded. */
export type FakeBpf =
  | { readonly attach: "tcx" | "clsact" }
  | { readonly attach: "refused"; readonly why: string; readonly log?: string };

/** As `ip route` would show it, and what it does not show. */
export interface FakeRoute extends Route {
  readonly metric?: number;
  /** From a Router Advertisement that the kernel itself received: forwarding purges those. */
  readonly learned?: true;
}

export interface FakeNetns {
  /** Empty: the first one. */
  readonly name: string;
  readonly links: Map<string, FakeLink>;
  addresses: FakeAddress[];
  routes: FakeRoute[];
  rules: Rule[];
  proxies: ProxyNeighbour[];
  readonly sysctls: Map<string, string>;
  readonly nft: Map<string, NftTable>;
  /** The rules of UFW and their comments; absent: it is not active. */
  ufw: Map<string, string> | undefined;
  /** Instances of Jool, and their configuration. */
  readonly jool: Map<string, JoolConfig>;
  programs: FakeProgram[];
}

/** What the rules need of the kernel around the namespaces. */
export interface KernelCore {
  readonly clock: Clock;
  /** A change in a namespace. */
  tell(netns: FakeNetns, about: OsEvent["about"]): void;
  nextMac(): string;
}

/** What the kernel answers when it refuses. FakeOs makes an OsError of it. */
export class Refusal extends Error {
  readonly code: "exists" | "missing" | "denied" | "unsupported" | "failed";
  constructor(code: Refusal["code"], message: string) {
    super(message);
    this.name = "Refusal";
    this.code = code;
  }
}
