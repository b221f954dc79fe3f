// A simulation that stands where most tests begin.

import { Simulation, simulated } from "../../../src/simulation/simulation.js";
import { configOf } from "../plan/facts-of.js";

/** A host with its first prefix, the daemon not started yet. Its engine is userspace, unless `settings` says another one. */
export async function onNetwork(...settings: string[]): Promise<Simulation> {
  const simulation = new Simulation({ config: configOf("engine=userspace", "plumbing=classic", ...settings) });
  simulation.router.bring(simulated.prefix);
  await simulation.pass(2000);
  return simulation;
}

/** The daemon is active. */
export async function active(...settings: string[]): Promise<Simulation> {
  const simulation = await onNetwork(...settings);
  simulation.start();
  await simulation.until("active");
  return simulation;
}

/** The log lines of the daemon and the actors' notes, without those that only debugging shows. */
export function story(simulation: Simulation): string[] {
  return simulation.transcript.lines
    .filter((line) => !/clatd (?:[-+~]|still) /.test(line))
    .map((line) => line.slice(10));
}
