// What the shells complete, out of the tables: one shape for both programs, which bash.mjs, zsh.mjs and fish.mjs write down.
import { optionOf } from "./tables.mjs";

/**
 * @typedef {{ readonly from: "words", readonly words: readonly string[] } | { readonly from: "files" | "devices" } | undefined} Source
 * @typedef {{ readonly names: readonly string[], readonly help: string, readonly takes: readonly Source[],
 *   readonly commands?: readonly string[] }} Option `commands`: those that it goes with; absent: all
 * @typedef {{ readonly name: string, readonly help: string, readonly operands: readonly Operand[] }} Command
 * @typedef {{ readonly from: "words", readonly words: readonly string[] } | { readonly from: "files" | "devices" } |
 *   { readonly from: "topologies" } | { readonly from: "nodes" } | { readonly from: "programs" } | { readonly from: "anything" }} Operand
 * @typedef {{ readonly name: string, readonly help: string, readonly value: Source }} Setting
 * @typedef {{ readonly name: string, readonly commands: readonly Command[], readonly options: readonly Option[],
 *   readonly settings: readonly Setting[],
 *   readonly topologies: readonly { readonly name: string, readonly title: string, readonly nodes: readonly string[] }[] }} Program
 */

/** @type {{ readonly from: "files" }} */
const files = { from: "files" };

/**
 * What the words behind a command of clatd are, by the name that its help has for them.
 * @type {Readonly<Record<string, (explained: import("./tables.mjs").Tables["explained"]) => Operand[]>>}
 */
const operandsOf = {
  FILE: () => [files],
  "[DEVICE]": () => [{ from: "devices" }],
  WHAT: ({ reasonNames }) => [{ from: "words", words: reasonNames }],
};

/** @param {import("./tables.mjs").Tables} tables @returns {Program} */
export function clatdWords({ words, help, keys, explained }) {
  return {
    name: "clatd",
    commands: words.commandNames.map((name) => ({
      name,
      help: words.commands[name],
      operands: operandsOf[help.subjects[name]?.trim() ?? ""]?.(explained) ?? [],
    })),
    options: help.options.map(([usage, says]) => {
      const { names, takes } = optionOf(usage);
      // The help of an option that goes with some commands only begins with their names.
      const before = /^([a-z]+(?:, [a-z]+)*): /.exec(says)?.[1]?.split(", ") ?? [];
      const owners = words.commandNames.filter((name) => before.includes(name));
      return {
        names,
        help: says,
        takes: takes.map(() => files),
        ...(owners.length === 0 ? {} : { commands: owners }),
      };
    }),
    settings: keys.keyNames.map((name) => {
      const spec = keys.keySpec(name);
      return { name, help: spec.help, value: spec.type.completion };
    }),
    topologies: [],
  };
}

/** @param {import("./tables.mjs").Tables} tables @returns {Program} */
export function clatlabWords({ lab, topologies }) {
  return {
    name: "clatlab",
    commands: lab.commandNames.map((name) => ({
      name,
      help: lab.commands[name].help,
      operands: lab.commands[name].takes.split(" ").flatMap((word) => operand(word)),
    })),
    options: lab.options.map(({ short, long, help, goesWith }) => ({
      names: short === undefined ? [long] : [short, long],
      help,
      takes: [],
      ...(goesWith === undefined ? {} : { commands: goesWith }),
    })),
    settings: [],
    topologies,
  };
}

/** @param {string} word @returns {Operand[]} */
function operand(word) {
  if (word === "TOPOLOGY") return [{ from: "topologies" }];
  if (word === "NODE") return [{ from: "nodes" }];
  if (word === "COMMAND") return [{ from: "programs" }];
  return [];
}
