// `clatd plan --simulate`: the daemon with this configuration on a simulated host, in an IPv6-only network with a PLAT.
// It comes up, an application uses it, it ends. The transcript is the output: needs no root, and is always the same.

import type { Config } from "../config/key-table.js";
import { ownEngines } from "../engine/own-engines.js";
import { Simulation, simulated } from "../simulation/simulation.js";
import { exitCodes } from "./exit-code.js";
import type { Terminal } from "./terminal.js";

export async function simulate(config: Config, terminal: Terminal): Promise<number> {
  const { engine } = config;
  const engines = new Set<string>(ownEngines(config.plumbing).map(({ name }) => name));
  if (engine !== "auto" && !engines.has(engine)) {
    const has = `the simulated host has clatd's own engines only, ${[...engines].join(" and ")}`;
    terminal.error(`clatd: error: cannot simulate engine=${engine}: ${has}\n`);
    return exitCodes.usage.code;
  }
  const simulation = new Simulation({ config });
  // The PLAT of that network is where the configuration says that there is one.
  const given = config["plat-prefix"] ?? config["plat-fallback-prefix"];
  if (given !== undefined) simulation.plat.pref64 = given;
  simulation.router.bring(simulated.prefix);
  simulation.start();
  const active = await isActive(simulation, config);
  if (active) {
    await simulation.application.request({ protocol: "icmp" });
    await simulation.application.request({ protocol: "udp" });
  }
  if (simulation.alive) await simulation.stop();
  terminal.out(`${simulation.transcript}`);
  return active ? exitCodes.ok.code : exitCodes.failed.code;
}

async function isActive(simulation: Simulation, config: Config): Promise<boolean> {
  const patience = 15_000 + config["v4-conncheck-delay"] * 1000;
  try {
    await simulation.until("active", patience);
    return true;
  } catch {
    // Why not is in the transcript.
    return false;
  }
}
