// The tables that manual pages, completions and the sample configuration are made from, out of the sources.

import type { Tables } from "../../../ci/manual/tables.mjs";
import { releases } from "../../../ci/releases.mjs";
import * as lab from "../../../lab/cli/help.js";
import { loadTopology, topologyNames } from "../../../lab/topology-file.js";
import * as words from "../../../src/cli/arguments.js";
import * as exit from "../../../src/cli/exit-code.js";
import * as explained from "../../../src/cli/explain/reason-text.js";
import * as help from "../../../src/cli/help.js";
import * as docs from "../../../src/config/key-docs.js";
import * as groups from "../../../src/config/key-spec.js";
import * as keys from "../../../src/config/key-table.js";
import * as engines from "../../../src/engine/capabilities.js";
import * as reasons from "../../../src/xlat/reasons.js";

const topologies = await Promise.all(
  (await topologyNames()).map(async (name) => {
    const { title, nodes } = await loadTopology(name);
    return { name, title, nodes: nodes.map((node) => node.name) };
  }),
);
const [{ version, date }] = releases;

export const tables: Tables = {
  version,
  date,
  words,
  help,
  exit,
  keys,
  groups,
  docs,
  reasons,
  explained,
  engines,
  lab,
  topologies,
};
