// Whether our output goes straight to the journal of systemd (JOURNAL_STREAM in systemd.exec(5)).

import { fstatSync } from "node:fs";

/** @param fd where it is written to */
export function isJournal(fd: number, environment: Readonly<Record<string, string | undefined>>): boolean {
  const stream = environment["JOURNAL_STREAM"];
  if (stream === undefined) return false;
  try {
    const { dev, ino } = fstatSync(fd, { bigint: true });
    return stream === `${dev}:${ino}`;
  } catch {
    return false;
  }
}
