// The command line: `clatd [options] [COMMAND] [key=value…]`. Splits and names all mistakes at once; keys and values are
// judged by config/load.ts. Pure.

import { quote } from "../config/conf-file.js";
import { keyNames } from "../config/key-table.js";
import { nearest } from "../config/nearest.js";

export const commands = {
  run: "run the CLAT until it is told to end (the default)",
  plan: "print what would be done, as commands, and touch nothing",
  check: "check a configuration file",
  status: "show what the running clatd does, or that of one device",
  probe: "say which engines this host can run",
  cleanup: "put back what a killed clatd left behind",
  translate: "translate packets from standard input to standard output",
  explain: "explain an address, a packet or a reason for a drop",
} as const;
export type CommandName = keyof typeof commands;
export const commandNames = Object.keys(commands) as CommandName[];

export interface Invocation {
  readonly command: CommandName | "help" | "version";
  /** `-c FILE`; absent: /etc/clatd.conf, if there is one. */
  readonly file?: string;
  /** `key=value`, also those that -q and -d stand for. */
  readonly settings: readonly string[];
  /** `plan --simulate`. */
  readonly simulate: boolean;
  /** `status -j`, `probe -j`. */
  readonly json: boolean;
  /** `translate --pcap IN OUT`. */
  readonly pcap?: { readonly input: string; readonly output: string };
  /** What `explain` is asked about; the device of `status`. */
  readonly words: readonly string[];
}

export type ParsedArguments =
  | { readonly ok: true; readonly invocation: Invocation }
  /** Sentences without their full stop. */
  | { readonly ok: false; readonly mistakes: readonly string[] };

const flags: Readonly<Record<string, keyof Flags>> = {
  "-q": "quiet",
  "-d": "debug",
  "-h": "help",
  "--help": "help",
  "--version": "version",
  "-V": "version",
  "--simulate": "simulate",
  "-j": "json",
  "--json": "json",
};

interface Flags {
  quiet: number;
  debug: number;
  help: number;
  version: number;
  simulate: number;
  json: number;
}

/** Which commands an option belongs to; others refuse it. */
const only: readonly {
  readonly flag: "simulate" | "json";
  readonly option: string;
  readonly commands: readonly CommandName[];
}[] = [
  { flag: "simulate", option: "--simulate", commands: ["plan"] },
  { flag: "json", option: "-j", commands: ["status", "probe"] },
];

/** @param argv without the interpreter and the script */
export function parseArguments(argv: readonly string[]): ParsedArguments {
  const found: Flags = { quiet: 0, debug: 0, help: 0, version: 0, simulate: 0, json: 0 };
  const mistakes: string[] = [];
  const settings: string[] = [];
  const words: string[] = [];
  const files: string[] = [];
  const captures: string[] = [];
  const rest = argv.flatMap(unbundle);
  for (let argument = rest.shift(); argument !== undefined; argument = rest.shift()) {
    const flag = Object.hasOwn(flags, argument) ? flags[argument] : undefined;
    if (flag !== undefined) found[flag]++;
    else if (argument === "-c") {
      const file = rest.shift();
      if (file === undefined) mistakes.push("-c needs the name of a file after it");
      else files.push(file);
    } else if (argument === "--pcap") {
      captures.push(...rest.splice(0, 2));
      if (captures.length % 2 !== 0 || captures.length === 0) mistakes.push(captureForm);
    } else if (argument.startsWith("-")) mistakes.push(unknownOption(argument));
    else if (argument.includes("=")) settings.push(argument);
    else words.push(argument);
  }
  const { command, subjects } = takeCommand(words, files, mistakes);
  const pcap = capturePair(captures, command, mistakes);
  if (files.length > 1) mistakes.push("the configuration file is given twice; -c may be there once");
  for (const { flag, option, commands: owners } of only) {
    if (found[flag] === 0 || owners.some((owner) => command === owner)) continue;
    mistakes.push(`${option} goes with ${owners.map((owner) => `\`clatd ${owner}\``).join(" and ")} only`);
  }
  // Help is given whatever else is wrong.
  if (found.help === 0 && found.version === 0 && mistakes.length > 0) return { ok: false, mistakes };
  const [file] = files;
  return {
    ok: true,
    invocation: {
      command: found.help > 0 ? "help" : found.version > 0 ? "version" : command,
      ...(file === undefined ? {} : { file }),
      settings: [...counted("quiet", found.quiet, settings), ...counted("debug", found.debug, settings), ...settings],
      simulate: found.simulate > 0,
      json: found.json > 0,
      ...(pcap === undefined ? {} : { pcap }),
      words: subjects,
    },
  };
}

/** `-qd` is `-q -d`. */
function unbundle(argument: string): string[] {
  return /^-[qdjh]{2,}$/.test(argument) ? [...argument.slice(1)].map((letter) => `-${letter}`) : [argument];
}

interface Taken {
  readonly command: Invocation["command"];
  readonly subjects: readonly string[];
}

function takeCommand(words: string[], files: string[], mistakes: string[]): Taken {
  const [first, ...more] = words;
  const subjects: string[] = [];
  if (first === undefined) return { command: "run", subjects };
  if (first === "help") return { command: "help", subjects };
  const command = commandNames.find((name) => name === first);
  if (command === undefined) {
    mistakes.push(unknownWord(first));
    return { command: "run", subjects };
  }
  if (command === "check" && more.length > 0) files.push(...more.splice(0, 1));
  if (command === "explain") {
    subjects.push(...more.splice(0));
    if (subjects.length === 0) mistakes.push("`clatd explain` needs an address, a packet in hex or a reason after it");
  }
  if (command === "status") subjects.push(...more.splice(0, 1));
  for (const word of more) mistakes.push(`\`clatd ${command}\` does not take ${quote(word)}; settings are key=value`);
  return { command, subjects };
}

const captureForm = "--pcap needs the names of two files after it, the one to read and the one to write";

function capturePair(
  captures: readonly string[],
  command: Invocation["command"],
  mistakes: string[],
): Invocation["pcap"] {
  const [input, output] = captures;
  if (input === undefined || output === undefined) return undefined;
  if (captures.length > 2) mistakes.push("--pcap is given twice; it may be there once");
  if (command !== "translate") mistakes.push("--pcap goes with `clatd translate` only");
  // What is read would be gone before it was read.
  if (input === output && input !== "-")
    mistakes.push("--pcap has the same file twice; the output needs one of its own");
  return { input, output };
}

function unknownOption(argument: string): string {
  const near = nearest(argument, [...Object.keys(flags), "-c", "--pcap"]);
  // A single letter is near every other one.
  const hint = near !== undefined && argument.length > 3 ? `did you mean ${near}?` : "`clatd --help` lists the options";
  return `there is no option ${quote(argument)}; ${hint}`;
}

function unknownWord(word: string): string {
  if (keyNames.some((name) => name === word))
    return `there is no command ${quote(word)}; it is a key, to be set with ${word}=VALUE`;
  const near = nearest(word, commandNames);
  const hint =
    near === undefined ? `commands are ${commandNames.join(", ")}; settings are key=value` : `did you mean ${near}?`;
  return `there is no command ${quote(word)}; ${hint}`;
}

/** `-q -q` is `quiet=2`, unless that is said as well. */
function counted(key: string, count: number, settings: readonly string[]): string[] {
  const said = settings.some((setting) => setting.slice(0, setting.indexOf("=")).trim() === key);
  return count === 0 || said ? [] : [`${key}=${count}`];
}
