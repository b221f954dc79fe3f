// Part of the build: writes what is made from the tables to dist/man, dist/completions and dist/clatd.conf. The programs
// have been compiled by then.
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { releases } from "../releases.mjs";
import { bashCompletion } from "./bash.mjs";
import { clatdManual } from "./clatd.mjs";
import { clatdConfManual } from "./clatd-conf.mjs";
import { clatlabManual } from "./clatlab.mjs";
import { clatdWords, clatlabWords } from "./completion-words.mjs";
import { fishCompletion } from "./fish.mjs";
import { sampleConfiguration } from "./sample.mjs";
import { zshCompletion } from "./zsh.mjs";

const dist = new URL("../../dist/", import.meta.url);

/** @param {string} module */
const load = (module) => import(new URL(`${module}.js`, dist).href);

/** @returns {Promise<import("./tables.mjs").Tables>} */
async function tablesOfBuild() {
  const { loadTopology, topologyNames } = await load("lab/topology-file");
  const topologies = await Promise.all(
    (await topologyNames()).map(async (/** @type {string} */ name) => {
      const { title, nodes } = await loadTopology(name);
      return { name, title, nodes: nodes.map((/** @type {{ name: string }} */ node) => node.name) };
    }),
  );
  const [{ version, date }] = releases;
  return {
    version,
    date,
    words: await load("src/cli/arguments"),
    help: await load("src/cli/help"),
    exit: await load("src/cli/exit-code"),
    keys: await load("src/config/key-table"),
    groups: await load("src/config/key-spec"),
    docs: await load("src/config/key-docs"),
    reasons: await load("src/xlat/reasons"),
    explained: await load("src/cli/explain/reason-text"),
    engines: await load("src/engine/capabilities"),
    lab: await load("lab/cli/help"),
    topologies,
  };
}

const tables = await tablesOfBuild();
const programs = [clatdWords(tables), clatlabWords(tables)];
const files = {
  "man/clatd.8": clatdManual(tables),
  "man/clatd.conf.5": clatdConfManual(tables),
  "man/clatlab.1": clatlabManual(tables),
  "clatd.conf": sampleConfiguration(tables),
  ...Object.fromEntries(
    programs.flatMap((program) => [
      [`completions/bash/${program.name}`, bashCompletion(program)],
      [`completions/zsh/_${program.name}`, zshCompletion(program)],
      [`completions/fish/${program.name}.fish`, fishCompletion(program)],
    ]),
  ),
};
for (const folder of ["man", "completions"]) rmSync(new URL(folder, dist), { recursive: true, force: true });
for (const [name, text] of Object.entries(files)) {
  const file = new URL(name, dist);
  mkdirSync(join(file.pathname, ".."), { recursive: true });
  writeFileSync(file, text);
}
