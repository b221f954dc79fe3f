// `clatd --help`, out of the tables. Fits 80 columns.

import { keyHelp, wrap } from "../config/key-docs.js";
import { type CommandName, commandNames, commands } from "./arguments.js";
import { exitCodes } from "./exit-code.js";

export const options: readonly (readonly [string, string])[] = [
  ["-c FILE", "read this configuration file instead of /etc/clatd.conf"],
  ["-q, -q -q", "no normal output; no warnings or errors either"],
  ["-d, -d -d", "debugging output; more of it"],
  ["-j, --json", "status, probe: as JSON"],
  ["--simulate", "plan: run it on a simulated host, with a PLAT"],
  ["--pcap IN OUT", "translate: packets of a capture (pcap, pcapng) instead of text; -: standard input or output"],
  ["-h, --help", "show the help"],
  ["--version", "the version of clatd"],
];

/** What a command takes beside options and settings. */
export const subjects: Partial<Record<CommandName, string>> = {
  check: " FILE",
  status: " [DEVICE]",
  explain: " WHAT",
};

export function helpText(): string {
  return [
    "clatd gives an IPv6-only host working IPv4: a CLAT (464XLAT, RFC 6877) and",
    "SIIT-DC Edge Relay (RFC 7756).",
    "",
    "Usage: clatd [options] [key=value...]",
    "       clatd COMMAND [options] [key=value...]",
    "",
    "Commands:",
    ...twoColumns(commandNames.map((name) => [`${name}${subjects[name] ?? ""}`, commands[name]])),
    "",
    "Options:",
    ...twoColumns(options),
    "",
    "Settings are lines of the configuration file, or arguments, which win. Yes and",
    "no are also 1/0, true/false, on/off. Defaults are in brackets.",
    "",
    keyHelp(80).trimEnd(),
    "",
    "Packets for translate, on standard input:",
    "  Lines `4 HEX` and `6 HEX`, a bare IPv4 or IPv6 packet each. For each of them:",
    "  what comes out, in the same form, then a line `.`, or `. REASON` where it was",
    "  dropped (clatd explain REASON), or `. bad-input` where it was no packet; the",
    "  exit code is 1 then.",
    "",
    "Exit codes:",
    ...twoColumns(Object.values(exitCodes).map(({ code, means }) => [`${code}`, means])),
    "",
  ].join("\n");
}

function twoColumns(rows: readonly (readonly [string, string])[]): string[] {
  const column = 2 + Math.max(...rows.map(([left]) => left.length)) + 2;
  return rows.flatMap(([left, right]) => {
    const [first = "", ...rest] = wrap(right, 80 - column);
    return [`  ${left}`.padEnd(column) + first, ...rest.map((line) => " ".repeat(column) + line)];
  });
}
