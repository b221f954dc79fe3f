// Tables of 1, 10,000 and 1,000,000 mappings (RFC 7757) beside each other, as Markdown: load time, memory, and what a
// look-up and a whole packet cost. No root, no network.
//   node dist/lab/bench/eam-bench.js [--passes N] [--out FILE]

import { writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { serviceMappings } from "./eam-mappings.js";
import { measureCosts } from "./eam-measures.js";
import { eamReport } from "./eam-report.js";

const sizes = [1, 10_000, 1_000_000] as const;

const { values } = parseArgs({ options: { passes: { type: "string", default: "7" }, out: { type: "string" } } });
const passes = Number(values.passes);
if (!Number.isInteger(passes) || passes < 1) {
  throw new Error(`Cannot use --passes ${values.passes}: give a whole number from 1 on`);
}
const machine = `${cpus()[0]?.model ?? "unknown processor"}, Node ${process.versions.node}`;
// A first, short one, so that the code is compiled when the first figure is taken.
measureCosts(serviceMappings(1000), 1);
const report = eamReport(
  sizes.map((size) => measureCosts(serviceMappings(size), passes)),
  machine,
);
console.log(report);
if (values.out !== undefined) await writeFile(values.out, report);
