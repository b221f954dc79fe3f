// Which engines there are: the daemon chooses among them.

import type { Config } from "../config/key-table.js";
import type { EngineField } from "../daemon/engine-choice.js";
import type { Engine } from "../engine/engine.js";
import { joolEngine } from "../engine/jool/plan.js";
import { nat46Engine } from "../engine/nat46/plan.js";
import { ownEngines } from "../engine/own-engines.js";
import { taygaEngine } from "../engine/tayga/plan.js";

/** @param dir for files that go with the daemon */
export function engineField(config: Config, dir: string): EngineField {
  // From the best to the last resort.
  const engines = [...ownEngines(config.plumbing), taygaOf(config, dir), nat46Engine, joolEngine];
  return { wanted: config.engine, engines };
}

/** Where `cmd-tayga` is empty it is there only to say why it does not run. */
function taygaOf(config: Config, dir: string): Engine {
  const conffile = config["tayga-conffile"];
  const command = config["cmd-tayga"];
  const tayga = taygaEngine({ command: command ?? "", dir, ...(conffile === undefined ? {} : { conffile }) });
  if (command !== undefined) return tayga;
  return { ...tayga, probe: async () => ({ ok: false, reason: "cmd-tayga is empty, so TAYGA is not to be called" }) };
}
