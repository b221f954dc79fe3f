// `clatd translate`: the translator as a filter. Nothing of the host is looked at or touched.

import type { Config } from "../../config/key-table.js";
import type { Invocation } from "../arguments.js";
import { exitCodes } from "../exit-code.js";
import { type Pipe, processPipe } from "../pipe.js";
import type { Terminal } from "../terminal.js";
import { type KeysSet, toolSpec } from "../tool-spec.js";
import { translateCapture } from "./capture-files.js";
import { HexLines } from "./hex-lines.js";

/** A fuzzer's output can be anything: so many lines that are no packets are named, the rest is counted. */
const NAMED = 10;

export async function translate(
  config: Config,
  keysSet: KeysSet,
  { pcap }: Pick<Invocation, "pcap">,
  terminal: Terminal,
  pipe: Pipe = processPipe(),
): Promise<number> {
  const { spec, notes } = toolSpec(config, keysSet);
  const tell = (text: string): void => {
    if (config.quiet < 2) terminal.error(`clatd: ${text}\n`);
  };
  if (config.quiet === 0) for (const note of notes) tell(`note: ${note}`);
  if (pcap !== undefined) return translateCapture(config, spec, pcap, terminal, pipe);
  let bad = 0;
  const lines = new HexLines(spec, {
    seed: config.seed,
    onBadLine: (line, problem) => {
      bad++;
      if (bad <= NAMED) tell(`cannot read line ${line} as a packet: ${problem}; allowed: \`4 HEX\` or \`6 HEX\``);
    },
  });
  for await (const chunk of pipe.input) {
    const output = lines.push(chunk);
    if (output.length > 0 && !(await pipe.write(output))) return exitCodes.ok.code;
  }
  await pipe.write(lines.end());
  if (bad > NAMED) tell(`cannot read ${bad - NAMED} more lines as packets`);
  return bad === 0 ? exitCodes.ok.code : exitCodes.failed.code;
}
