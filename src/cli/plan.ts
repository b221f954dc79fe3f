// `clatd plan`: what would be done, as commands that a person knows; nothing is touched.

import type { Config } from "../config/key-table.js";
import { createLog } from "../daemon/log.js";
import { planOnce } from "../daemon/plan-once.js";
import { describeEffect } from "../os/describe.js";
import type { Desired } from "../plan/desired.js";
import { engineField } from "./choose-engine.js";
import { appliedNow, linuxOs, pref64Sources } from "./compose.js";
import { exitCodes } from "./exit-code.js";
import { logTo } from "./log-to.js";
import { otherClatds } from "./other-clatds.js";
import { runtimeDir } from "./runtime-dir.js";
import { systemClock, systemRandom } from "./system-clock.js";
import type { Terminal } from "./terminal.js";

export async function plan(config: Config, terminal: Terminal): Promise<number> {
  const dir = await runtimeDir(process.env);
  await using os = linuxOs(config);
  const ending = new AbortController();
  const desired = await planOnce(
    config,
    {
      os,
      clock: systemClock,
      random: systemRandom,
      log: createLog(logTo(config, terminal)),
      sources: pref64Sources(config),
      engines: engineField(config, dir),
      applied: [...(await appliedNow(config, dir)).values()],
      others: otherClatds(config["clat-dev"], dir),
    },
    ending.signal,
  );
  terminal.out(planText(desired));
  return exitCodes.ok.code;
}

/** Facts as comments, commands as lines: the whole is a script that a person may read. */
export function planText(desired: Desired): string {
  if (desired.state === "waiting") return `# Nothing would be done now. ${desired.text}\n`;
  if (desired.state === "stopping") return "# Everything would be put back\n";
  const { pref64, origin, uplink, clatV4, clatV6, engine, mtu, relay, notes, plan: enginePlan } = desired;
  const lines = [
    `# PLAT ${pref64} (${origin}) over ${uplink}; CLAT ${clatV4} <-> ${clatV6}; engine ${engine}`,
    `# MTU: IPv4 ${mtu.v4}, IPv6 ${mtu.v6}`,
    ...(relay === undefined ? [] : [`# ${relayText(relay)}`]),
    ...notes.map((note) => `# Note: ${note}`),
    ...enginePlan.effects.flatMap(describeEffect),
  ];
  if (enginePlan.translator !== undefined) lines.push(`# clatd translates on ${enginePlan.translator.dev}`);
  return `${lines.join("\n")}\n`;
}

function relayText({ mappings, behind }: NonNullable<Extract<Desired, { state: "active" }>["relay"]>): string {
  const many = `${mappings} ${mappings === 1 ? "mapping" : "mappings"}`;
  return `Edge Relay for ${many}${behind.length === 0 ? "" : `; service addresses behind ${behind.join(", ")}`}`;
}
