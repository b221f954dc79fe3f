// From the command line to the exit code. Each command is loaded when it is called for: `clatd status` has no use for a
// translator.

import type { Loaded } from "../config/load.js";
import { formatMistake } from "../config/mistake.js";
import { type Invocation, parseArguments } from "./arguments.js";
import { exitCodes } from "./exit-code.js";
import { type HangUps, holdHangUps } from "./hang-ups.js";
import type { Terminal } from "./terminal.js";

/** Never rejects; what goes wrong is said on the terminal. @param hangUps which only the daemon listens to */
export async function main(
  argv: readonly string[],
  terminal: Terminal,
  hangUps: HangUps = holdHangUps(process),
): Promise<number> {
  const parsed = parseArguments(argv);
  if (!parsed.ok || parsed.invocation.command !== "run") hangUps.release();
  if (!parsed.ok) {
    for (const mistake of parsed.mistakes) terminal.error(`clatd: error: ${mistake}\n`);
    return exitCodes.usage.code;
  }
  try {
    return await dispatch(parsed.invocation, terminal, hangUps);
  } catch (error) {
    terminal.error(`clatd: error: ${error instanceof Error ? error.message : String(error)}\n`);
    return exitCodes.failed.code;
  }
}

async function dispatch(invocation: Invocation, terminal: Terminal, hangUps: HangUps): Promise<number> {
  switch (invocation.command) {
    case "help": {
      const { helpText } = await import("./help.js");
      terminal.out(helpText());
      return exitCodes.ok.code;
    }
    case "version": {
      const { packageVersion } = await import("./version.js");
      terminal.out(`clatd ${packageVersion()}\n`);
      return exitCodes.ok.code;
    }
    case "check": {
      const { check } = await import("./check.js");
      return check(invocation, terminal);
    }
    case "status": {
      const { status } = await import("./status.js");
      return status(invocation, terminal);
    }
    default:
      return withConfig(invocation, terminal, hangUps);
  }
}

async function withConfig(invocation: Invocation, terminal: Terminal, hangUps: HangUps): Promise<number> {
  const { judge, readSources } = await import("./read-config.js");
  const read = await readSources(invocation, isTool(invocation) ? "tools" : "daemon");
  const loaded = judge(read);
  tellMistakes(loaded, invocation, terminal);
  if (!loaded.ok) return exitCodes.usage.code;
  const { config } = loaded;
  switch (invocation.command) {
    case "plan": {
      if (invocation.simulate) {
        const { simulate } = await import("./simulate.js");
        return simulate(config, terminal);
      }
      const { plan } = await import("./plan.js");
      return plan(config, terminal);
    }
    case "probe": {
      const { probe } = await import("./probe.js");
      return probe(config, invocation, terminal);
    }
    case "cleanup": {
      const { cleanup } = await import("./cleanup.js");
      return cleanup(config, terminal);
    }
    case "translate": {
      const { translate } = await import("./translate/translate.js");
      return translate(config, loaded.places, invocation, terminal);
    }
    case "explain": {
      const { explain } = await import("./explain/explain.js");
      return explain(config, loaded.places, invocation, terminal);
    }
    default: {
      const { run } = await import("./run.js");
      return run(config, { invocation, read }, terminal, hangUps);
    }
  }
}

function isTool({ command }: Invocation): boolean {
  return command === "translate" || command === "explain";
}

/** Warnings are for those who start it or check it, and not for who asked for quiet. */
function tellMistakes(loaded: Loaded, { command }: Invocation, terminal: Terminal): void {
  if (loaded.ok && (loaded.config.quiet >= 2 || command === "cleanup")) return;
  for (const mistake of loaded.ok ? loaded.warnings : loaded.mistakes) {
    terminal.error(`clatd: ${formatMistake(mistake)}\n`);
  }
}
