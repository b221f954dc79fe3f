// What the model kernel remembers. Plain data; the rules are in the files beside this one.

import type { Clock } from "../clock.js";
import type { OsEvent } from "../driver.js";
import type { Route, Rule } from "../effect.js";
import type { AddressState, NftTable, ProxyNeighbour } from "../snapshot.js";

export type FakeLinkKind = "loopback" | "physical" | "veth" | "tun" | "bridge";

export interface FakeLink {
  readonly name: string;
  readonly kind: FakeLinkKind;
  readonly mac: string | undefined;
  up: boolean;
  mtu: number;
  /** A bridge whose MTU nobody gave takes the least of its ports. */
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
}

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
