// Cuts a list of effects into runs that one command can do: `ip -batch` for many, one shell for many sysctls. Pure.

import type { Applied } from "../driver.js";
import type { Effect } from "../effect.js";

/** `rule6`: IPv6 rules; a batch line cannot name its family, and a rule's selectors do not tell it. */
type Tool = "netns" | "ip" | "rule6" | "sysctl" | "nft" | "alone";

export interface Group {
  readonly tool: Tool;
  readonly netns: string | undefined;
  readonly members: readonly Applied[];
}

export function groupEffects(list: readonly Applied[]): Group[] {
  const groups: { tool: Tool; netns: string | undefined; members: Applied[] }[] = [];
  for (const applied of list) {
    const tool = toolFor(applied.effect);
    const netns = tool === "netns" || isVeth(applied.effect) ? undefined : applied.effect.in;
    const last = groups.at(-1);
    if (last !== undefined && last.tool === tool && last.netns === netns && tool !== "alone")
      last.members.push(applied);
    else groups.push({ tool, netns, members: [applied] });
  }
  return groups;
}

/**
 * Groups that follow each other, cut where one must wait for all before it. What is inside different named namespaces
 * does not wait for each other: a lab of many nodes is done at once, a lane a namespace.
 */
export function lanesOf(groups: readonly Group[]): Group[][][] {
  const stages: { parallel: boolean; lanes: Map<string, Group[]> }[] = [];
  for (const group of groups) {
    const parallel = group.netns !== undefined && group.tool !== "alone";
    let stage = stages.at(-1);
    if (stage === undefined || !parallel || !stage.parallel) {
      stage = { parallel, lanes: new Map() };
      stages.push(stage);
    }
    const lane = stage.lanes.get(group.netns ?? "") ?? [];
    stage.lanes.set(group.netns ?? "", lane);
    lane.push(group);
  }
  return stages.map(({ lanes }) => [...lanes.values()]);
}

/** A veth is made from outside, with the namespaces of both its ends named, so that a lab's links are one batch. */
function isVeth(effect: Effect): boolean {
  return effect.do === "link.add" && effect.link.kind === "veth";
}

function toolFor(effect: Effect): Tool {
  switch (effect.do) {
    case "netns.add":
      return "netns";
    case "link.add":
      return effect.link.kind === "tun" ? "alone" : "ip";
    case "link.set":
      return effect.features === undefined ? "ip" : "alone";
    case "address.add":
    case "route.add":
    case "route.withhold":
    case "neighbour.proxy":
      return "ip";
    case "rule.add":
    case "rule.withhold":
      return effect.rule.family === 6 ? "rule6" : "ip";
    case "sysctl.set":
      return "sysctl";
    case "nft.table":
      return "nft";
    case "bpf.attach":
    case "nat46.device":
    case "jool.instance":
    case "ufw.route":
    case "file.write":
    case "process.start":
      return "alone";
  }
}
