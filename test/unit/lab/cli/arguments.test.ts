// clatlab's command line.

import { describe, expect, it } from "vitest";
import { parseArguments, UsageError } from "../../../../lab/cli/arguments.js";

const flags = { json: false, keep: false, mermaid: false, schema: false };

describe("parseArguments()", () => {
  it.each([
    [[], { command: "help" }],
    [["--help"], { command: "help" }],
    [["run", "464xlat", "-h"], { command: "help" }],
    [["list", "-j"], { command: "list", flags: { ...flags, json: true } }],
    [
      ["run", "--keep", "464xlat", "--json"],
      { command: "run", topology: "464xlat", flags: { ...flags, keep: true, json: true } },
    ],
    [["graph", "a.yml", "--mermaid"], { command: "graph", topology: "a.yml", flags: { ...flags, mermaid: true } }],
    [
      ["exec", "464xlat", "host", "curl", "-4", "--help"],
      { command: "exec", topology: "464xlat", node: "host", words: ["curl", "-4", "--help"] },
    ],
    [
      ["exec", "464xlat", "host", "--", "ip", "-j", "a"],
      { command: "exec", topology: "464xlat", node: "host", words: ["ip", "-j", "a"] },
    ],
    [["-j", "list"], { command: "list", flags: { ...flags, json: true } }],
    [["--keep", "run", "464xlat"], { command: "run", topology: "464xlat", flags: { ...flags, keep: true } }],
    [["-j", "--help"], { command: "help" }],
    [["--version"], { command: "version" }],
    [
      ["exec", "464xlat", "host", "ip", "-V"],
      { command: "exec", topology: "464xlat", node: "host", words: ["ip", "-V"] },
    ],
    [["shell", "464xlat", "host"], { command: "shell", topology: "464xlat", node: "host" }],
  ])("%j", (words, invocation) => {
    expect(parseArguments(words)).toEqual(invocation);
  });

  it.each([
    [["rnu", "464xlat"], 'Cannot do "rnu": did you mean "run"?'],
    [["run"], 'Cannot run: the topology is missing; "clatlab list" shows them'],
    [["run", "a", "b"], 'Cannot run "b" too: one topology at a time'],
    [["run", "a", "--kep"], 'Cannot use option "--kep": did you mean "--keep"?'],
    [["run", "a", "-z"], 'Cannot use option "-z": known: -j, --json, --keep, -h, --help, -V, --version'],
    [["run", "a", "--hlep"], 'Cannot use option "--hlep": did you mean "--help"?'],
    [["up", "a", "-z"], 'Cannot use option "-z": known: -h, --help, -V, --version'],
    [["-j"], 'Cannot use option "-j": the command is missing; known: list, run, up, check, exec, shell, down, graph'],
    [["up", "a", "--mermaid"], 'Cannot use option "--mermaid" with "up": it goes with graph'],
    [["list", "a"], 'Cannot list "a": list takes no operand'],
    [["exec", "a"], 'Cannot exec: the node is missing; write "clatlab exec a NODE COMMAND"'],
    [["exec", "a", "host"], 'Cannot exec: the command is missing; write "clatlab exec a host COMMAND"'],
    [["shell", "a", "host", "ls"], 'Cannot use "ls": shell takes a topology and a node'],
  ])("refuses %j: %s", (words, message) => {
    expect(() => parseArguments(words)).toThrow(new UsageError(message));
  });
});
