// `npm run bench`: untranslated IPv6, clatd's engines and TAYGA in turn, beside each other on two kinds of links; the full
// chain, SIIT-DC and large mapping tables apart. Exit codes: 0 measured, whatever came of it; 2 could not.

import { writeFile } from "node:fs/promises";
import { runCampaign } from "./campaign.js";
import { planText, totalSeconds } from "./estimate.js";
import { parseOptions } from "./options.js";
import { durationText } from "./remaining.js";
import { jsonReport, markdownReport } from "./report.js";
import { whereTimeGoes } from "./time-profile.js";
import { usage } from "./usage.js";

const say = (line: string): void => void process.stderr.write(`bench: ${line}\n`);

/** With the minutes and seconds since the start. */
function progress(line: string): void {
  const seconds = Math.floor(performance.now() / 1000);
  say(`${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")} ${line}`);
}

async function bench(argv: readonly string[]): Promise<number> {
  if (argv.includes("--help") || argv.includes("-h")) {
    process.stdout.write(usage());
    return 0;
  }
  const options = parseOptions(argv);
  if (typeof options === "string") {
    say(`${options}\n${usage()}`);
    return 2;
  }
  if (options.profileTime !== undefined) {
    process.stdout.write(await whereTimeGoes(options.profileTime, options, progress));
    return 0;
  }
  if (options.plan) {
    process.stdout.write(planText(options));
    return 0;
  }
  progress(`profile ${options.profile.name}: some ${durationText(totalSeconds(options))}`);
  const outcome = await runCampaign(options, progress);
  const text = markdownReport(outcome, options.profile);
  if (options.out !== undefined) await writeFile(options.out, text);
  const json = (): string => `${JSON.stringify(jsonReport(outcome, options.profile), undefined, 2)}\n`;
  process.stdout.write(options.json ? json() : `${text}\n`);
  return 0;
}

try {
  process.exitCode = await bench(process.argv.slice(2));
} catch (error) {
  say(error instanceof Error ? error.message : String(error));
  process.exitCode = 2;
}
