// Every change to the system, as plain data (DESIGN §2, idea 1). Only "add" effects exist: taking away is the
// revert of what was applied, so an effect that can't be undone can't be written. A `withhold` takes something that
// was there away for as long as it is applied. Addresses and prefixes are canonical text; numbers are host order.

/** A route as `ip route` knows it. Destination `default` or a prefix in canonical text. */
export interface Route {
  readonly family: 4 | 6;
  readonly destination: string;
  /** Absent for routes without a device (`unreachable`, `blackhole`). */
  readonly dev?: string;
  readonly via?: string;
  /** Routing table number; 254 is main. */
  readonly table: number;
  readonly metric?: number;
  /** Octets. */
  readonly mtu?: number;
  /** Octets. */
  readonly advmss?: number;
  readonly source?: string;
  readonly type?: "unicast" | "local" | "unreachable" | "blackhole" | "prohibit";
  /** `static`, `ra`, `kernel`, `dhcp`, …: kept so that a withheld route comes back exactly. */
  readonly protocol?: string;
  readonly scope?: string;
  /** Seconds left, for a route that a Router Advertisement gave. */
  readonly expires?: number;
  readonly pref?: string;
  readonly onlink?: boolean;
}

/** A rule as `ip rule` knows it. */
export interface Rule {
  readonly family: 4 | 6;
  readonly priority: number;
  readonly from?: string;
  readonly to?: string;
  readonly iif?: string;
  /** A mark, and the mask it is compared under (absent: all 32 bits). */
  readonly fwmark?: number;
  readonly fwmask?: number;
  readonly table: number;
  readonly protocol?: string;
}

type LinkKind =
  | { readonly kind: "veth"; readonly peer: string; readonly peerNetns?: string }
  /** A TUN that goes with the process; `offloads` asks for virtio headers with checksum and segmentation offload. */
  | { readonly kind: "tun"; readonly offloads: boolean }
  | { readonly kind: "bridge" };

type EffectBody =
  | { readonly do: "netns.add"; readonly name: string }
  | { readonly do: "link.add"; readonly name: string; readonly link: LinkKind; readonly mtu?: number }
  /** Changes properties of a link; the revert puts back those that it changed. */
  | {
      readonly do: "link.set";
      readonly name: string;
      readonly up?: boolean;
      readonly mtu?: number;
      readonly master?: string;
      /** ethtool features, `tso: false`. */
      readonly features?: Readonly<Record<string, boolean>>;
    }
  | {
      readonly do: "address.add";
      readonly dev: string;
      /** With its length: `192.0.0.1/32`. */
      readonly address: string;
      readonly peer?: string;
      /** preferred_lft 0: nobody picks it as a source. */
      readonly deprecated?: boolean;
      /** Skip duplicate address detection. */
      readonly nodad?: boolean;
    }
  | { readonly do: "route.add"; readonly route: Route }
  | { readonly do: "route.withhold"; readonly route: Route }
  | { readonly do: "rule.add"; readonly rule: Rule }
  | { readonly do: "rule.withhold"; readonly rule: Rule }
  | { readonly do: "neighbour.proxy"; readonly dev: string; readonly address: string }
  /** `net.ipv6.conf.all.forwarding` = "1". The revert puts back what stood before, unless somebody changed it since. */
  | { readonly do: "sysctl.set"; readonly key: string; readonly value: string }
  /** A whole nft table of our own: `body` is what stands between its braces. */
  | { readonly do: "nft.table"; readonly family: "ip" | "ip6" | "inet"; readonly name: string; readonly body: string }
  /** Creates a file (refused where it exists). */
  | { readonly do: "file.write"; readonly path: string; readonly text: string; readonly mode?: number }
  /** Starts a long-running process and waits until it is ready. It goes with its driver (never outlives it). */
  | {
      readonly do: "process.start";
      readonly name: string;
      readonly command: readonly [string, ...string[]];
      readonly env?: Readonly<Record<string, string>>;
      /** Ready when a line of its output contains this; absent: at once. */
      readonly ready?: string;
    };

/** An effect, and in which network namespace (absent: the driver's own). */
export type Effect = EffectBody & { readonly in?: string };
