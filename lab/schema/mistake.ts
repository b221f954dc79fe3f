// What is wrong in a topology file, and where: collected over the whole file and shown together.

import { nearest } from "../../src/config/nearest.js";

/** The way to a value in the file: keys and indexes from the top. */
export type Path = readonly (string | number)[];

export interface Mistake {
  readonly path: Path;
  /** The mistake is in the key itself (it is not known), not in its value. */
  readonly atKey?: boolean;
  readonly text: string;
}

export interface LocatedMistake {
  readonly line: number;
  readonly column: number;
  readonly text: string;
}

/** All that is wrong with one file. */
export class TopologyError extends Error {
  readonly file: string;
  readonly mistakes: readonly LocatedMistake[];
  constructor(file: string, mistakes: readonly LocatedMistake[]) {
    const lines = mistakes.map(({ line, column, text }) => `${file}:${line}:${column}: ${text}`);
    super(
      `Cannot read topology "${file}": ${mistakes.length} mistake${mistakes.length === 1 ? "" : "s"}\n${lines.join("\n")}`,
    );
    this.name = "TopologyError";
    this.file = file;
    this.mistakes = mistakes;
  }
}

/** `; did you mean "router"?`, else what is allowed. */
export function instead(given: string, names: readonly string[]): string {
  const meant = nearest(given, names);
  if (meant !== undefined) return `did you mean "${meant}"?`;
  return names.length === 0 ? "there is none" : `known: ${names.join(", ")}`;
}
