// The journal on disk, and who owns it.

import { constants, readFileSync, readlinkSync } from "node:fs";
import { mkdir, open, readFile, rm } from "node:fs/promises";
import { dirname } from "node:path";
import type { JournalOwner } from "../journal-lines.js";
import type { JournalStorage } from "../journal-storage.js";
import { startTimeOf } from "./process-stat.js";

const { O_APPEND, O_WRONLY } = constants;

/**
 * Readable by root alone: what is withheld and written there is nobody else's business. Data are synchronized at each
 * append; on the usual place (/run, memory) that costs nothing, and a journal of another boot is void anyway.
 */
export const fileStorage: JournalStorage = {
  read: async (path) => {
    try {
      return await readFile(path, "utf8");
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
      throw new Error(`Cannot read the journal ${path}: ${error instanceof Error ? error.message : String(error)}`, {
        cause: error,
      });
    }
  },
  create: async (path, text) => {
    await mkdir(dirname(path), { recursive: true });
    await write(path, "wx", text);
  },
  append: (path, text) => write(path, O_WRONLY | O_APPEND, text),
  remove: async (path) => {
    try {
      await rm(path, { force: true });
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new Error(`Cannot remove the journal ${path}: ${why}; all that it says is undone`, { cause });
    }
  },
};

/**
 * All of it or nothing: behind a line that is torn in the middle of the file nobody could read on. False where there is no file
 * to append to.
 */
async function write(path: string, flags: "wx" | number, text: string): Promise<boolean> {
  let file: Awaited<ReturnType<typeof open>> | undefined;
  try {
    file = await open(path, flags, 0o600);
    const { size } = await file.stat();
    try {
      await file.writeFile(text);
      await file.datasync();
    } catch (error) {
      await (flags === "wx" ? rm(path, { force: true }) : file.truncate(size));
      throw error;
    }
    return true;
  } catch (cause) {
    if (flags !== "wx" && cause instanceof Error && "code" in cause && cause.code === "ENOENT") return false;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`Cannot write the journal ${path}: ${why}; nothing is changed without it`, { cause });
  } finally {
    await file?.close();
  }
}

/** This process as the owner of a journal. */
export function thisOwner(version: string): JournalOwner {
  return {
    version,
    pid: process.pid,
    started: startTimeOf(process.pid) ?? "?",
    boot: readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim(),
    netns: readlinkSync("/proc/self/ns/net"),
  };
}

/** Whether it still runs: a process of that id that started at that time. */
export function isAlive(owner: JournalOwner): boolean {
  return startTimeOf(owner.pid) === owner.started;
}
