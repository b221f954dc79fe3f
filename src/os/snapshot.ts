// What the system looks like, as plain data: the daemon's facts, and what tests compare before and after.
// Volatile things (counters, remaining lifetimes, neighbour states, ifindexes) are left out or kept apart, so that two
// snapshots of an unchanged system are equal.

import type { FastPathProgram, Route, Rule } from "./effect.js";

export interface LinkState {
  readonly name: string;
  readonly kind: string;
  readonly up: boolean;
  /** Has a carrier and is operational. */
  readonly running: boolean;
  /** Octets. */
  readonly mtu: number;
  /** Link-layer address, absent where there is none of its own (a bridge has that of a port). */
  readonly mac?: string;
  readonly master?: string;
}

export interface AddressState {
  readonly dev: string;
  readonly family: 4 | 6;
  /** Canonical text without its length. */
  readonly address: string;
  readonly length: number;
  readonly scope: string;
  /** Duplicate address detection: still going on, or failed. */
  readonly tentative: boolean;
  readonly dadFailed: boolean;
  readonly deprecated: boolean;
  /** RFC 4941 temporary address. */
  readonly temporary: boolean;
}

export interface ProxyNeighbour {
  readonly dev: string;
  readonly address: string;
}

export interface NftTable {
  readonly family: string;
  readonly name: string;
  /** The listing as `nft` prints it, without handles and counters. */
  readonly text: string;
}

/** A program of the fast path on a device. */
export interface AttachedProgram {
  readonly dev: string;
  readonly hook: "ingress" | "egress";
  readonly program: FastPathProgram;
  /** Which CLAT's. */
  readonly object: string;
}

export interface NetSnapshot {
  readonly links: readonly LinkState[];
  readonly addresses: readonly AddressState[];
  readonly routes: readonly Route[];
  readonly rules: readonly Rule[];
  readonly proxies: readonly ProxyNeighbour[];
  /** The keys that effects may touch: forwarding, accept_ra, proxy_ndp, … of every device. */
  readonly sysctls: Readonly<Record<string, string>>;
  readonly nft: readonly NftTable[];
  /** Whether UFW, the host's own firewall, is active. Absent: it is left alone. */
  readonly ufw?: boolean;
  /** Those of the driver that looks: what others attach is not looked at. */
  readonly programs: readonly AttachedProgram[];
}
