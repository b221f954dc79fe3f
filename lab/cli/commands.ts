// What each command of clatlab does.

import { once } from "node:events";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { wrap } from "../../src/config/key-docs.js";
import { LinuxOs } from "../../src/os/linux/linux-os.js";
import { runChecks } from "../checks/run-checks.js";
import { attach, endKept, startKeeper } from "../keep.js";
import { mermaid } from "../report/mermaid.js";
import { picture } from "../report/picture.js";
import { exitCode, summarise } from "../report/reporter.js";
import { contextOf, runTopology } from "../run.js";
import { topologyJsonSchema } from "../schema/json-schema.js";
import { keptLab, keptLabs } from "../state.js";
import { loadTopology, topologyNames } from "../topology-file.js";
import type { Flags } from "./arguments.js";
import { chooseReporter } from "./choose-reporter.js";

const print = (text: string): void => void process.stdout.write(`${text}\n`);

export async function list({ json, schema }: Flags): Promise<number> {
  if (schema) {
    print(JSON.stringify(topologyJsonSchema(), undefined, 2));
    return 0;
  }
  const kept = new Set((await keptLabs()).map((lab) => lab.name));
  const names = await topologyNames();
  const rows = await Promise.all(
    names.map(async (name) => {
      const { title, nodes, checks } = await loadTopology(name);
      return { name, title, nodes: nodes.length, checks: checks.length, up: kept.has(name) };
    }),
  );
  if (json) print(JSON.stringify(rows, undefined, 2));
  else for (const { name, title, up } of rows) print(listed(name, `${up ? "(up) " : ""}${title}`));
  return 0;
}

/** Fits 80 columns. */
function listed(name: string, title: string): string {
  const column = 20;
  return `${name.padEnd(column)}${wrap(title, 80 - column).join(`\n${" ".repeat(column)}`)}`;
}

export async function run(topology: string, { json, keep }: Flags): Promise<number> {
  const loaded = await loadTopology(topology);
  using reporter = chooseReporter(json);
  const stay = async (): Promise<void> => {
    process.stderr.write("The lab is kept until Ctrl-C.\n");
    await Promise.race([once(process, "SIGINT"), once(process, "SIGTERM")]);
  };
  return exitCode(await runTopology(loaded, { reporter, ...(keep ? { keep: stay } : {}) }));
}

export async function up(topology: string): Promise<number> {
  const loaded = await loadTopology(topology);
  if ((await keptLab(loaded.name)) !== undefined)
    throw new Error(`Cannot bring up "${loaded.name}": it is up already; end it with "clatlab down ${topology}"`);
  using reporter = chooseReporter(false);
  reporter.topology(loaded);
  const clatlab = fileURLToPath(new URL("clatlab.js", import.meta.url));
  const where = topology.includes("/") || /\.ya?ml$/.test(topology) ? resolve(topology) : topology;
  await startKeeper([process.execPath, clatlab, "keep", where], (step) => reporter.step(step));
  print(`\n"${loaded.name}" is up. Try: clatlab shell ${topology} ${loaded.nodes[0]?.name ?? "NODE"}`);
  return 0;
}

export async function down(topology: string): Promise<number> {
  const { kept } = await attach(topology);
  await endKept(kept);
  print(`"${kept.name}" is down.`);
  return 0;
}

export async function check(topology: string, { json }: Flags): Promise<number> {
  const started = performance.now();
  const { topology: loaded, nodes } = await attach(topology);
  const os = new LinuxOs({ place: nodes.place });
  using reporter = chooseReporter(json);
  reporter.topology(loaded);
  const results = await runChecks(loaded.checks, contextOf({ nodes, os }, new Map()), {
    reasonToSkip: ({ phase }) =>
      phase === "running"
        ? undefined
        : `it belongs ${phase === "before-clatd" ? "before clatd starts" : "after clatd has stopped"}; "clatlab run" tries it`,
    onStart: (each) => reporter.checkStarts(each),
    onResult: (result) => reporter.check(result),
  });
  const summary = summarise(results, performance.now() - started);
  reporter.summary(summary);
  return exitCode(summary);
}

export async function exec(topology: string, node: string, words: readonly [string, ...string[]]): Promise<number> {
  const { nodes } = await attach(topology);
  return nodes.attach(node, words);
}

export async function shell(topology: string, node: string): Promise<number> {
  return exec(topology, node, [process.env["SHELL"] ?? "/bin/sh"]);
}

export async function graph(topology: string, flags: Flags): Promise<number> {
  const loaded = await loadTopology(topology);
  print(flags.mermaid ? mermaid(loaded) : picture(loaded));
  return 0;
}
