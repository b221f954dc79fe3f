// Where the CLAT stands in this host: configuration and facts → what the engine's plumbing needs, and what to translate.

import { translationPolicy } from "../config/translation-policy.js";
import type { Placement } from "../engine/engine.js";
import { formatPrefix } from "../net/prefix.js";
import type { Rule } from "../os/effect.js";
import { parseDeviceKey } from "../os/sysctl.js";
import type { TranslationSpec } from "../xlat/spec.js";
import { type Facts, setByUs } from "./facts.js";
import { nextHopOf } from "./next-hop.js";
import type { OwnPair } from "./own-pair.js";
import type { Relay } from "./relay.js";

/** The mark that the Perl clatd took too. */
const defaultMark = 0xc1a7;

export interface Uplink {
  readonly dev: string;
  /** Octets. */
  readonly mtu: number;
  /** The host's own address there. */
  readonly source?: string;
}

/** Who this is, and for whom. */
export interface Standing {
  readonly own: Extract<OwnPair, { ok: true }>;
  readonly relay: Relay;
}

export function placementOf(facts: Facts, uplink: Uplink, { own, relay }: Standing): Placement {
  const { config } = facts;
  const clatV6 = own.v6;
  // A mapping's address is given, though the key that gives one is not set.
  const sharedByKey = config["clat-v6-addr"].how === "shared" && !own.mapped;
  const ctmark = config.ctmark === "auto" ? (sharedByKey ? defaultMark : 0) : config.ctmark;
  const proxyNd = config["proxynd-enable"] === "auto" ? !clatV6.shared : config["proxynd-enable"];
  const forwardingKey = "net.ipv6.conf.all.forwarding";
  const forwardingOff = facts.snapshot.sysctls[forwardingKey] !== "1" || setByUs(facts, forwardingKey);
  return {
    clatDev: config["clat-dev"],
    uplink: uplink.dev,
    clatV6,
    clatV4: own.v4,
    ctmark,
    routeTable: config["route-table"],
    forwarding: config["forwarding-enable"],
    proxyNd,
    uplinkMtu: uplink.mtu,
    acceptRa: forwardingOff ? devicesThatTakeRa(facts) : [],
    forwardingOff,
    localRuleMoved: localRuleMoved(facts),
    ...(facts.snapshot.ufw === true ? { ufw: true } : {}),
    ...(relay.also.length === 0 ? {} : { also: relay.also }),
    ...(relay.proxied.length === 0 ? {} : { alsoProxied: relay.proxied }),
    uplinks: uplinksOf(facts, uplink.dev),
    ...nextHop(facts, uplink.dev),
  };
}

function nextHop(facts: Facts, uplink: string): Pick<Placement, "nextHop"> {
  const [first] = facts.pref64?.found === true ? facts.pref64.prefixes : [];
  const hop = first === undefined ? undefined : nextHopOf(facts, first, uplink);
  return hop === undefined ? {} : { nextHop: hop };
}

/** As many as the fast path knows (src/engine/ebpf/encode.ts). */
const mostUplinks = 16;

/**
 * Where IPv6 from beyond a link may come in: the uplink, and every device with a route over a gateway, or a default route.
 * Nobody but the PLAT and routers on the way to it has anything for the CLAT.
 */
function uplinksOf({ config, snapshot }: Facts, uplink: string): readonly string[] {
  const devices = snapshot.routes.flatMap(({ family, dev, via, destination, type }) => {
    const leads = family === 6 && (type ?? "unicast") === "unicast" && (via !== undefined || destination === "default");
    return !leads || dev === undefined || dev === config["clat-dev"] || dev === "lo" ? [] : [dev];
  });
  const others = new Set(devices.filter((dev) => dev !== uplink && snapshot.links.some(({ name }) => name === dev)));
  return [uplink, ...[...others].toSorted()].slice(0, mostUplinks);
}

const localTable = 255;

/** Away from its place at the head, and not by us. */
function localRuleMoved({ snapshot, applied }: Facts): boolean {
  const isIt = (rule: Rule): boolean => rule.family === 6 && rule.priority === 0 && rule.table === localTable;
  const byUs = applied.some(({ effect }) => effect.do === "rule.withhold" && isIt(effect.rule));
  return !byUs && !snapshot.rules.some(isIt);
}

/**
 * Devices whose accept_ra is 1, or would be but for us: a host that forwards is deaf to Router Advertisements there. Not
 * `default`: a device that comes later is treated when it comes, and then its own value can be put back.
 */
function devicesThatTakeRa(facts: Facts): readonly string[] {
  return Object.entries(facts.snapshot.sysctls).flatMap(([key, value]) => {
    const about = parseDeviceKey(key);
    if (about?.family !== "ipv6" || about.name !== "accept_ra") return [];
    const { dev } = about;
    if (dev === "all" || dev === "default" || dev === "lo" || dev === facts.config["clat-dev"]) return [];
    return value === "1" || setByUs(facts, key) ? [dev] : [];
  });
}

export function specOf(
  facts: Facts,
  prefixes: readonly string[],
  uplink: Uplink,
  { own, relay }: Standing,
): TranslationSpec {
  const { config } = facts;
  const clat = own.mapped ? undefined : { v4: own.v4, v6: own.v6.address };
  const policy = translationPolicy(config, { uplinkMtu: uplink.mtu, ...(clat === undefined ? {} : { clat }) });
  return {
    pref64s: prefixes,
    ...policy,
    ...(config["icmp6-source"] === "auto" ? { translatorV6: errorSource(uplink, { own, relay }) } : {}),
    ...(config["source-filter"] ? { inside: relay.inside.map(formatPrefix) } : {}),
  };
}

/** The address of a node behind this host does not speak for the host. */
function errorSource(uplink: Uplink, { own, relay }: Standing): string {
  return relay.ownIsHosted ? own.v6.address : (uplink.source ?? own.v6.address);
}
