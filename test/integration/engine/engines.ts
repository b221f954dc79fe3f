// The engines that the suite tries, and what each needs to be at work without the daemon.

import { ebpfHost } from "../../../src/engine/ebpf/host.js";
import { ebpfEngine } from "../../../src/engine/ebpf/plan.js";
import type { Engine, TranslatorHost } from "../../../src/engine/engine.js";
import { joolEngine } from "../../../src/engine/jool/plan.js";
import { nat46Engine } from "../../../src/engine/nat46/plan.js";
import { taygaEngine } from "../../../src/engine/tayga/plan.js";
import { classicUserspaceEngine, ledUserspaceEngine } from "../../../src/engine/userspace/plan.js";
import { linkFacts } from "../../../src/os/linux/bpf/link-facts.js";
import type { Network } from "./network.js";

export const engines: readonly Engine[] = [
  ebpfEngine,
  ledUserspaceEngine,
  classicUserspaceEngine,
  taygaEngine({ command: "tayga", dir: "/run" }),
  nat46Engine,
  joolEngine,
];

export function translatorsOf({ os, place }: Pick<Network, "os" | "place">): TranslatorHost {
  return ebpfHost({
    tun: (name) => os.tun(name, "host"),
    fastPath: (name) => os.fastPath(name, "host"),
    link: (name) => linkFacts(name, place.netnsFile("host")),
  });
}
