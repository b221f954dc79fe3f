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
  /**
   * `direct`: both ends have one link-layer address and neither asks for neighbours, so that whatever goes in at one end comes
   * out at the other, as with a TUN.
   */
  | { readonly kind: "veth"; readonly peer: string; readonly peerNetns?: string; readonly direct?: boolean }
  /** A TUN that goes with the process; `offloads` asks for virtio headers with checksum and segmentation offload. */
  | { readonly kind: "tun"; readonly offloads: boolean }
  | { readonly kind: "bridge" };

/** The programs in the fast path's object (src/engine/ebpf/clat.bpf.c). */
export type FastPathProgram = "clat_egress" | "clat_ingress" | "uplink_ingress" | "uplink_egress";

/** What `jool_siit file handle` takes beside the instance's name. */
export interface JoolConfig {
  readonly global: Readonly<Record<string, string | number | boolean>>;
  readonly eamt: readonly { readonly v4: string; readonly v6: string }[];
  /** IPv4 addresses that are never put behind the PREF64. */
  readonly denylist4: readonly string[];
}

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
      /** Seconds; then the kernel takes it away, unless it has been renewed (`OsDriver.renew`). Absent: for ever. */
      readonly lifetime?: number;
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
  /**
   * Puts a program of our fast path on a device's traffic control hook. `object` names the loaded object that it is of: one
   * for each CLAT, by its device. The object is loaded with the first of its programs, and goes with the driver.
   */
  | {
      readonly do: "bpf.attach";
      readonly object: string;
      readonly program: FastPathProgram;
      readonly dev: string;
      readonly hook: "ingress" | "egress";
    }
  /** A device of the kernel module nat46, with its rules (`local.v4 … remote.style RFC6052`), the first to be tried first. */
  | { readonly do: "nat46.device"; readonly name: string; readonly rules: readonly string[] }
  /** An instance of the kernel module Jool in its stateless mode. */
  | { readonly do: "jool.instance"; readonly name: string; readonly config: JoolConfig }
  /** Lets packets be forwarded by UFW, the host's own firewall. The comment marks the rule as ours. */
  | {
      readonly do: "ufw.route";
      /** Absent: any. */
      readonly inDev?: string;
      readonly outDev?: string;
      /** Prefixes; absent: any. */
      readonly source?: string;
      readonly destination?: string;
      readonly comment: string;
    }
  /** Creates a file (refused where it exists). `keep`: goes over one that exists, and stays when it is undone. */
  | {
      readonly do: "file.write";
      readonly path: string;
      readonly text: string;
      readonly mode?: number;
      readonly keep?: boolean;
    }
  /** Starts a long-running process and waits until it is ready. It goes with its driver (never outlives it). */
  | {
      readonly do: "process.start";
      readonly name: string;
      readonly command: readonly [string, ...string[]];
      readonly env?: Readonly<Record<string, string>>;
      /** Ready when a line of its output contains this; absent: at once, or when its link is there. */
      readonly ready?: string;
      /** A TUN that it makes, and that goes with it. */
      readonly link?: string;
      /** Files of effects that it reads when it starts. */
      readonly reads?: readonly string[];
      /** Milliseconds that it may take to end in order before it is killed; absent: 3 s. */
      readonly grace?: number;
    };

/** An effect, and in which network namespace (absent: the driver's own). */
export type Effect = EffectBody & { readonly in?: string };
