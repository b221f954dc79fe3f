// Which engines there are: the daemon chooses among them.

import type { Config } from "../config/key-table.js";
import type { EngineField } from "../daemon/engine-choice.js";
import { joolEngine } from "../engine/jool/plan.js";
import { nat46Engine } from "../engine/nat46/plan.js";
import { ownEngines } from "../engine/own-engines.js";
import { taygaEngine } from "../engine/tayga/plan.js";

/** @param dir for files that go with the daemon */
export function engineField(config: Config, dir: string): EngineField {
  const conffile = config["tayga-conffile"];
  const tayga = taygaEngine({ command: config["cmd-tayga"], dir, ...(conffile === undefined ? {} : { conffile }) });
  // From the best to the last resort.
  return { wanted: config.engine, engines: [...ownEngines(config.plumbing), tayga, nat46Engine, joolEngine] };
}
