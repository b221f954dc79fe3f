// The values in use of keys that were left to clatd (`auto`, `detected`): what script-up and script-down find in their
// environment. Read off the plan itself, so that they cannot differ from what is done. Pure.

import { type Config, type KeyName, keySpec } from "../config/key-table.js";
import type { EngineName } from "../engine/engine.js";
import { addressOf } from "../os/canonical.js";
import type { Effect, Route } from "../os/effect.js";
import { defaultRateLimit } from "../xlat/rate-limit.js";
import type { TranslationSpec } from "../xlat/spec.js";
import { defaultRouteOf } from "./ipv4-side.js";
import type { Standing } from "./placement.js";

export type ValuesInUse = Partial<Record<KeyName, string>>;

export interface Plan {
  readonly config: Config;
  readonly engine: EngineName;
  readonly uplink: string;
  readonly standing: Standing;
  readonly spec: TranslationSpec;
  /** Octets: what the IPv4 side may send. */
  readonly mtuV4: number;
  /** All of them, in the order of doing. */
  readonly effects: readonly Effect[];
}

export function valuesInUse({ config, engine, uplink, standing, spec, mtuV4, effects }: Plan): ValuesInUse {
  const { own } = standing;
  const route = defaultRouteOf(config, mtuV4);
  const rate = config["icmp-rate-limit"];
  return {
    engine: text("engine", engine),
    plumbing: text("plumbing", effects.some((effect) => effect.do === "bpf.attach") ? "auto" : "classic"),
    ctmark: text("ctmark", markIn(effects)),
    "clat-v4-addr": own.v4,
    "clat-v6-addr": own.v6.address,
    "plat-prefix": spec.pref64s[0] ?? "",
    "plat-dev": uplink,
    "proxynd-enable": text("proxynd-enable", effects.some(isAnsweredFor(own.v6.address, uplink))),
    // Replacing the host's own default routes means not to wait for them to go.
    "v4-conncheck-enable": text(
      "v4-conncheck-enable",
      config["v4-conncheck-enable"] && !config["v4-defaultroute-replace"],
    ),
    ...routeValues(route),
    "ipv4-mtu": text("ipv4-mtu", spec.mtuV4),
    "ipv6-mtu": text("ipv6-mtu", spec.mtuV6),
    "icmp6-source": spec.translatorV6 ?? own.v6.address,
    "icmp-rate-limit": text("icmp-rate-limit", rate === "auto" ? defaultRateLimit.perSecond : rate),
    relay: text("relay", relayKind(standing)),
    ...(engine === "tayga" ? { "tayga-conffile": fileIn(effects) } : {}),
  };
}

function text<K extends KeyName>(name: K, value: Config[K]): string {
  return keySpec(name).type.format(value);
}

function routeValues({ mtu = 0, advmss = 0 }: Route): ValuesInUse {
  return {
    "v4-defaultroute-mtu": text("v4-defaultroute-mtu", mtu),
    "v4-defaultroute-advmss": text("v4-defaultroute-advmss", advmss),
  };
}

/** 0: nothing is marked; an address of its own needs none, and neither does the fast path. */
function markIn(effects: readonly Effect[]): number {
  for (const effect of effects)
    if (effect.do === "rule.add" && effect.rule.fwmark !== undefined) return effect.rule.fwmark;
  return 0;
}

function fileIn(effects: readonly Effect[]): string {
  return effects.find((effect) => effect.do === "file.write")?.path ?? "";
}

/** By proxy-ND, or, with the fast path, since the uplink has the address. */
function isAnsweredFor(address: string, uplink: string): (effect: Effect) => boolean {
  return (effect) =>
    (effect.do === "neighbour.proxy" && effect.address === address) ||
    (effect.do === "address.add" && effect.dev === uplink && addressOf(effect.address) === address);
}

/** `auto` where some of the service addresses are here and some behind. */
function relayKind({ relay }: Standing): Config["relay"] {
  if (relay.behind.length === 0) return "node";
  return relay.ownIsHosted || relay.hosted.length > 0 ? "auto" : "network";
}
