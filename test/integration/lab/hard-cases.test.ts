// The topology hard-cases: what translators get wrong, and ours does not.

import { describe } from "vitest";
import { loadTopology } from "../../../lab/topology-file.js";
import { ownEngines } from "../../support/engines.js";
import { eachCheck } from "./each-check.js";

const topology = await loadTopology("hard-cases");

describe.each(ownEngines)("hard-cases with engine=%s", (engine) => eachCheck(topology, engine));
