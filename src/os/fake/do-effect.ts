// Effects done on the model. Throws Refusal, as the kernel would refuse.

import { canonicalRule, ruleSlot } from "../canonical.js";
import { directMac } from "../describe.js";
import type { Effect } from "../effect.js";
import { deviceKey } from "../sysctl.js";
import { ufwWords } from "../ufw-words.js";
import { addAddress } from "./addresses.js";
import type { FakeKernel } from "./kernel.js";
import { findLink } from "./link-state.js";
import { addLink, addVeth, setMaster, setMtu, setUp } from "./links.js";
import { addRoute, removeRoute } from "./routes.js";
import { type FakeNetns, Refusal } from "./state.js";
import { writeSysctl } from "./write-sysctl.js";

const nat46Mtu = 16_384;

/** Files, TUNs and processes are not here: they belong to the driver's process (fake-os.ts). */
export function doEffect(kernel: FakeKernel, ns: FakeNetns, effect: Effect): void {
  switch (effect.do) {
    case "netns.add":
      kernel.addNetns(effect.name);
      return;
    case "link.add":
      doLinkAdd(kernel, ns, effect);
      return;
    case "link.set":
      doLinkSet(kernel, ns, effect);
      return;
    case "address.add":
      addAddress(kernel, ns, effect);
      return;
    case "route.add":
      addRoute(kernel, ns, effect.route);
      return;
    case "route.withhold":
      removeRoute(kernel, ns, effect.route);
      return;
    case "rule.add": {
      const slot = ruleSlot(effect.rule);
      if (ns.rules.some((rule) => ruleSlot(rule) === slot))
        throw new Refusal("exists", "RTNETLINK answers: File exists");
      ns.rules.push(canonicalRule(effect.rule));
      kernel.tell(ns, "rule");
      return;
    }
    case "rule.withhold": {
      const slot = ruleSlot(effect.rule);
      const at = ns.rules.findIndex((rule) => ruleSlot(rule) === slot);
      if (at < 0) throw new Refusal("missing", "RTNETLINK answers: No such file or directory");
      ns.rules.splice(at, 1);
      kernel.tell(ns, "rule");
      return;
    }
    case "neighbour.proxy":
      findLink(ns, effect.dev);
      if (!ns.sysctls.has(deviceKey("ipv6", effect.dev, "disable_ipv6")))
        throw new Refusal("failed", "RTNETLINK answers: No buffer space available");
      ns.proxies.push({ dev: effect.dev, address: effect.address });
      kernel.tell(ns, "neighbour");
      return;
    case "sysctl.set":
      writeSysctl(kernel, ns, effect.key, effect.value);
      return;
    case "nft.table": {
      const key = `${effect.family} ${effect.name}`;
      if (ns.nft.has(key)) throw new Refusal("exists", "Could not process rule: File exists");
      ns.nft.set(key, { family: effect.family, name: effect.name, text: `table ${key} {\n${effect.body}\n}` });
      kernel.tell(ns, "nft");
      return;
    }
    case "nat46.device":
      // A device of a kind that has no name.
      addLink(kernel, ns, { name: effect.name, kind: "none", mtu: nat46Mtu });
      return;
    case "jool.instance":
      ns.jool.set(effect.name, effect.config);
      return;
    case "ufw.route": {
      const rule = ufwWords(effect).join(" ");
      if (ns.ufw?.has(rule) === false) ns.ufw.set(rule, effect.comment);
      return;
    }
    case "bpf.attach":
    case "file.write":
    case "process.start":
      throw new RangeError(`${effect.do} belongs to the process`);
  }
}

function doLinkAdd(kernel: FakeKernel, ns: FakeNetns, effect: Effect & { do: "link.add" }): void {
  const { name, mtu, link } = effect;
  if (link.kind !== "veth") return void addLink(kernel, ns, { name, kind: link.kind, mtu });
  const peerNs = link.peerNetns === undefined ? ns : kernel.netns(link.peerNetns);
  const mac = link.direct === true ? directMac : undefined;
  addVeth(kernel, ns, { name, kind: "veth", mtu, mac }, peerNs, link.peer);
}

function doLinkSet(kernel: FakeKernel, ns: FakeNetns, effect: Effect & { do: "link.set" }): void {
  const link = findLink(ns, effect.name);
  if (effect.mtu !== undefined) setMtu(kernel, ns, effect.name, effect.mtu);
  if (effect.master !== undefined) setMaster(kernel, ns, effect.name, effect.master);
  if (effect.up !== undefined) setUp(kernel, ns, effect.name, effect.up);
  for (const [name, on] of Object.entries(effect.features ?? {})) link.features.set(name, on);
}
