// What clatlab says about itself, in tables: for `--help`, the manual page and the shells' completions.

/** Each command with what it takes. */
export const commands = {
  list: { takes: "", help: "the topologies, and which of them are up" },
  run: { takes: "TOPOLOGY", help: "up, checks, down" },
  up: { takes: "TOPOLOGY", help: "bring it up and keep it" },
  check: { takes: "TOPOLOGY", help: "run the checks in one that is up" },
  exec: { takes: "TOPOLOGY NODE COMMAND", help: "run a command in a node of one that is up" },
  shell: { takes: "TOPOLOGY NODE", help: "a shell in a node of one that is up" },
  down: { takes: "TOPOLOGY", help: "end one that is up" },
  graph: { takes: "TOPOLOGY", help: "draw it" },
} as const;

export type CommandName = keyof typeof commands;
export const commandNames = Object.keys(commands) as CommandName[];

interface OptionHelp {
  readonly short?: string;
  readonly long: string;
  readonly help: string;
  /** Absent: every command. */
  readonly goesWith?: readonly CommandName[];
}

export const options: readonly OptionHelp[] = [
  {
    short: "-j",
    long: "--json",
    help: "one JSON document instead of lines",
    goesWith: ["list", "run", "check"],
  },
  { long: "--keep", help: "run: keep the lab after the checks until Ctrl-C", goesWith: ["run"] },
  { long: "--mermaid", help: "graph: as a Mermaid flowchart", goesWith: ["graph"] },
  { long: "--schema", help: "list: the JSON schema of topology files", goesWith: ["list"] },
  { short: "-h", long: "--help", help: "show the help" },
  { short: "-V", long: "--version", help: "show the version" },
];

export const exitCodes: readonly { readonly code: number; readonly means: string }[] = [
  { code: 0, means: "all passed" },
  { code: 1, means: "a check failed" },
  { code: 2, means: "could not run" },
  { code: 3, means: "only warnings" },
];

const commandLines = commandNames.map((name) => {
  const { takes, help } = commands[name];
  return `  ${`clatlab ${name} ${takes}`.padEnd(34)} ${help}`;
});
const optionLines = options.map(({ short, long, help }) =>
  `  ${(short === undefined ? "    " : `${short}, `) + long}`.padEnd(18).concat(help),
);

export const HELP = `clatlab: builds networks of namespaces and checks that 464XLAT works in them

${commandLines.join("\n")}

TOPOLOGY is a name (see list) or the path of a YAML file.

${optionLines.join("\n")}

Exit codes: ${exitCodes.map(({ code, means }) => `${code} ${means}`).join(", ")}.
CI=true or output that is no terminal: plain lines. NO_COLOR: no colours.
`;
