// What the bench and its testers say to each other: JSON lines on a tester's standard input and output. A tester does one
// thing at a time. One that serves says `ready` first, and ends at the line `stop`.

export type TesterRequest =
  /** Datagrams for `seconds`; `rate` absent: as fast as it can. */
  | ({ readonly do: "send"; readonly to: Peer } & Load)
  /** The same, to whoever says hello on `port`: it works behind a CLAT whose address is nobody's to know. */
  | ({ readonly do: "answer-with-load"; readonly port: number } & Load)
  /** Counts datagrams that come to `port`. */
  | { readonly do: "receive"; readonly port: number; readonly size: number; readonly trains?: boolean }
  /** Counts datagrams that come back from a peer, to whom it says hello. */
  | { readonly do: "call-and-receive"; readonly to: Peer; readonly size: number; readonly trains?: boolean }
  | { readonly do: "echo"; readonly port: number; readonly core?: number }
  | {
      readonly do: "round-trips";
      readonly to: Peer;
      readonly size: number;
      readonly count: number;
      readonly core?: number;
    }
  | { readonly do: "accept"; readonly port: number }
  | { readonly do: "connect"; readonly to: Peer; readonly seconds: number; readonly atOnce: number };

export interface Peer {
  readonly address: string;
  readonly port: number;
}

export interface Load {
  /** Octets of UDP payload. */
  readonly size: number;
  /** Datagrams each second. */
  readonly rate?: number;
  readonly seconds: number;
  /** That many datagrams in each call, which the kernel cuts (UDP_SEGMENT); absent: each is sent by itself. */
  readonly train?: number;
}

export interface Sent {
  readonly sent: number;
  /** What it took; more than was asked for where the rate is beyond the tester. */
  readonly seconds: number;
}

export interface Received {
  readonly received: number;
  /** Datagrams that came as far as the tester's own socket, and found its buffer full. */
  readonly dropped: number;
}

export interface RoundTrips {
  /** Microseconds. */
  readonly median: number;
  /** The 99.9th percentile: the worst case of RFC 8219 §7.2. */
  readonly worst: number;
  readonly lost: number;
}

/** Round trips before those that count: they compile the code, resolve neighbours and fill caches. */
export const WARM_UP = 2000;

export interface Connections {
  readonly opened: number;
  readonly failed: number;
  readonly seconds: number;
}

export type TesterAnswer =
  | { readonly ready: true }
  | { readonly done: Sent | Received | RoundTrips | Connections | Record<string, never> }
  | { readonly error: string };
