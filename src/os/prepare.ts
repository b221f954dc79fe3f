// Preparing effects, the same for every driver: refuse what is there already, note what the undo will need. What is
// refused here was not there before, and so a revert of something that was journalled but never done takes nothing away
// that belongs to others.

import { ruleSlot } from "./canonical.js";
import { cannot, nat46Control } from "./describe.js";
import { type Applied, OsError } from "./driver.js";
import type { Effect, Route } from "./effect.js";
import { isAttached, isRoute } from "./identity.js";
import {
  addressKey,
  assume,
  forwardingKeys,
  freshOutlook,
  type Outlook,
  outlookOf,
  proxyKey,
  slotTaken,
} from "./outlook.js";
import type { LinkState, NetSnapshot } from "./snapshot.js";
import { forwardingTrap, parseDeviceKey } from "./sysctl.js";

/** What preparing asks a driver. */
export interface PrepareSource {
  snapshot(netns: string | undefined): Promise<NetSnapshot>;
  sysctl(key: string, netns: string | undefined): Promise<string | undefined>;
  netnsExists(name: string): Promise<boolean>;
  fileExists(path: string): Promise<boolean>;
  /** A command, by its path or its name in $PATH. */
  programExists(program: string): Promise<boolean>;
  /** Why nft cannot be called. */
  nftObstacle(): Promise<string | undefined>;
  /** Why the kernel module Jool cannot be used, or its tool is not there. */
  joolObstacle(): Promise<string | undefined>;
  /** Whether the named ethtool features are on. */
  features(
    dev: string,
    names: readonly string[],
    netns: string | undefined,
  ): Promise<Readonly<Record<string, boolean>>>;
  /** Whose such a rule of UFW is that is there now. */
  ufwOwner(effect: Effect & { do: "ufw.route" }): Promise<"ours" | "theirs" | undefined>;
  /** All that is needed to bring back exactly this route, which is there now. */
  withheld(route: Route, netns: string | undefined): Promise<Readonly<Record<string, unknown>>>;
  /**
   * All that is needed to take this program off again, from another process too. Refuses what the kernel will not load.
   * `fresh`: the device is not there yet.
   */
  program(effect: Effect & { do: "bpf.attach" }, fresh: boolean): Promise<Readonly<Record<string, unknown>>>;
}

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

export async function prepareEffects(effects: readonly Effect[], source: PrepareSource): Promise<Applied[]> {
  const outlooks = new Map<string, Outlook>();
  const names = new Set<string>();
  const outlookFor = async (netns: string | undefined): Promise<Outlook> => {
    const key = netns ?? "";
    const known = outlooks.get(key);
    if (known !== undefined) return known;
    const made = netns !== undefined && names.has(netns) ? freshOutlook() : outlookOf(await source.snapshot(netns));
    outlooks.set(key, made);
    return made;
  };
  const prepared: Applied[] = [];
  const seen = new Set<string>();
  for (const effect of effects) {
    prepared.push({ effect, undo: await undoOf(effect, source, outlookFor, seen).catch(naming(effect)) });
    if (effect.do === "netns.add") names.add(effect.name);
    if (effect.do === "link.add" && effect.link.kind === "veth" && effect.link.peerNetns !== undefined) {
      (await outlookFor(effect.link.peerNetns)).links.set(effect.link.peer, "fresh");
    }
    if (looksAtNetwork(effect)) assume(await outlookFor(effect.in), effect);
  }
  return prepared;
}

/** What an error is about, for who has to tell whose fault it is. */
function naming(effect: Effect): (error: unknown) => never {
  return (error) => {
    if (!(error instanceof OsError) || error.effect !== undefined) throw error;
    throw error.with({ effect });
  };
}

function looksAtNetwork(effect: Effect): boolean {
  if (effect.do === "process.start") return effect.link !== undefined;
  return effect.do !== "netns.add" && effect.do !== "jool.instance" && effect.do !== "file.write";
}

