// What the setters, `link.set` and `sysctl.set`, find before they change it: the values that their undoing puts back. A link
// that comes with the same list of effects has none, since all of it goes with it. How a sysctl goes back: sysctl-restore.ts.

import type { Effect } from "./effect.js";
import { forwardingKeys, type Outlook } from "./outlook.js";
import { missing } from "./refusals.js";
import type { LinkState } from "./snapshot.js";
import { forwardingTrap, parseDeviceKey } from "./sysctl.js";

/** A link.set's undo: the properties that it changes, as they were. `master` null: none. */
export interface LinkBefore {
  readonly up?: boolean;
  readonly mtu?: number;
  readonly master?: string | null;
  readonly features?: Readonly<Record<string, boolean>>;
}

/** A sysctl.set's undo. Absent `before`: the device comes with the same list, and goes with it. */
export interface SysctlBefore {
  readonly before?: string;
  /** The forwarding trap: every key that changes with this one. */
  readonly others?: Readonly<Record<string, string>>;
}

/** What is not in a snapshot, and so is asked for. */
export interface PriorSource {
  sysctl(key: string, netns: string | undefined): Promise<string | undefined>;
  /** Whether the named ethtool features are on. */
  features(
    dev: string,
    names: readonly string[],
    netns: string | undefined,
  ): Promise<Readonly<Record<string, boolean>>>;
}

export async function linkBefore(
  effect: Effect & { do: "link.set" },
  outlook: Outlook,
  source: PriorSource,
): Promise<LinkBefore> {
  const link: LinkState | "fresh" | undefined = outlook.links.get(effect.name) ?? (outlook.fresh ? "fresh" : undefined);
  if (link === undefined) throw missing(effect, "there is no link of that name");
  // Its properties go with it, and the link goes with the list.
  if (link === "fresh" && effect.name !== "lo") return {};
  const before = link === "fresh" ? { up: false, mtu: 65_536, master: undefined } : link;
  return {
    ...(effect.up === undefined || effect.up === before.up ? {} : { up: before.up }),
    ...(effect.mtu === undefined || effect.mtu === before.mtu ? {} : { mtu: before.mtu }),
    ...(effect.master === undefined || effect.master === before.master ? {} : { master: before.master ?? null }),
    ...(effect.features === undefined
      ? {}
      : { features: await source.features(effect.name, Object.keys(effect.features), effect.in) }),
  };
}

export async function sysctlBefore(
  effect: Effect & { do: "sysctl.set" },
  outlook: Outlook,
  source: PriorSource,
): Promise<SysctlBefore> {
  if (outlook.fresh) return {};
  const dev = parseDeviceKey(effect.key)?.dev;
  if (dev !== undefined && outlook.links.get(dev) === "fresh") return {};
  const before = outlook.sysctls.get(effect.key) ?? (await source.sysctl(effect.key, effect.in));
  if (before === undefined) throw missing(effect, "there is no such sysctl here");
  const trap = forwardingTrap(effect.key);
  if (trap === undefined) return { before };
  const others = Object.fromEntries(
    forwardingKeys(outlook.sysctls.keys(), trap)
      .filter((key) => key !== effect.key)
      .map((key) => [key, outlook.sysctls.get(key) ?? before]),
  );
  if (trap === "ipv4") {
    const redirects = "net.ipv4.conf.all.accept_redirects";
    const value = await source.sysctl(redirects, effect.in);
    if (value !== undefined) others[redirects] = value;
  }
  return { before, others };
}
