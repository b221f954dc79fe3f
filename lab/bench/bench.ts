// `npm run bench`: untranslated IPv6, TAYGA and clatd, measured in turn in one lab, so that a machine whose speed drifts
// drifts for all of them. Medians over the rounds, ratios to untranslated IPv6, as Markdown.
//   npm run bench -- [--rounds N] [--seconds N] [--out FILE] [-j]

import { writeFile } from "node:fs/promises";
import { cpus, release } from "node:os";
import { parseArgs } from "node:util";
import { type Lab, startLab } from "../lab.js";
import { type Measure, measures } from "./measures.js";
import { type Figures, type Goal, goalLines, markdownTable } from "./table.js";
import { startTaygaClat } from "./tayga-clat.js";

const embedded = "2001:db8:64::c633:640a";
const literal = "198.51.100.10";

/** The client's node, and what it calls the server. */
const subjects: Readonly<Record<string, string>> = { plain: embedded, tayga: literal, clatd: literal };

const goals: readonly Goal[] = (["up", "down"] as const).flatMap((direction) => {
  const measure = `TCP ${direction}, 1 stream`;
  return [
    { measure, subject: "clatd", against: "plain", atLeast: 1 },
    { measure, subject: "clatd", against: "tayga", atLeast: 6 },
  ];
});

async function measureOnce(lab: Lab, node: string, measure: Measure, seconds: number): Promise<number> {
  const command = measure.command(subjects[node] ?? literal, seconds);
  const { code, stdout, stderr } = await lab.exec(node, command, { timeout: (seconds + 20) * 1000 });
  try {
    return measure.read(stdout);
  } catch (cause) {
    throw new Error(`Cannot measure "${measure.name}" in "${node}" (exit code ${code}): ${stderr || stdout}`, {
      cause,
    });
  }
}

async function answering(lab: Lab): Promise<void> {
  for (const [node, target] of Object.entries(subjects)) {
    const { code, stdout } = await lab.exec(node, ["ping", "-n", "-c", "40", "-i", "0.1", "-W", "1", target]);
    if (code !== 0) throw new Error(`Cannot reach ${target} from "${node}":\n${stdout}`);
  }
}

async function run(rounds: number, seconds: number, say: (line: string) => void): Promise<Figures> {
  say("bringing up the lab");
  await using lab = await startLab("bench");
  await using _tayga = await startTaygaClat(lab, "tayga");
  await answering(lab);
  const figures = new Map<string, Map<string, number[]>>();
  for (let round = 1; round <= rounds; round += 1) {
    for (const measure of measures) {
      const seen: string[] = [];
      for (const node of Object.keys(subjects)) {
        const figure = await measureOnce(lab, node, measure, seconds);
        const own = figures.get(node) ?? new Map<string, number[]>();
        figures.set(node, own.set(measure.name, [...(own.get(measure.name) ?? []), figure]));
        seen.push(`${node} ${measure.unit === "Gbit/s" ? figure.toFixed(1) : Math.round(figure)}`);
      }
      say(`round ${round} of ${rounds}: ${measure.name}: ${seen.join(", ")} ${measure.unit}`);
    }
  }
  return figures;
}

function report(figures: Figures, rounds: number, seconds: number): string {
  return [
    "# Benchmark",
    "",
    `${cpus().length} cores, Linux ${release()}, Node ${process.versions.node}. Medians of ${rounds} interleaved rounds of ${seconds} s each;`,
    "ratios to untranslated IPv6 in brackets. veth links as they are (packets of 64 KB cross them whole).",
    "",
    markdownTable(figures, Object.keys(subjects), measures, "plain"),
    "",
    ...goalLines(figures, goals),
    "",
  ].join("\n");
}

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
  const figures = await run(rounds, seconds, (line) => process.stderr.write(`bench: ${line}\n`));
  const text = report(figures, rounds, seconds);
  if (values.out !== undefined) await writeFile(values.out, text);
  const plain = [...figures].map(([subject, own]) => [subject, Object.fromEntries(own)]);
  console.log(values.json ? JSON.stringify(Object.fromEntries(plain), undefined, 2) : text);
}
