// `clatd check FILE`: what clatd makes of a configuration file, without doing anything.

import type { Loaded } from "../config/load.js";
import { formatMistake } from "../config/mistake.js";
import type { Invocation } from "./arguments.js";
import { exitCodes } from "./exit-code.js";
import { defaultFile, judge, readSources } from "./read-config.js";
import { styles, type Terminal } from "./terminal.js";

/** @param byDefault what is looked at where no file is named */
export async function check(invocation: Invocation, terminal: Terminal, byDefault = defaultFile): Promise<number> {
  // Here the default file has to be there: somebody asks what is in it.
  const file = invocation.file ?? byDefault;
  const read = await readSources({ file, settings: invocation.settings });
  if (invocation.file === undefined && read.problem !== undefined) {
    // Nobody has named it, so it is nothing that is wrong on the command line.
    terminal.error(`clatd: error: ${read.problem.text}; \`clatd check FILE\` looks over another file\n`);
    return exitCodes.usage.code;
  }
  const loaded = judge(read);
  const style = styles(terminal.colours);
  const quiet = loaded.ok ? quietHere(loaded) : 0;
  if (quiet < 2) {
    for (const mistake of loaded.ok ? loaded.warnings : loaded.mistakes) terminal.error(`${formatMistake(mistake)}\n`);
  }
  if (!loaded.ok) {
    const errors = loaded.mistakes.filter(({ severity }) => severity === "error").length;
    terminal.error(`${file}: ${style.bad(`${errors} ${errors === 1 ? "error" : "errors"}`)}\n`);
    return exitCodes.usage.code;
  }
  if (quiet > 0) return exitCodes.ok.code;
  // -q and -d are keys, too, but not of this file.
  const keys = [...loaded.places.values()].filter((place) => place.in === "file").length;
  const mappings = loaded.config.eam.length;
  const many = mappings === 0 ? "" : `, ${mappings} ${mappings === 1 ? "mapping" : "mappings"}`;
  terminal.out(`${file}: ${style.good("good")}, ${keys} ${keys === 1 ? "key is" : "keys are"} set${many}\n`);
  return exitCodes.ok.code;
}

/** As the command line has it: a file that makes the daemon quiet is looked over aloud. */
function quietHere({ config, places }: Extract<Loaded, { ok: true }>): number {
  return places.get("quiet")?.in === "arguments" ? config.quiet : 0;
}
