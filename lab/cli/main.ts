// Dispatches clatlab's commands. Errors for people end here: one message, exit code 2.

import { keep } from "../keep.js";
import { version } from "../programs.js";
import { TopologyError } from "../schema/mistake.js";
import { parseArguments, UsageError } from "./arguments.js";
import { check, down, exec, graph, list, run, shell, up } from "./commands.js";
import { HELP } from "./help.js";

const COULD_NOT_RUN = 2;

export async function main(words: readonly string[]): Promise<number> {
  try {
    const invocation = parseArguments(words);
    switch (invocation.command) {
      case "help":
        process.stdout.write(HELP);
        return 0;
      case "version":
        process.stdout.write(`clatlab ${version()}\n`);
        return 0;
      case "list":
        return await list(invocation.flags);
      case "keep":
        await keep(invocation.topology);
        return Number(process.exitCode ?? 0);
      case "up":
        return await up(invocation.topology);
      case "down":
        return await down(invocation.topology);
      case "check":
        return await check(invocation.topology, invocation.flags);
      case "run":
        return await run(invocation.topology, invocation.flags);
      case "graph":
        return await graph(invocation.topology, invocation.flags);
      case "exec":
        return await exec(invocation.topology, invocation.node, invocation.words);
      case "shell":
        return await shell(invocation.topology, invocation.node);
    }
  } catch (error) {
    process.stderr.write(`clatlab: ${messageOf(error)}\n`);
    return COULD_NOT_RUN;
  }
}

function messageOf(error: unknown): string {
  if (error instanceof UsageError) return `${error.message}\nTry "clatlab --help".`;
  if (error instanceof TopologyError || process.env["DEBUG"] === undefined)
    return error instanceof Error ? error.message : String(error);
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
