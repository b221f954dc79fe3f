// The eBPF engine: the plain packets are translated in the kernel by the programs of the fast path, the others by the
// translator of this process (DESIGN §5).

import { planPrograms, probePrograms } from "../bpf-plumbing.js";
import type { Engine } from "../engine.js";

export const ebpfEngine: Engine = {
  name: "ebpf",
  probe: probePrograms,
  plan: (placement, spec) => planPrograms(placement, spec),
};
