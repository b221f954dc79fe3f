// Programs as filters of the qdisc clsact, for kernels before 6.6. They outlive the process: who attaches one writes its
// place down first.

import { spawnSync } from "node:child_process";
import { constants } from "node:os";
import { OsError } from "../../driver.js";
import { inNetns } from "../netns.js";
import { failure } from "./failure.js";
import type { AttachPoint, FilterRecord } from "./fast-path-types.js";
import { libbpf } from "./libbpf.js";
import { tcHook, tcOptions } from "./structs.js";

const { EEXIST, ENOENT, ENODEV, EINVAL } = constants.errno;
const ourHandle = 0xc1a7;

/** Where the filter will be: of a priority that no other filter on this hook has. */
export function filterPlace({ dev, hook, netnsFile }: AttachPoint, ifindex: number): FilterRecord {
  const taken = new Set(filtersOf(dev, hook, netnsFile).map(({ pref }) => pref));
  let priority = 1;
  while (taken.has(priority)) priority++;
  return { how: "clsact", dev, ifindex, hook, handle: ourHandle, priority, ownQdisc: !hasQdisc(dev, netnsFile) };
}

/** @throws OsError */
export function attachFilter(record: FilterRecord, program: number, netnsFile: string | undefined): void {
  const { dev, ifindex, hook } = record;
  inNetns(netnsFile, () => {
    const bpf = libbpf();
    const made = bpf.hookCreate(tcHook(ifindex, undefined).octets);
    if (made < 0 && made !== -EEXIST) throw failure(`add the qdisc clsact to "${dev}"`, made);
    const options = tcOptions(record, { fd: program, replace: false });
    const code = bpf.filterAttach(tcHook(ifindex, hook).octets, options.octets);
    if (code < 0) throw failure(`attach a program to the ${hook} of "${dev}"`, code);
  });
}

export function replaceFilter(record: FilterRecord, program: number, netnsFile: string | undefined): void {
  const { dev, ifindex, hook } = record;
  const options = tcOptions(record, { fd: program, replace: true });
  const code = inNetns(netnsFile, () => libbpf().filterAttach(tcHook(ifindex, hook).octets, options.octets));
  // What hung on a device that is gone is gone, too.
  if (code < 0 && code !== -ENODEV && code !== -EINVAL) throw failure(`replace the program on "${dev}"`, code);
}

/** Also of a process that has ended. What is gone already counts as detached. */
export function detachFilter(record: FilterRecord, netnsFile?: string): void {
  const { dev, ifindex, hook, ownQdisc } = record;
  inNetns(netnsFile, () => {
    const code = libbpf().filterDetach(tcHook(ifindex, hook).octets, tcOptions(record).octets);
    if (code < 0 && ![ENOENT, ENODEV, EINVAL].includes(-code)) throw failure(`detach the program from "${dev}"`, code);
  });
  // Somebody else may use the qdisc by now.
  const isFree = ["ingress", "egress"].every((side) => filtersOf(dev, side, netnsFile).length === 0);
  if (ownQdisc && isFree) inNetns(netnsFile, () => libbpf().hookDestroy(tcHook(ifindex, undefined).octets));
}

export function filterStands({ dev, hook, handle, priority }: FilterRecord, netnsFile: string | undefined): boolean {
  return filtersOf(dev, hook, netnsFile).some(
    ({ pref, options }) => pref === priority && Number(options?.handle) === handle,
  );
}

interface FilterJson {
  readonly pref: number;
  readonly options?: { readonly handle?: string | number };
}

function filtersOf(dev: string, hook: string, netnsFile: string | undefined): readonly FilterJson[] {
  const filters = tc(["filter", "show", "dev", dev, hook], netnsFile) as readonly FilterJson[];
  // It shows a line for the classifier and one for each of its programs.
  return filters.filter(({ pref }) => pref !== undefined);
}

function hasQdisc(dev: string, netnsFile: string | undefined): boolean {
  const qdiscs = tc(["qdisc", "show", "dev", dev], netnsFile) as readonly { readonly kind?: string }[];
  return qdiscs.some(({ kind }) => kind === "clsact");
}

/** A child process is in the network namespace of the thread that starts it. A device that is gone has nothing. */
function tc(words: readonly string[], netnsFile: string | undefined): readonly unknown[] {
  const { error, status, stdout } = inNetns(netnsFile, () => spawnSync("tc", ["-j", ...words], { encoding: "utf8" }));
  if (error !== undefined) {
    throw new OsError("missing", `Cannot run tc: ${error.message}; it comes with iproute2`, { cause: error });
  }
  if (status !== 0 || stdout.trim() === "") return [];
  return JSON.parse(stdout) as readonly unknown[];
}
