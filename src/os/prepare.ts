// Preparing effects, the same for every driver: refuse what is there already, note what the undo will need. What is
// refused here was not there before, and so a revert of something that was journalled but never done takes nothing away
// that belongs to others.

import { addressSlot, ruleSlot } from "./canonical.js";
import { nat46Control } from "./describe.js";
import { type Applied, OsError } from "./driver.js";
import type { Effect, Route } from "./effect.js";
import { isAttached, isRoute } from "./identity.js";
import { localTableNeeded, localTableStays } from "./local-table.js";
import { assume, freshOutlook, type Outlook, outlookOf, proxyKey, slotTaken } from "./outlook.js";
import { linkBefore, type PriorSource, sysctlBefore } from "./prior-values.js";
import { denied, missing, refuse, refuseLink, unsupported } from "./refusals.js";
import type { NetSnapshot } from "./snapshot.js";

/** What preparing asks a driver. */
export interface PrepareSource extends PriorSource {
  snapshot(netns: string | undefined): Promise<NetSnapshot>;
  netnsExists(name: string): Promise<boolean>;
  fileExists(path: string): Promise<boolean>;
  /** A command, by its path or its name in $PATH. */
  programExists(program: string): Promise<boolean>;
  /** Why no TUN can be opened. */
  tunObstacle(): Promise<string | undefined>;
  /** Why nft cannot be called. */
  nftObstacle(): Promise<string | undefined>;
  /** Why the kernel module Jool cannot be used, or its tool is not there. */
  joolObstacle(): Promise<string | undefined>;
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
      const obstacle = effect.link.kind === "tun" ? await source.tunObstacle() : undefined;
      if (obstacle !== undefined) throw missing(effect, obstacle);
      return {};
    }
    case "link.set":
      return { ...(await linkBefore(effect, await outlookFor(effect.in), source)) };
    case "address.add":
      refuse(
        effect,
        (await outlookFor(effect.in)).addresses.has(addressSlot(effect.dev, effect.address)),
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

function withheldRule(effect: Effect & { do: "rule.withhold" }, outlook: Outlook): Readonly<Record<string, unknown>> {
  const slot = ruleSlot(effect.rule);
  const found = outlook.rules.find((rule) => ruleSlot(rule) === slot);
  if (found === undefined) throw missing(effect, "there is no such rule");
  if (effect.rule.table === 255 && !localTableStays(outlook.rules, effect.rule)) {
    throw denied(effect, localTableNeeded);
  }
  return { ...(found.protocol === undefined ? {} : { protocol: found.protocol }) };
}
