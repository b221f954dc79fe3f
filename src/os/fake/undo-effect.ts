// Effects undone on the model. Throws Refusal, as the kernel would refuse.

import { canonicalRule, ruleSlot } from "../canonical.js";
import type { Applied } from "../driver.js";
import type { Effect, Route } from "../effect.js";
import { isAttached } from "../identity.js";
import { localTableNeeded, localTableStays } from "../local-table.js";
import type { LinkBefore } from "../prior-values.js";
import { sysctlRestore } from "../sysctl-restore.js";
import { ufwWords } from "../ufw-words.js";
import { removeAddress } from "./addresses.js";
import type { FakeKernel } from "./kernel.js";
import { removeLink, setMaster, setMtu, setUp } from "./links.js";
import { addRoute, removeRoute } from "./routes.js";
import { type FakeNetns, Refusal } from "./state.js";
import { writeSysctl } from "./write-sysctl.js";

/** What is gone already counts as undone; what somebody else changed since stays theirs. */
export function undoEffect(kernel: FakeKernel, ns: FakeNetns, applied: Applied): void {
  const { effect, undo } = applied;
  switch (effect.do) {
    case "netns.add":
      tolerate(() => kernel.removeNetns(effect.name));
      return;
    case "link.add":
      // A TUN goes with its descriptor, and one without ours is somebody else's (fake-os.ts).
      if (effect.link.kind !== "tun") tolerate(() => removeLink(kernel, ns, effect.name));
      return;
    case "link.set":
      undoLinkSet(kernel, ns, effect, undo);
      return;
    case "address.add":
      tolerate(() => removeAddress(kernel, ns, effect.dev, effect.address));
      return;
    case "route.add":
      tolerate(() => removeRoute(kernel, ns, effect.route));
      return;
    case "route.withhold": {
      const route = undo["route"];
      tolerate(() => addRoute(kernel, ns, isRouteValue(route) ? route : effect.route));
      return;
    }
    case "rule.add": {
      if (effect.rule.table === 255 && !localTableStays(ns.rules, effect.rule)) {
        throw new Refusal("denied", localTableNeeded);
      }
      const slot = ruleSlot(effect.rule);
      ns.rules = ns.rules.filter((rule) => ruleSlot(rule) !== slot);
      kernel.tell(ns, "rule");
      return;
    }
    case "rule.withhold": {
      const slot = ruleSlot(effect.rule);
      if (ns.rules.some((rule) => ruleSlot(rule) === slot)) return;
      const protocol = undo["protocol"];
      const rule = canonicalRule(effect.rule);
      ns.rules.push(typeof protocol === "string" ? { ...rule, protocol } : rule);
      kernel.tell(ns, "rule");
      return;
    }
    case "neighbour.proxy":
      ns.proxies = ns.proxies.filter(({ dev, address }) => dev !== effect.dev || address !== effect.address);
      kernel.tell(ns, "neighbour");
      return;
    case "sysctl.set":
      for (const [key, value] of sysctlRestore(applied, ns.sysctls))
        tolerate(() => writeSysctl(kernel, ns, key, value));
      return;
    case "nft.table":
      ns.nft.delete(`${effect.family} ${effect.name}`);
      kernel.tell(ns, "nft");
      return;
    case "nat46.device":
      tolerate(() => removeLink(kernel, ns, effect.name));
      return;
    case "jool.instance":
      ns.jool.delete(effect.name);
      return;
    case "bpf.attach":
      // A tcx link is its owner's alone (fake-os.ts); a filter is there for whoever knows its place.
      ns.programs = ns.programs.filter((program) => program.by !== "clsact" || !isAttached(effect, program));
      return;
    case "ufw.route":
      if (undo["theirs"] !== true) ns.ufw?.delete(ufwWords(effect).join(" "));
      return;
    case "file.write":
    case "process.start":
      throw new RangeError(`${effect.do} belongs to the process`);
  }
}

function undoLinkSet(kernel: FakeKernel, ns: FakeNetns, effect: Effect & { do: "link.set" }, before: LinkBefore): void {
  const link = ns.links.get(effect.name);
  if (link === undefined) return;
  if (before.up !== undefined && link.up === effect.up) setUp(kernel, ns, effect.name, before.up);
  if (before.master !== undefined && link.master === effect.master) {
    tolerate(() => setMaster(kernel, ns, effect.name, before.master ?? undefined));
  }
  if (before.mtu !== undefined && link.mtu === effect.mtu) setMtu(kernel, ns, effect.name, before.mtu);
  for (const [name, value] of Object.entries(before.features ?? {})) {
    if (link.features.get(name) === effect.features?.[name]) link.features.set(name, value);
  }
}

function tolerate(work: () => void): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof Refusal) || (error.code !== "missing" && error.code !== "exists")) throw error;
  }
}

function isRouteValue(value: unknown): value is Route {
  return typeof value === "object" && value !== null && "destination" in value && "table" in value;
}
