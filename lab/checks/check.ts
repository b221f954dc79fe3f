// What a check is: data in a topology's `checks:`. A kind's own fields say what is tried, the common ones how the
// outcome is judged. Times are in seconds, sizes in octets.

import type { Effect } from "../../src/os/effect.js";
import type { Sight } from "./sight.js";

export const checkPhases = ["before-clatd", "running", "after-clatd"] as const;
export type CheckPhase = (typeof checkPhases)[number];

interface CheckBase {
  /** A short unique name. */
  readonly name: string;
  /** The node in which it is tried. */
  readonly on: string;
  readonly phase: CheckPhase;
  /** `fail`: the check passes when what it tries does not work. */
  readonly expect: "pass" | "fail";
  /** `warn`: a failure is a warning. */
  readonly level: "error" | "warn";
  /** Tried again until it comes out as expected or this many seconds are over. */
  readonly within: number;
  /** The sentence for a pass and for a failure. */
  readonly pass: string;
  readonly fail: string;
  /** Programs without which it is skipped. */
  readonly needs: readonly string[];
  /** Done in the lab before the first try and undone after the last: another MTU, a route that is missing. */
  readonly given: readonly Effect[];
  /** Packets that must be seen while it is tried, each of them at least once. */
  readonly seen: readonly Sight[];
}

/** A command: its exit code, and what its output (both streams) must match. */
interface RunCheck extends CheckBase {
  readonly kind: "run";
  readonly command: readonly [string, ...string[]];
  readonly exit: number;
  readonly match?: string;
}

interface PingCheck extends CheckBase {
  readonly kind: "ping";
  readonly to: string;
  readonly size: number;
  readonly count: number;
  /** The TOS octet of the requests; Linux answers with the same. */
  readonly tos?: number;
}

/** The hops up to `to`, all of them answering. */
interface TracerouteCheck extends CheckBase {
  readonly kind: "traceroute";
  readonly to: string;
  /** Addresses that must be among the hops, in this order. */
  readonly hops: readonly string[];
  readonly atLeast: number;
}

/** HTTP by our own program, on sockets of one family only. */
interface HttpCheck extends CheckBase {
  readonly kind: "http";
  readonly url: string;
  /** Absent: what the resolver gives. */
  readonly family?: 4 | 6;
  /** Octets; 0: a plain GET, else the server's /bytes/N, its sha256 compared. */
  readonly download: number;
  readonly upload: number;
  /** This many at once. */
  readonly streams: number;
  /** The address from which the server must have seen it come (a regular expression). */
  readonly seenFrom?: string;
}

/** Datagrams of these sizes come back whole, or, where the sender hangs up, are only sent. */
interface UdpEchoCheck extends CheckBase {
  readonly kind: "udp-echo";
  readonly to: string;
  readonly sizes: readonly number[];
  /** Sent without a checksum (IPv4 only). */
  readonly zeroChecksum: boolean;
  readonly tos?: number;
  /** Sent without DF. */
  readonly dontFragment?: false;
  /** That many of each size in one call, for the kernel or the network device to take apart (UDP_SEGMENT). */
  readonly atOnce?: number;
  /** IPv4 options in hex, in whole words: `94040000`. */
  readonly ipOptions?: string;
  /** The socket is closed before the answers come. */
  readonly hangUp?: true;
}

interface TcpCheck extends CheckBase {
  readonly kind: "tcp";
  readonly to: string;
  readonly port: number;
  /** It must not come about, and end with one of these within a second: `EHOSTUNREACH`. */
  readonly error?: readonly string[];
}

interface DnsCheck extends CheckBase {
  readonly kind: "dns";
  readonly query: string;
  readonly type: "A" | "AAAA";
  /** One of the answers must be this address or lie in this prefix; absent: any answer will do. */
  readonly answer?: string;
}

/** Those of `clatd status -j`. */
export const clatdStates = ["active", "waiting", "stopping"] as const;

/** `clatd status` says so. */
interface ClatdCheck extends CheckBase {
  readonly kind: "clatd";
  readonly state: (typeof clatdStates)[number];
}

/** Measures, and fails only where nothing gets through. */
interface ThroughputCheck extends CheckBase {
  readonly kind: "throughput";
  readonly to: string;
  readonly with: "http" | "iperf3";
  readonly streams: number;
  readonly seconds: number;
}

/** The node's links, addresses, routes, rules, sysctls and nft tables are as before clatd started. */
interface RestoredCheck extends CheckBase {
  readonly kind: "restored";
}

export type Check =
  | RunCheck
  | PingCheck
  | TracerouteCheck
  | HttpCheck
  | UdpEchoCheck
  | TcpCheck
  | DnsCheck
  | ClatdCheck
  | ThroughputCheck
  | RestoredCheck;

export type CheckKind = Check["kind"];
export type CheckOf<K extends CheckKind> = Extract<Check, { readonly kind: K }>;
