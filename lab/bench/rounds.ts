// Rounds of measures in a lab that is up. Each measure is taken of all subjects in turn before the next one, so that a
// machine whose speed drifts drifts for all of them.

import type { Lab } from "../lab.js";
import type { Measure } from "./measures.js";
import type { Figures } from "./table.js";

export interface Subject {
  /** What it is called in the table. */
  readonly name: string;
  /** The client's node, and the address by which it reaches the server. */
  readonly node: string;
  readonly target: string;
}

export interface Rounds {
  readonly rounds: number;
  /** How long each measure takes, each time. */
  readonly seconds: number;
  readonly say: (line: string) => void;
}

export async function measureInTurn(
  lab: Lab,
  subjects: readonly Subject[],
  measures: readonly Measure[],
  { rounds, seconds, say }: Rounds,
): Promise<Figures> {
  for (const subject of subjects) await answering(lab, subject);
  const figures = new Map(subjects.map(({ name }) => [name, new Map<string, number[]>()]));
  for (let round = 1; round <= rounds; round += 1) {
    for (const measure of measures) {
      const seen: string[] = [];
      for (const subject of subjects) {
        const figure = await measureOnce(lab, subject, measure, seconds);
        const own = figures.get(subject.name);
        own?.set(measure.name, [...(own.get(measure.name) ?? []), figure]);
        seen.push(`${subject.name} ${measure.unit === "Gbit/s" ? figure.toFixed(1) : Math.round(figure)}`);
      }
      say(`round ${round} of ${rounds}: ${measure.name}: ${seen.join(", ")} ${measure.unit}`);
    }
  }
  return figures;
}

async function measureOnce(lab: Lab, subject: Subject, measure: Measure, seconds: number): Promise<number> {
  const { node, target } = subject;
  const command = measure.command(target, seconds);
  const { code, stdout, stderr } = await lab.exec(node, command, { timeout: (seconds + 20) * 1000 });
  try {
    return measure.read(stdout);
  } catch (cause) {
    const said = stderr || stdout;
    throw new Error(`Cannot measure "${measure.name}" in "${node}" (exit code ${code}): ${said}`, { cause });
  }
}

/** Until the way to the server is there: one answer will do. */
async function answering(lab: Lab, { node, target }: Subject): Promise<void> {
  for (let attempts = 0; attempts < 20; attempts += 1) {
    const { code } = await lab.exec(node, ["ping", "-n", "-c", "1", "-W", "1", target]);
    if (code === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error(`Cannot reach ${target} from "${node}": it does not answer ping`);
}
