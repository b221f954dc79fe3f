// `npm run bench`: untranslated IPv6, TAYGA and clatd in turn in one lab; the two translations of SIIT-DC in another; and
// the cost of large mapping tables. Medians over the rounds, ratios to untranslated IPv6, as Markdown.
//   npm run bench -- [--rounds N] [--seconds N] [--out FILE] [-j]

import { writeFile } from "node:fs/promises";
import { cpus, release } from "node:os";
import { parseArgs } from "node:util";
import { startLab } from "../lab.js";
import { measureTables } from "./eam-bench.js";
import { measures } from "./measures.js";
import { measureInTurn, type Rounds, type Subject } from "./rounds.js";
import { type Figures, type Goal, goalLines, markdownTable } from "./table.js";
import { startTaygaClat } from "./tayga-clat.js";

const clats: readonly Subject[] = [
  { name: "plain", node: "plain", target: "2001:db8:64::c633:640a" },
  { name: "tayga", node: "tayga", target: "198.51.100.10" },
  { name: "clatd", node: "clatd", target: "198.51.100.10" },
];

/** From the application behind the Edge Relay to the IPv4 client. */
const relays: readonly Subject[] = [{ name: "Border and Edge Relay", node: "relay", target: "203.0.113.1" }];

const goals: readonly Goal[] = (["up", "down"] as const).flatMap((direction) => {
  const measure = `TCP ${direction}, 1 stream`;
  return [
    { measure, subject: "clatd", against: "plain", atLeast: 1 },
    { measure, subject: "clatd", against: "tayga", atLeast: 6 },
  ];
});

async function ofClats(how: Rounds): Promise<Figures> {
  how.say("bringing up topology bench");
  await using lab = await startLab("bench");
  await using _tayga = await startTaygaClat(lab, "tayga");
  return await measureInTurn(lab, clats, measures, how);
}

async function ofRelays(how: Rounds): Promise<Figures> {
  how.say("bringing up topology siit-dc-2xlat");
  await using lab = await startLab("siit-dc-2xlat");
  return await measureInTurn(lab, relays, measures, how);
}

function report(ofClat: Figures, ofRelay: Figures, tables: string, { rounds, seconds }: Rounds): string {
  const machine = `${cpus().length} cores, Linux ${release()}, Node ${process.versions.node}`;
  return [
    "# Benchmark",
    "",
    `${machine}. Medians of ${rounds} interleaved rounds of ${seconds} s; ratios to untranslated IPv6 in brackets.`,
    "veth links as they are (packets of 64 KB cross them whole); the server owns the embedded address, there is no PLAT.",
    "",
    markdownTable(ofClat, clats, measures, "plain"),
    "",
    ...goalLines(ofClat, goals),
    "",
    "# SIIT-DC, both relays our own (topology siit-dc-2xlat)",
    "",
    markdownTable(ofRelay, relays, measures),
    "",
    tables,
  ].join("\n");
}

const plain = (figures: Figures): unknown =>
  Object.fromEntries([...figures].map(([subject, own]) => [subject, Object.fromEntries(own)]));

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "3" },
    seconds: { type: "string", default: "3" },
    out: { type: "string" },
    json: { type: "boolean", short: "j", default: false },
  },
});
const [rounds, seconds] = [Number(values.rounds), Number(values.seconds)];
if (!(Number.isInteger(rounds) && rounds >= 1 && rounds <= 100 && seconds >= 1 && seconds <= 60)) {
  console.error("bench: --rounds is 1 to 100, --seconds 1 to 60");
  process.exitCode = 2;
} else {
  const how: Rounds = { rounds, seconds, say: (line) => process.stderr.write(`bench: ${line}\n`) };
  const [ofClat, ofRelay] = [await ofClats(how), await ofRelays(how)];
  how.say("tables of 1, 10,000 and 1,000,000 mappings");
  const tables = measureTables(5);
  const text = report(ofClat, ofRelay, tables, how);
  if (values.out !== undefined) await writeFile(values.out, text);
  const both = { clat: plain(ofClat), relay: plain(ofRelay) };
  console.log(values.json ? JSON.stringify(both, undefined, 2) : text);
}
