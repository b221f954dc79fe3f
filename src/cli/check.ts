// `clatd check FILE`: what clatd makes of a configuration file, without doing anything.

import { formatMistake } from "../config/mistake.js";
import type { Invocation } from "./arguments.js";
import { exitCodes } from "./exit-code.js";
import { defaultFile, readConfig } from "./read-config.js";
import { styles, type Terminal } from "./terminal.js";

export async function check(invocation: Invocation, terminal: Terminal): Promise<number> {
  // Here the default file has to be there: somebody asks what is in it.
  const file = invocation.file ?? defaultFile;
  const loaded = await readConfig({ file, settings: invocation.settings });
  const style = styles(terminal.colours);
  for (const mistake of loaded.ok ? loaded.warnings : loaded.mistakes) terminal.error(`${formatMistake(mistake)}\n`);
  if (!loaded.ok) {
    const errors = loaded.mistakes.filter(({ severity }) => severity === "error").length;
    terminal.error(`${file}: ${style.bad(`${errors} ${errors === 1 ? "error" : "errors"}`)}\n`);
    return exitCodes.usage.code;
  }
  const keys = loaded.places.size;
  const mappings = loaded.config.eam.length;
  const many = mappings === 0 ? "" : `, ${mappings} ${mappings === 1 ? "mapping" : "mappings"}`;
  terminal.out(`${file}: ${style.good("good")}, ${keys} ${keys === 1 ? "key is" : "keys are"} set${many}\n`);
  return exitCodes.ok.code;
}
