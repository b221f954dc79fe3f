// clatlab's command line. Pure.

import { instead } from "../schema/mistake.js";
import { type CommandName, commandNames, options } from "./help.js";

export interface Flags {
  readonly json: boolean;
  readonly keep: boolean;
  readonly mermaid: boolean;
  readonly schema: boolean;
}

export type Invocation =
  | { readonly command: "help" | "version" }
  | { readonly command: "list"; readonly flags: Flags }
  /** Not for people: what `up` starts in the background. */
  | { readonly command: "keep"; readonly topology: string }
  | { readonly command: "up" | "down" | "check" | "run" | "graph"; readonly topology: string; readonly flags: Flags }
  | {
      readonly command: "exec";
      readonly topology: string;
      readonly node: string;
      readonly words: readonly [string, ...string[]];
    }
  | { readonly command: "shell"; readonly topology: string; readonly node: string };

/** A command line that cannot be understood. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

const flagNames: Readonly<Record<string, keyof Flags>> = {
  "-j": "json",
  "--json": "json",
  "--keep": "keep",
  "--mermaid": "mermaid",
  "--schema": "schema",
};

/** The commands that an option goes with. */
const commandsOf = (word: string): readonly CommandName[] =>
  options.find(({ short, long }) => word === short || word === long)?.goesWith ?? [];

/** A single letter is near every other one. */
function insteadOf(option: string, command: CommandName): string {
  const names = options
    .filter(({ goesWith }) => goesWith === undefined || goesWith.includes(command))
    .flatMap(({ short, long }) => (short === undefined ? [long] : [short, long]));
  const known = `known: ${names.join(", ")}`;
  return option.length > 2 ? instead(option, names) : known;
}

export function parseArguments(words: readonly string[]): Invocation {
  const first = words.findIndex((word) => !word.startsWith("-"));
  const before = first < 0 ? words : words.slice(0, first);
  const [name, ...rest] = first < 0 ? [] : words.slice(first);
  if (words.length === 0 || name === "help") return { command: "help" };
  if (name === "keep") return { command: "keep", topology: rest[0] ?? "" };
  // What follows the node belongs to the command that is run there.
  const own = [...before, ...(name === "exec" ? rest.slice(0, 2) : rest)];
  if (own.includes("-h") || own.includes("--help")) return { command: "help" };
  if (own.includes("-V") || own.includes("--version")) return { command: "version" };
  if (name === undefined)
    throw new UsageError(`Cannot use option "${words[0]}": the command is missing; known: ${commandNames.join(", ")}`);
  const command = commandNames.find((known) => known === name);
  if (command === undefined) throw new UsageError(`Cannot do "${name}": ${instead(name, commandNames)}`);
  const flags = { json: false, keep: false, mermaid: false, schema: false };
  const operands: string[] = [];
  for (const word of own) {
    const flag = flagNames[word];
    if (flag === undefined && word.startsWith("-"))
      throw new UsageError(`Cannot use option "${word}": ${insteadOf(word, command)}`);
    if (flag === undefined) operands.push(word);
    else if (commandsOf(word).includes(command)) flags[flag] = true;
    else
      throw new UsageError(
        `Cannot use option "${word}" with "${command}": it goes with ${commandsOf(word).join(", ")}`,
      );
  }
  return withOperands(command, operands, command === "exec" ? rest.slice(2) : [], flags);
}

function withOperands(
  command: CommandName,
  operands: readonly string[],
  words: readonly string[],
  flags: Flags,
): Invocation {
  const [topology, node, ...more] = operands;
  if (command === "list") {
    if (topology !== undefined) throw new UsageError(`Cannot list "${topology}": list takes no operand`);
    return { command, flags };
  }
  if (topology === undefined)
    throw new UsageError(`Cannot ${command}: the topology is missing; "clatlab list" shows them`);
  if (command !== "exec" && command !== "shell") {
    if (node !== undefined) throw new UsageError(`Cannot ${command} "${node}" too: one topology at a time`);
    return { command, topology, flags };
  }
  if (node === undefined)
    throw new UsageError(
      `Cannot ${command}: the node is missing; write "clatlab ${command} ${topology} ${command === "exec" ? "NODE COMMAND" : "NODE"}"`,
    );
  if (command === "shell") {
    if (more.length > 0) throw new UsageError(`Cannot use "${more.join(" ")}": shell takes a topology and a node`);
    return { command, topology, node };
  }
  const [program, ...rest] = words[0] === "--" ? words.slice(1) : words;
  if (program === undefined)
    throw new UsageError(`Cannot exec: the command is missing; write "clatlab exec ${topology} ${node} COMMAND"`);
  return { command, topology, node, words: [program, ...rest] };
}
