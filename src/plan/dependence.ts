// Which effects stand on which: what the kernel forgets by itself when a link, an address or "up" goes.

import { addressOf } from "../os/canonical.js";
import type { Effect } from "../os/effect.js";
import type { NetSnapshot } from "../os/snapshot.js";
import { parseDeviceKey } from "../os/sysctl.js";

/** What others may stand on while this effect is applied. */
export function providesOf(effect: Effect): readonly string[] {
  switch (effect.do) {
    case "link.add":
      return [at(effect, `link ${effect.name}`), ...peerOf(effect)];
    case "nat46.device":
      return [at(effect, `link ${effect.name}`)];
    case "process.start":
      return effect.link === undefined ? [] : [at(effect, `link ${effect.link}`)];
    case "netns.add":
      return [`netns ${effect.name}`];
    case "file.write":
      return [`file ${effect.path}`];
    case "link.set":
      return effect.up === true ? [at(effect, `up ${effect.name}`)] : [];
    case "address.add":
      return [at(effect, `address ${addressOf(effect.address)}`)];
    default:
      return [];
  }
}

/** A veth's other end comes and goes with it. */
function peerOf(effect: Effect & { do: "link.add" }): readonly string[] {
  const { link } = effect;
  if (link.kind !== "veth") return [];
  const netns = link.peerNetns ?? effect.in;
  return [netns === undefined ? `link ${link.peer}` : `${netns}: link ${link.peer}`];
}

/** What this effect stands on. An address survives its link's going down (IPv4); a route does not. */
export function needsOf(effect: Effect): readonly string[] {
  const link = linkOf(effect);
  const needs = link === undefined ? [] : [at(effect, `link ${link}`)];
  if (effect.in !== undefined) needs.push(`netns ${effect.in}`);
  if (effect.do === "link.add" && effect.link.kind === "veth" && effect.link.peerNetns !== undefined) {
    needs.push(`netns ${effect.link.peerNetns}`);
  }
  if (effect.do === "process.start") needs.push(...(effect.reads ?? []).map((path) => `file ${path}`));
  if (effect.do === "route.add") {
    if (effect.route.dev !== undefined) needs.push(at(effect, `up ${effect.route.dev}`));
    if (effect.route.source !== undefined) needs.push(at(effect, `address ${effect.route.source}`));
  }
  return needs;
}

/** False where the effect's link is gone from the system, and the effect with it. */
export function linkLives(effect: Effect, snapshot: NetSnapshot): boolean {
  if (effect.in !== undefined) return true;
  const link = linkOf(effect);
  return link === undefined || snapshot.links.some(({ name }) => name === link);
}

/** The link without which the effect cannot be. A rule's `iif` is only a name that need not exist. */
function linkOf(effect: Effect): string | undefined {
  switch (effect.do) {
    case "link.set":
      return effect.name;
    case "address.add":
    case "neighbour.proxy":
    case "bpf.attach":
      return effect.dev;
    case "route.add":
    case "route.withhold":
      return effect.route.dev;
    case "sysctl.set": {
      const dev = parseDeviceKey(effect.key)?.dev;
      return dev === "all" || dev === "default" ? undefined : dev;
    }
    default:
      return undefined;
  }
}

function at(effect: Effect, what: string): string {
  return effect.in === undefined ? what : `${effect.in}: ${what}`;
}
