// The engines whose translator is our own, from the best to the last resort.

import { ebpfEngine } from "./ebpf/plan.js";
import type { Engine } from "./engine.js";
import { classicUserspaceEngine, ledUserspaceEngine } from "./userspace/plan.js";

/** @param plumbing `classic`: BPF programs are not wanted for leading packets, only where they translate */
export function ownEngines(plumbing: "auto" | "classic"): readonly Engine[] {
  const userspace = plumbing === "classic" ? [classicUserspaceEngine] : [ledUserspaceEngine, classicUserspaceEngine];
  return [ebpfEngine, ...userspace];
}
