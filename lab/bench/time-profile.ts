// Where the time of a subject goes: perf over the whole machine while TCP and datagrams pass, both ways, and then one datagram
// at a time. Translation in the kernel shows as its functions, BPF programs by their names.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { missingPrograms } from "../programs.js";
import { activitiesOf } from "./activities.js";
import { OpenLab } from "./open-lab.js";
import type { Options } from "./options.js";
import { profiles } from "./profiles.js";
import type { Say } from "./rounds.js";
import { subjects } from "./subjects.js";
import { plainTable } from "./table.js";

/** Seconds of each activity. */
const SECONDS = 3;
const observed = /^TCP (up|down), 1 stream$|^UDP (up|down), 64 octets$|^round trips$/;
/** Round trips that take longer than that. */
const ROUND_TRIPS = 300_000;
/** Nothing is searched: what one activity does should not change while it is looked at. */
const steady = {
  ...profiles.quick,
  tcp: SECONDS,
  blast: SECONDS,
  roundTrips: ROUND_TRIPS,
  search: { ...profiles.quick.search, resolution: 1 },
};

export async function whereTimeGoes(name: string, { links }: Options, say: Say): Promise<string> {
  const missing = missingPrograms(["perf"]);
  if (missing !== undefined) throw new Error(`Cannot tell where time goes: ${missing}`);
  const wanted = subjects.filter((subject) => subject.name === name);
  const setting = { label: name, topology: "bench", links: links[0] ?? "veth", server: "server", subjects: wanted };
  await using open = await OpenLab.start(setting, say);
  const [place] = open.places;
  if (place === undefined)
    throw new Error(`Cannot tell where time goes: ${open.missing[0]?.why ?? "there is no subject"}`);
  const folder = await mkdtemp(join(tmpdir(), "clatd-bench-"));
  try {
    const sections: string[] = [];
    for (const activity of activitiesOf(steady).filter((one) => observed.test(one.name))) {
      say(`${name}: ${activity.name}`);
      const file = join(folder, "perf.data");
      const recording = execa("perf", ["record", "-q", "-a", "-F", "997", "-o", file, "--", "sleep", `${SECONDS - 1}`]);
      await Promise.all([activity.run(place.stand, steady), recording]);
      const by = async (sort: string, limit: string): Promise<string> => {
        const words = ["report", "-i", file, "--stdio", "-t", "|", "--sort", sort, "--percent-limit", limit];
        return perfTable(sort.split(","), (await execa("perf", words, { stdin: "ignore" })).stdout);
      };
      sections.push(
        `## ${name}: ${activity.name}\n\n${await by("comm,dso", "1")}\n\n${await by("comm,symbol", "0.7")}\n`,
      );
    }
    return sections.join("\n");
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The rows of perf's report as Markdown, without what it says about itself. */
export function perfTable(columns: readonly string[], report: string): string {
  const rows = report
    .split("\n")
    .filter((line) => line.includes("|") && !line.startsWith("#"))
    .map((line) => line.split("|").map((cell) => cell.trim()))
    .map(([percent = "", ...cells]) => [...cells.slice(0, columns.length), percent]);
  return plainTable([...columns, "time"], rows);
}
