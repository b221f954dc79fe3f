// Effects done and undone on the model. Throws Refusal, as the kernel would refuse.

import { ruleSlot } from "../canonical.js";
import type { Applied } from "../driver.js";
import type { Effect, Route } from "../effect.js";
import { localTableStays, type LinkBefore } from "../prepare.js";
import { sysctlRestore } from "../sysctl-restore.js";
import { addAddress, removeAddress } from "./addresses.js";
import type { FakeKernel } from "./kernel.js";
import { findLink } from "./link-state.js";
import { addLink, addVeth, removeLink, setMaster, setMtu, setUp } from "./links.js";
import { addRoute, removeRoute } from "./routes.js";
import { type FakeNetns, Refusal } from "./state.js";
import { writeSysctl } from "./sysctls.js";

/** Files, TUNs and processes are not here: they belong to the driver's process (fake-os.ts). */
export function doEffect(kernel: FakeKernel, ns: FakeNetns, effect: Effect): void {
  switch (effect.do) {
    case "netns.add":
      kernel.addNetns(effect.name);
      return;
    case "link.add":
      return doLinkAdd(kernel, ns, effect);
    case "link.set":
      return doLinkSet(kernel, ns, effect);
    case "address.add":
      return addAddress(kernel, ns, effect);
    case "route.add":
      return addRoute(kernel, ns, effect.route);
    case "route.withhold":
      return removeRoute(kernel, ns, effect.route);
    case "rule.add": {
      const slot = ruleSlot(effect.rule);
      if (ns.rules.some((rule) => ruleSlot(rule) === slot)) throw new Refusal("exists", "RTNETLINK answers: File exists");
      ns.rules.push(effect.rule);
      return kernel.tell(ns, "rule");
    }
    case "rule.withhold": {
      const slot = ruleSlot(effect.rule);
      const at = ns.rules.findIndex((rule) => ruleSlot(rule) === slot);
      if (at < 0) throw new Refusal("missing", "RTNETLINK answers: No such file or directory");
      ns.rules.splice(at, 1);
      return kernel.tell(ns, "rule");
    }
    case "neighbour.proxy":
      findLink(ns, effect.dev);
      ns.proxies.push({ dev: effect.dev, address: effect.address });
      return kernel.tell(ns, "neighbour");
    case "sysctl.set":
      return writeSysctl(kernel, ns, effect.key, effect.value);
    case "nft.table": {
      const key = `${effect.family} ${effect.name}`;
      if (ns.nft.has(key)) throw new Refusal("exists", "Could not process rule: File exists");
      ns.nft.set(key, { family: effect.family, name: effect.name, text: `table ${key} {\n${effect.body}\n}` });
      return kernel.tell(ns, "nft");
    }
    case "file.write":
    case "process.start":
      throw new RangeError(`${effect.do} belongs to the process`);
  }
}

function doLinkAdd(kernel: FakeKernel, ns: FakeNetns, effect: Effect & { do: "link.add" }): void {
  const { name, mtu, link } = effect;
  if (link.kind !== "veth") return void addLink(kernel, ns, { name, kind: link.kind, mtu });
  const peerNs = link.peerNetns === undefined ? ns : kernel.netns(link.peerNetns);
  addVeth(kernel, ns, { name, kind: "veth", mtu }, peerNs, link.peer);
}

function doLinkSet(kernel: FakeKernel, ns: FakeNetns, effect: Effect & { do: "link.set" }): void {
  const link = findLink(ns, effect.name);
  if (effect.mtu !== undefined) setMtu(kernel, ns, effect.name, effect.mtu);
  if (effect.master !== undefined) setMaster(kernel, ns, effect.name, effect.master);
  if (effect.up !== undefined) setUp(kernel, ns, effect.name, effect.up);
  for (const [name, on] of Object.entries(effect.features ?? {})) link.features.set(name, on);
}

/** What is gone already counts as undone; what somebody else changed since stays theirs. */
export function undoEffect(kernel: FakeKernel, ns: FakeNetns, applied: Applied): void {
  const { effect, undo } = applied;
  switch (effect.do) {
    case "netns.add":
      return tolerate(() => kernel.removeNetns(effect.name));
    case "link.add":
      // A TUN goes with its descriptor, and one without ours is somebody else's (fake-os.ts).
      return effect.link.kind === "tun" ? undefined : tolerate(() => removeLink(kernel, ns, effect.name));
    case "link.set":
      return undoLinkSet(kernel, ns, effect, undo);
    case "address.add":
      return tolerate(() => removeAddress(kernel, ns, effect.dev, effect.address));
    case "route.add":
      return tolerate(() => removeRoute(kernel, ns, effect.route));
    case "route.withhold": {
      const route = undo["route"];
      return tolerate(() => addRoute(kernel, ns, isRouteValue(route) ? route : effect.route));
    }
    case "rule.add": {
      if (effect.rule.table === 255 && !localTableStays(ns.rules.filter(({ family }) => family === effect.rule.family), effect.rule)) {
        throw new Refusal("denied", "no other rule looks up the local table, and the host would lose its own addresses; add one first");
      }
      const slot = ruleSlot(effect.rule);
      ns.rules = ns.rules.filter((rule) => ruleSlot(rule) !== slot);
      return kernel.tell(ns, "rule");
    }
    case "rule.withhold": {
      const slot = ruleSlot(effect.rule);
      if (ns.rules.some((rule) => ruleSlot(rule) === slot)) return;
      const protocol = undo["protocol"];
      ns.rules.push(typeof protocol === "string" ? { ...effect.rule, protocol } : effect.rule);
      return kernel.tell(ns, "rule");
    }
    case "neighbour.proxy":
      ns.proxies = ns.proxies.filter(({ dev, address }) => dev !== effect.dev || address !== effect.address);
      return kernel.tell(ns, "neighbour");
    case "sysctl.set":
      for (const [key, value] of sysctlRestore(applied, ns.sysctls)) tolerate(() => writeSysctl(kernel, ns, key, value));
      return;
    case "nft.table":
      ns.nft.delete(`${effect.family} ${effect.name}`);
      return kernel.tell(ns, "nft");
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
