// `clatd explain ADDRESS|PACKET|REASON…`: asks the translator, and says what it does in words.

import { quote } from "../../config/conf-file.js";
import type { Config } from "../../config/key-table.js";
import { nearest } from "../../config/nearest.js";
import { socketPath } from "../../daemon/control.js";
import { readStatus } from "../../daemon/control-client.js";
import { parseAddress } from "../../net/address.js";
import type { TranslationSpec } from "../../xlat/spec.js";
import type { Invocation } from "../arguments.js";
import { exitCodes } from "../exit-code.js";
import { runtimeDir } from "../runtime-dir.js";
import type { Terminal } from "../terminal.js";
import { type Found, type KeysSet, toolSpec } from "../tool-spec.js";
import { LARGEST_PACKET } from "../translate/packet-runner.js";
import { addressText } from "./address-text.js";
import { Mappings } from "./mappings.js";
import { packetText } from "./packet-text.js";
import { reasonNames, reasonText } from "./reason-text.js";

export type Subject =
  | { readonly what: "address"; readonly octets: Uint8Array }
  | { readonly what: "packet"; readonly family: 4 | 6; readonly octets: Uint8Array }
  | { readonly what: "reason"; readonly name: string }
  | { readonly what: "unknown"; readonly problem: string };

export async function explain(
  config: Config,
  keysSet: KeysSet,
  { words }: Pick<Invocation, "words">,
  terminal: Terminal,
  found: () => Promise<Found> = () => foundByDaemon(config),
): Promise<number> {
  const subjects = subjectsOf(words);
  const problems = subjects.flatMap((subject) => (subject.what === "unknown" ? [subject.problem] : []));
  for (const problem of problems) terminal.error(`clatd: error: ${problem}\n`);
  if (problems.length > 0) return exitCodes.usage.code;
  const knowsAll = subjects.every(({ what }) => what === "reason");
  const known = knowsAll ? {} : await found();
  const { spec, notes } = toolSpec(config, keysSet, known);
  const mappings = new Mappings(spec, config.eam);
  if (!knowsAll && config.quiet === 0) {
    for (const note of [...notes, ...usedOf(known)]) terminal.error(`clatd: note: ${note}\n`);
  }
  const texts = subjects.map((subject) => subjectText(subject, mappings, spec, config.seed));
  terminal.out(texts.join("\n"));
  return exitCodes.ok.code;
}

function subjectText(subject: Subject, mappings: Mappings, spec: TranslationSpec, seed: number): string {
  switch (subject.what) {
    case "address":
      return addressText(subject.octets, mappings, spec);
    case "packet":
      return packetText(subject.octets, subject.family, spec, mappings, seed);
    case "reason":
      return reasonText(subject.name) ?? "";
    case "unknown":
      return "";
  }
}

/** What the words are about. Hexadecimal words that follow each other are one packet, as `tcpdump -x` prints it. */
export function subjectsOf(words: readonly string[]): Subject[] {
  const subjects: Subject[] = [];
  let hex = "";
  const flush = (): void => {
    if (hex !== "") subjects.push(packetOf(hex));
    hex = "";
  };
  for (const word of words.flatMap((text) => text.trim().split(/\s+/))) {
    if (/^[0-9a-f]+$/i.test(word)) {
      // `4 45…`, as in the lines of `clatd translate`, begins a packet.
      if (word === "4" || word === "6") flush();
      hex += hex === "" && (word === "4" || word === "6") ? `${word} ` : word;
      continue;
    }
    flush();
    subjects.push(addressOrReason(word));
  }
  flush();
  return subjects;
}

function packetOf(text: string): Subject {
  const [first = "", second] = text.split(" ");
  const digits = second ?? first;
  const version = Number.parseInt(digits[0] ?? "", 16);
  const family = second === undefined ? version : Number(first);
  if (digits.length % 2 !== 0) return unknownPacket(digits, "it has an odd number of digits");
  if (digits.length > 2 * LARGEST_PACKET) return unknownPacket(digits, "it is longer than any packet");
  if (family !== 4 && family !== 6) return unknownPacket(digits, `its version is ${family}; 4 or 6 is wanted`);
  return { what: "packet", family, octets: new Uint8Array(Buffer.from(digits, "hex")) };
}

function unknownPacket(digits: string, problem: string): Subject {
  return { what: "unknown", problem: `cannot explain ${quote(digits)} as a packet: ${problem}` };
}

function addressOrReason(word: string): Subject {
  const octets = parseAddress(word);
  if (octets !== undefined) return { what: "address", octets };
  const name = word.toLowerCase();
  if (reasonText(name) !== undefined) return { what: "reason", name };
  const near = nearest(word, reasonNames);
  const hint = near === undefined ? `reasons are ${reasonNames.join(", ")}` : `did you mean ${near}?`;
  const slip = word.includes("/") ? "give an address without a length; " : "";
  return {
    what: "unknown",
    problem: `cannot explain ${quote(word)}: it is no address, no packet in hexadecimal and no reason; ${slip}${hint}`,
  };
}

/** What the configuration leaves to be found out, a daemon that runs with it has found. */
async function foundByDaemon(config: Config): Promise<Found> {
  const asked = await readStatus(socketPath(config["clat-dev"], await runtimeDir(process.env)));
  const active = asked.ok ? asked.status.active : undefined;
  if (active === undefined) return {};
  return {
    ...(config["plat-prefix"] === undefined ? { pref64: active.pref64 } : {}),
    ...(config["clat-v6-addr"].how === "given" ? {} : { clatV6: active.v6 }),
  };
}

function usedOf({ pref64, clatV6 }: Found): string[] {
  const used = [
    ...(pref64 === undefined ? [] : [`PREF64 ${pref64}`]),
    ...(clatV6 === undefined ? [] : [`address ${clatV6}`]),
  ];
  return used.length === 0 ? [] : [`${used.join(" and ")} as the running clatd has found`];
}
