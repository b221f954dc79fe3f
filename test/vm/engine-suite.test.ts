// The engine suite for the engine that only this kernel has the module of.

import { joolEngine } from "../../src/engine/jool/plan.js";
import { engineSuite } from "../integration/engine/suite.js";

await engineSuite([joolEngine]);
