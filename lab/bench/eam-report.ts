// The report of the benchmark of mapping tables: a row for each size, ratios to the first one in brackets.

import type { Costs, OrderCosts } from "./eam-measures.js";

/** What the whole packet may cost at most, compared with one mapping. */
const GOAL = 2;

const columns = [
  { title: "look-up 4", of: (costs: OrderCosts) => costs.lookupV4 },
  { title: "look-up 6", of: (costs: OrderCosts) => costs.lookupV6 },
  { title: "packet 4 → 6", of: (costs: OrderCosts) => costs.packetV4 },
  { title: "packet 6 → 4", of: (costs: OrderCosts) => costs.packetV6 },
] as const;

const orders = [
  { order: "repeated", sentence: "the same mapping always" },
  { order: "random", sentence: "any mapping, in random order" },
] as const;

export function eamReport(rows: readonly Costs[], machine: string): string {
  const [first] = rows;
  if (first === undefined) return "";
  const sections = orders.map(({ order, sentence }) => [
    `Nanoseconds, ${sentence} (ratio to one mapping):`,
    "",
    table(
      ["mappings", ...columns.map(({ title }) => title)],
      rows.map((row) => [
        count(row.mappings),
        ...columns.map(({ of }) => `${of(row[order]).toFixed(0)} (${ratio(of(row[order]), of(first[order]))})`),
      ]),
    ),
    "",
  ]);
  return [
    "# Mapping tables (RFC 7757)",
    "",
    `${machine}. The fastest of several passes of a million packets to random clients.`,
    "",
    table(
      ["mappings", "load", "memory"],
      rows.map((row) => [count(row.mappings), `${row.load.toFixed(0)} ms`, `${(row.memory / 2 ** 20).toFixed(1)} MiB`]),
    ),
    "",
    ...sections.flat(),
    ...verdicts(rows, first),
    "",
    "A look-up in random order among a million waits for memory once, some 100 ns: key and value stand in one cache line, and most",
    "addresses that have no mapping are known not to have one from a few KiB. Less is not to be had without prefetching.",
    "",
  ].join("\n");
}

function verdicts(rows: readonly Costs[], first: Costs): string[] {
  return rows.slice(1).flatMap((row) =>
    orders.map(({ order }) => {
      const worst = Math.max(row[order].packetV4 / first[order].packetV4, row[order].packetV6 / first[order].packetV6);
      const verdict = worst <= GOAL ? "reached" : "missed";
      return `- ${count(row.mappings)} mappings, ${order}: a packet costs at most ${worst.toFixed(2)} × one mapping; goal ${GOAL} ×: ${verdict}`;
    }),
  );
}

function ratio(value: number, base: number): string {
  return `${(value / base).toFixed(2)} ×`;
}

function count(number: number): string {
  return number.toLocaleString("en");
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const rule = head.map((_, column) => (column === 0 ? "---" : "---:"));
  return [head, rule, ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}