async function undoOf(
  effect: Effect,
  source: PrepareSource,
  outlookFor: (netns: string | undefined) => Promise<Outlook>,
  seen: Set<string>,
): Promise<Readonly<Record<string, unknown>>> {
  switch (effect.do) {
    case "netns.add":
      refuse(
        effect,
        seen.has(`netns ${effect.name}`) || (await source.netnsExists(effect.name)),
        "there is one already",
      );
      seen.add(`netns ${effect.name}`);
      return {};
    case "link.add": {
      const outlook = await outlookFor(effect.in);
      refuse(effect, outlook.links.has(effect.name), "there is one of that name already; choose another name");
      if (effect.link.kind === "veth") {
        const { peer, peerNetns } = effect.link;
        const there = peerNetns === undefined ? outlook : await outlookFor(peerNetns);
        refuse(effect, there.links.has(peer), `its peer "${peer}" is there already; choose another name`);
      }
      return {};
    }
    case "link.set":
      return { ...(await linkBefore(effect, await outlookFor(effect.in), source)) };
    case "address.add":
      refuse(
        effect,
        (await outlookFor(effect.in)).addresses.has(addressKey(effect)),
        "File exists; the device has it already",
      );
      return {};
    case "route.add":
      refuse(
        effect,
        slotTaken(await outlookFor(effect.in), effect.route),
        "File exists; a route with that destination and metric is there already",
      );
      return {};
    case "route.withhold": {
      const { routes } = await outlookFor(effect.in);
      if (!routes.some((route) => isRoute(route, effect.route))) throw missing(effect, "there is no such route");
      return source.withheld(effect.route, effect.in);
    }
    case "rule.add": {
      const { rules } = await outlookFor(effect.in);
      refuse(
        effect,
        rules.some((rule) => ruleSlot(rule) === ruleSlot(effect.rule)),
        "File exists; there is an equal rule already",
      );
      return {};
    }
    case "rule.withhold":
      return withheldRule(effect, await outlookFor(effect.in));
    case "neighbour.proxy":
      refuse(effect, (await outlookFor(effect.in)).proxies.has(proxyKey(effect)), "File exists; there is one already");
      return {};
    case "sysctl.set":
      return { ...(await sysctlBefore(effect, await outlookFor(effect.in), source)) };
    case "nft.table": {
      // Told now, it needs no undoing, which could not be done without nft either.
      const obstacle = await source.nftObstacle();
      if (obstacle !== undefined) throw missing(effect, obstacle);
      const { nft } = await outlookFor(effect.in);
      refuse(
        effect,
        nft.has(`${effect.family} ${effect.name}`),
        "there is a table of that name already; `clatd cleanup` removes what an earlier clatd left",
      );
      return {};
    }
    case "bpf.attach": {
      const { links, programs } = await outlookFor(effect.in);
      const link = links.get(effect.dev);
      if (link === undefined) throw missing(effect, "there is no link of that name");
      refuse(
        effect,
        programs.some((program) => isAttached(effect, program)),
        "it is there already",
      );
      return source.program(effect, link === "fresh");
    }
    case "nat46.device":
      if (!(await source.fileExists(nat46Control))) {
        throw unsupported(effect, `the kernel has no nat46 (${nat46Control} does not exist); load the module`);
      }
      refuseLink(effect, effect.name, await outlookFor(effect.in));
      return {};
    case "jool.instance": {
      const obstacle = await source.joolObstacle();
      if (obstacle !== undefined) throw unsupported(effect, obstacle);
      return {};
    }
    case "ufw.route":
      // A rule that somebody else has made does as well, and stays.
      return (await source.ufwOwner(effect)) === "theirs" ? { theirs: true } : {};
    case "file.write":
      refuse(
        effect,
        effect.keep !== true && (seen.has(effect.path) || (await source.fileExists(effect.path))),
        "it exists; it will not be overwritten",
      );
      seen.add(effect.path);
      return {};
    case "process.start": {
      const [program] = effect.command;
      if (!(await source.programExists(program))) throw missing(effect, `${program} is not installed`);
      if (effect.link !== undefined) refuseLink(effect, effect.link, await outlookFor(effect.in));
      return {};
    }
  }
}

function refuse(effect: Effect, when: boolean, why: string): void {
  if (when) throw new OsError("exists", cannot(effect, why));
}

function refuseLink(effect: Effect, name: string, { links }: Outlook): void {
  refuse(effect, links.has(name), `there is a device "${name}" already; choose another name`);
}

function unsupported(effect: Effect, why: string): OsError {
  return new OsError("unsupported", cannot(effect, why));
}

function missing(effect: Effect, why: string): OsError {
  return new OsError("missing", cannot(effect, why));
}

async function linkBefore(
  effect: Effect & { do: "link.set" },
  outlook: Outlook,
  source: PrepareSource,
): Promise<LinkBefore> {
  const link: LinkState | "fresh" | undefined = outlook.links.get(effect.name) ?? (outlook.fresh ? "fresh" : undefined);
  if (link === undefined) throw missing(effect, `there is no link of that name`);
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

/**
 * Without a rule that looks up the local table a host does not know its own addresses any more: neither packets nor
 * neighbour solicitations for them are answered. So another such rule must stand before this one goes.
 */
function withheldRule(effect: Effect & { do: "rule.withhold" }, outlook: Outlook): Readonly<Record<string, unknown>> {
  const slot = ruleSlot(effect.rule);
  const found = outlook.rules.find((rule) => ruleSlot(rule) === slot);
  if (found === undefined) throw missing(effect, "there is no such rule");
  if (effect.rule.table === 255 && !localTableStays(outlook.rules, effect.rule)) {
    throw new OsError("denied", cannot(effect, localTableNeeded));
  }
  return { ...(found.protocol === undefined ? {} : { protocol: found.protocol }) };
}

/** Why such a rule cannot go, be it that it is withheld or that one of ours is undone. */
export const localTableNeeded =
  "no other rule looks up the local table, and the host would lose its own addresses; add one first";

/** Whether, without `rule`, a rule for all packets still looks up the local table. */
export function localTableStays(
  rules: Outlook["rules"] | NetSnapshot["rules"],
  rule: Outlook["rules"][number],
): boolean {
  const slot = ruleSlot(rule);
  return rules.some(
    (other) =>
      other.family === rule.family &&
      other.table === 255 &&
      other.from === undefined &&
      other.to === undefined &&
      other.iif === undefined &&
      other.fwmark === undefined &&
      ruleSlot(other) !== slot,
  );
}

async function sysctlBefore(
  effect: Effect & { do: "sysctl.set" },
  outlook: Outlook,
  source: PrepareSource,
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
