// Facts in, desired state out: the brain of the daemon, pure (no clock, no I/O, no randomness).

import { findUplink } from "../discovery/uplink.js";
import type { EngineName, EnginePlan, Placement } from "../engine/engine.js";
import { routeSlot } from "../os/canonical.js";
import type { Route } from "../os/effect.js";
import type { TranslationSpec } from "../xlat/spec.js";
import type { Desired } from "./desired.js";
import { type Facts, nativeIpv4, othersDefaultRoutes, withoutOurAddresses } from "./facts.js";
import { firewallNotes } from "./firewall-note.js";
import { valuesInUse } from "./in-use.js";
import { defaultRouteOf, ipv4Side } from "./ipv4-side.js";
import { ownPair } from "./own-pair.js";
import { placementOf, specOf } from "./placement.js";
import { relayOf } from "./relay.js";
import * as wait from "./waiting.js";

/** The engine that was chosen, as far as the plan needs it. */
export interface PlanningEngine {
  readonly name: EngineName;
  plan(placement: Placement, spec: TranslationSpec): EnginePlan;
}

/** What to bring about. That the daemon stops is its own decision: then nothing is wanted. */
export function desire(seen: Facts, engine: PlanningEngine): Desired {
  const facts = withoutOurAddresses(seen);
  if (facts.failure !== undefined) return wait.waiting("failed", facts.failure.text, facts.failure.again);
  return obstacle(facts) ?? withPref64(facts, engine);
}

/** The host's own IPv4 comes first: where it is there, nobody needs to know whether there is a PLAT. */
function obstacle(facts: Facts): Desired | undefined {
  const { config } = facts;
  if (!config["v4-conncheck-enable"] || config["v4-defaultroute-replace"]) return undefined;
  const delay = config["v4-conncheck-delay"];
  if (facts.uptime < delay * 1000) return wait.waitingForConncheck(delay, delay * 1000 - facts.uptime);
  const native = nativeIpv4(facts);
  return native === undefined ? undefined : wait.waitingForNative(native);
}

function withPref64(facts: Facts, engine: PlanningEngine): Desired {
  const { pref64 } = facts;
  if (pref64 === undefined) return wait.waitingForStart();
  if (!pref64.found) return wait.waitingForPref64(facts, pref64.reason);
  const first = pref64.prefixes[0];
  if (first === undefined) return wait.waitingForPref64(facts, `${pref64.origin} gave an empty list`);

  const { config, snapshot, route } = facts;
  const at = { pref64: first, snapshot, clatDev: config["clat-dev"] };
  const uplink = findUplink({ ...at, route, platDev: config["plat-dev"] });
  if (!uplink.ok) return wait.waitingForUplink(facts, uplink.reason);
  const own = ownPair({ facts, pref64: first, uplink });
  if (!own.ok) return wait.waitingForAddress(own.reason);

  const relay = relayOf(facts, own, uplink.dev);
  const standing = { own, relay };
  const placement = placementOf(facts, uplink, standing);
  const spec = specOf(facts, pref64.prefixes, uplink, standing);
  const plan = engine.plan(placement, spec);
  const mtuV4 = Math.min(spec.mtuV4, plan.ipv4RouteMtu ?? spec.mtuV4);
  const taken = routeInPlaceOfOurs(facts, mtuV4);
  if (taken !== undefined) return wait.waitingForRoute(taken);
  const effects = [...plan.effects, ...ipv4Side(facts, standing, mtuV4)];
  const mappings = config.eam.length;
  return {
    state: "active",
    pref64: first,
    origin: pref64.origin,
    uplink: uplink.dev,
    clatV4: own.v4,
    clatV6: own.v6.address,
    engine: engine.name,
    mtu: { v4: mtuV4, v6: spec.mtuV6 },
    ...(mappings + relay.behind.length === 0 ? {} : { relay: { mappings, behind: relay.behind } }),
    notes: [...relay.notes, ...(plan.notes ?? []), ...firewallNotes(config["clat-dev"], plan, snapshot)],
    inUse: valuesInUse({ config, engine: engine.name, uplink: uplink.dev, standing, spec, mtuV4, effects }),
    plan: { ...plan, effects },
    engineEffects: plan.effects,
  };
}

/** The kernel takes one route of a metric, and the first clatd has it. */
function routeInPlaceOfOurs(facts: Facts, mtuV4: number): Route | undefined {
  if (!facts.config["v4-defaultroute-enable"]) return undefined;
  const ours = routeSlot(defaultRouteOf(facts.config, mtuV4));
  return othersDefaultRoutes(facts).find((route) => routeSlot(route) === ours);
}
