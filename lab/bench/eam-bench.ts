// Tables of 1, 10,000 and 1,000,000 mappings (RFC 7757) beside each other, as Markdown: load time, memory, and what a
// look-up and a whole packet cost. No root, no network.

import { cpus } from "node:os";
import { serviceMappings } from "./eam-mappings.js";
import { measureCosts } from "./eam-measures.js";
import { eamReport } from "./eam-report.js";

const sizes = [1, 10_000, 1_000_000] as const;

/** @param passes the fastest of so many counts */
export function measureTables(passes: number): string {
  // A first, short one, so that the code is compiled when the first figure is taken.
  measureCosts(serviceMappings(1000), 1);
  const costs = sizes.map((size) => measureCosts(serviceMappings(size), passes));
  return eamReport(costs, `${cpus()[0]?.model ?? "unknown processor"}, Node ${process.versions.node}`);
}
