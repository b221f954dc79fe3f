// Figures on disk as they come, a line of JSON each, so that a run that was broken off goes on where it was: its first line says
// what they are figures of.

import { appendFileSync, existsSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";

/** What one activity has come to with one subject in one round. */
export interface KeptResult {
  readonly label: string;
  readonly subject: string;
  readonly activity: string;
  /** One for each measure of the activity, null: not a number; or why there is none. */
  readonly figures?: readonly (number | null)[];
  readonly why?: string;
}

type Key = Pick<KeptResult, "label" | "subject" | "activity">;

export interface Kept {
  /** The results of earlier runs, by round, from the first one on. */
  of(key: Key): readonly KeptResult[];
  add(result: KeptResult): void;
}

/** Without a file: nothing is kept. */
export const keptNowhere: Kept = { of: () => [], add: () => undefined };

/**
 * Goes on with a file, or begins one.
 * @param what says what was measured and where; a file that says something else is refused
 */
export function keptIn(path: string, what: object): Kept {
  const given = JSON.parse(JSON.stringify(what)) as unknown;
  const found = new Map<string, KeptResult[]>();
  const [head, ...lines] = wholeLines(path);
  if (head === undefined) writeFileSync(path, `${JSON.stringify(given)}\n`);
  else if (!isDeepStrictEqual(read(path, head), given))
    throw new Error(
      `Cannot go on with ${path}: it has figures of another profile, scale or machine; give --keep another file`,
    );
  for (const line of lines) {
    const result = read(path, line) as KeptResult;
    found.set(keyOf(result), [...(found.get(keyOf(result)) ?? []), result]);
  }
  return {
    of: (key) => found.get(keyOf(key)) ?? [],
    add: (result) => appendFileSync(path, `${JSON.stringify(result)}\n`),
  };
}

const keyOf = ({ label, subject, activity }: Key): string => [label, subject, activity].join("/");

/** The lines of a file, none if there is no file. A line that was being written when the run was broken off is taken out. */
function wholeLines(path: string): string[] {
  if (!existsSync(path)) return [];
  const octets = readFileSync(path);
  const end = octets.lastIndexOf("\n") + 1;
  if (end < octets.length) truncateSync(path, end);
  return octets.subarray(0, end).toString().split("\n").slice(0, -1);
}

function read(path: string, line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (cause) {
    throw new Error(`Cannot go on with ${path}: "${line}" is no line of a benchmark; give --keep another file`, {
      cause,
    });
  }
}
