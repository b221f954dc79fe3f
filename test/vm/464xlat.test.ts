// 464XLAT on Debian's kernel, by both engines of our own. It knows no tcx, so that programs are attached by clsact there. The
// other topologies are tried where the processor is not emulated.

import { ownEngines, withEngine } from "../support/engines.js";
import { wholeTopology } from "./whole-topology.js";

for (const engine of ownEngines) await wholeTopology(`464xlat, engine ${engine}`, "464xlat", withEngine(engine));
