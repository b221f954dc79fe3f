// The engine suite on every engine that this machine has.

import { engines } from "./engines.js";
import { engineSuite } from "./suite.js";

await engineSuite(engines);
