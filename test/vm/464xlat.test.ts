// 464XLAT on Debian's kernel. It knows no tcx, so that the eBPF engine attaches by clsact there. Each topology and each engine
// of our own is tried; all their pairs are where the processor is not emulated.

import { withEngine } from "../support/engines.js";
import { wholeTopology } from "./whole-topology.js";

await wholeTopology("464xlat, engine ebpf", "464xlat", withEngine("ebpf"));
await wholeTopology("464xlat-builtin, engine userspace", "464xlat-builtin", withEngine("userspace"));
