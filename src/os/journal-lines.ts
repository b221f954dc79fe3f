// The journal's text: JSON, one record a line. Pure. A torn last line (the machine or the process died while it was
// written) counts as not written: then its effect was not done either.

import type { Applied } from "./driver.js";
import type { Effect } from "./effect.js";

/** Who writes the journal, and in which running system what it says holds. */
export interface JournalOwner {
  readonly version: string;
  readonly pid: number;
  /** Start time of the process, in the kernel's ticks: a process id alone is used again. */
  readonly started: string;
  /** Identifier of this boot: after another boot nothing of it stands any more. */
  readonly boot: string;
  /** Which network namespace. */
  readonly netns: string;
}

export type JournalRecord =
  | { readonly owner: JournalOwner }
  | { readonly id: number; readonly apply: Applied }
  /** These stand no more: undone, or never done since one before them failed. */
  | { readonly gone: readonly number[] };

export interface JournalContent {
  /** Of the last who opened it. */
  readonly owner: JournalOwner | undefined;
  /** What stands, in the order of doing. */
  readonly entries: ReadonlyMap<number, Applied>;
  readonly nextId: number;
}

export function recordLine(record: JournalRecord): string {
  return `${JSON.stringify(record)}\n`;
}

export class JournalSyntaxError extends Error {
  /** Who wrote what stands in front of it, where that is known. */
  readonly owner: JournalOwner | undefined;
  constructor(message: string, owner: JournalOwner | undefined, options?: ErrorOptions) {
    super(message, options);
    this.name = "JournalSyntaxError";
    this.owner = owner;
  }
}

export function parseJournal(text: string): JournalContent {
  const lines = text.split("\n");
  const last = lines.pop() ?? "";
  // Behind the last line feed stands nothing, or a torn line, or one that lacks nothing but its end.
  if (isWhole(last)) lines.push(last);
  let owner: JournalOwner | undefined;
  const entries = new Map<number, Applied>();
  let nextId = 1;
  for (const [index, line] of lines.entries()) {
    const record = parseRecord(line, index + 1, lines[index + 1], owner);
    if (record === undefined) continue;
    if ("owner" in record) owner = record.owner;
    else if ("apply" in record) {
      entries.set(record.id, record.apply);
      nextId = Math.max(nextId, record.id + 1);
    } else for (const id of record.gone) entries.delete(id);
  }
  return { owner, entries, nextId };
}

function parseRecord(
  line: string,
  number: number,
  next: string | undefined,
  owner: JournalOwner | undefined,
): JournalRecord | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    // One that was torn, ended by the next process that opened the journal.
    if (next?.startsWith('{"owner":') === true) return undefined;
    throw new JournalSyntaxError(`line ${number} is no JSON`, owner, { cause });
  }
  if (!isRecord(value)) {
    throw new JournalSyntaxError(`line ${number} is no record of a journal: ${line.slice(0, 80)}`, owner);
  }
  if ("apply" in value && !Object.hasOwn(known, value.apply.effect.do)) {
    const writer = owner === undefined ? "another version" : `clatd ${owner.version}`;
    const text = `line ${number} is "${value.apply.effect.do}", which ${writer} did and this version does not know; that one's \`clatd cleanup\` undoes it`;
    throw new JournalSyntaxError(text, owner);
  }
  return value;
}

/** What this version can undo. A journal may be that of another one, which was there before an update, or a step back. */
const known: Readonly<Record<Effect["do"], true>> = {
  "netns.add": true,
  "link.add": true,
  "link.set": true,
  "address.add": true,
  "route.add": true,
  "route.withhold": true,
  "rule.add": true,
  "rule.withhold": true,
  "neighbour.proxy": true,
  "sysctl.set": true,
  "nft.table": true,
  "bpf.attach": true,
  "nat46.device": true,
  "jool.instance": true,
  "ufw.route": true,
  "file.write": true,
  "process.start": true,
};

function isWhole(line: string): boolean {
  try {
    return isRecord(JSON.parse(line));
  } catch {
    return false;
  }
}

/** Our own file, so its shape is checked, not every field of an effect. */
function isRecord(value: unknown): value is JournalRecord {
  if (typeof value !== "object" || value === null) return false;
  if ("owner" in value) return typeof value.owner === "object" && value.owner !== null && "boot" in value.owner;
  if ("gone" in value) return Array.isArray(value.gone);
  if (!("id" in value) || typeof value.id !== "number" || !("apply" in value)) return false;
  const { apply } = value;
  return typeof apply === "object" && apply !== null && "effect" in apply && "undo" in apply;
}
