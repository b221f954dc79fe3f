// The journal: what was done to the system and how to undo it, on disk before it is done. After a SIGKILL the next start
// or `clatd cleanup` reads it and puts everything back. The file exists only while something is applied.

import { type Applied, type OsDriver, OsError } from "./driver.js";
import type { Effect } from "./effect.js";
import {
  type JournalContent,
  type JournalOwner,
  type JournalRecord,
  JournalSyntaxError,
  parseJournal,
  recordLine,
} from "./journal-lines.js";
import type { JournalStorage } from "./journal-storage.js";

/** Why a journal cannot be used: the message is for people. */
class JournalError extends Error {
  readonly code: "in-use" | "other-netns" | "damaged";
  constructor(code: JournalError["code"], message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "JournalError";
    this.code = code;
  }
}

/** Something that could not be undone, and stays in the journal. */
export interface RevertFailure {
  readonly applied: Applied;
  readonly error: Error;
}

export interface JournalOptions {
  readonly storage: JournalStorage;
  readonly path: string;
  readonly owner: JournalOwner;
  /** Whether the process that wrote a journal still runs. */
  readonly isAlive: (owner: JournalOwner) => boolean;
}

/** Opens it, with what an earlier process left in `entries`. Throws JournalError where it must not be touched. */
export async function openJournal(options: JournalOptions): Promise<Journal> {
  const { storage, path, owner } = options;
  const text = await storage.read(path);
  if (text === undefined) return new Journal(storage, path, owner, undefined);
  const content = parse(text, path, owner.boot);
  const before = content?.owner;
  if (content === undefined || before === undefined || before.boot !== owner.boot) {
    // Nothing was written yet, or of another boot: nothing of it stands any more.
    await storage.remove(path);
    return new Journal(storage, path, owner, undefined);
  }
  if (before.pid !== owner.pid || before.started !== owner.started) {
    if (options.isAlive(before)) {
      const text = `Cannot use the journal ${path}: clatd runs already, as process ${before.pid}; stop that one first`;
      throw new JournalError("in-use", text);
    }
  }
  if (before.netns !== owner.netns) {
    const text = `Cannot use the journal ${path}: it was written in another network namespace (${before.netns}, this is ${owner.netns}); run \`clatd cleanup\` there, or remove the file if that namespace is gone`;
    throw new JournalError("other-netns", text);
  }
  // The line feed ends a torn last line.
  const taken = `${text.endsWith("\n") ? "" : "\n"}${recordLine({ owner })}`;
  // A disk that is full must not keep what was left from being undone.
  const isWritten = await storage.append(path, taken).catch(() => false);
  return new Journal(storage, path, owner, content, isWritten ? "" : taken);
}

/** Undefined where it is damaged, but of another boot. */
function parse(text: string, path: string, boot: string): JournalContent | undefined {
  try {
    return parseJournal(text);
  } catch (cause) {
    if (!(cause instanceof JournalSyntaxError)) throw cause;
    if (cause.owner !== undefined && cause.owner.boot !== boot) return undefined;
    const message = `Cannot use the journal ${path}: ${cause.message}; look at what it says was done, undo that by hand and remove the file`;
    throw new JournalError("damaged", message, { cause });
  }
}

/** Effects between two lines of the journal about their undoing. */
const atOnce = 100;

export class Journal {
  readonly path: string;
  readonly #storage: JournalStorage;
  readonly #owner: JournalOwner;
  readonly #entries: Map<number, Applied>;
  #exists: boolean;
  #nextId: number;
  /** Lines that could not be written, and go in front of the next ones: who has taken it over, and what stands no more. */
  #unwritten: string;

  /** Use `openJournal`. */
  constructor(
    storage: JournalStorage,
    path: string,
    owner: JournalOwner,
    content: JournalContent | undefined,
    unwritten = "",
  ) {
    this.#storage = storage;
    this.path = path;
    this.#owner = owner;
    this.#entries = new Map(content?.entries);
    this.#exists = content !== undefined;
    this.#nextId = content?.nextId ?? 1;
    this.#unwritten = unwritten;
  }

  /** What stands, in the order of doing. */
  get entries(): readonly Applied[] {
    return [...this.#entries.values()];
  }

  /**
   * Prepares all, writes all, does all. Where one fails, those before it stand and are in `entries`, those after it are
   * forgotten, and the driver's error is thrown.
   */
  async apply(os: OsDriver, effects: readonly Effect[]): Promise<readonly Applied[]> {
    if (effects.length === 0) return [];
    const prepared = await os.prepareAll(effects);
    await this.#perform(os, prepared);
    return prepared;
  }

  /** Does `effect` over `old`, a setter of the same properties: the undo keeps the values from before `old`. */
  async amend(os: OsDriver, old: Applied, effect: Effect): Promise<Applied> {
    const amended: Applied = { effect, undo: old.undo };
    await this.#perform(os, [amended]);
    // Both stand in the journal until here: whichever value a crash leaves behind, one of the two knows it as its own.
    await this.#forgetSoon(this.#idsOf([old]));
    return amended;
  }

  /** Undoes one; throws what the driver throws, and keeps the entry then. */
  async revert(os: OsDriver, applied: Applied): Promise<void> {
    await os.revert(applied);
    await this.#forget(this.#idsOf([applied]));
  }

  /** Undoes everything, the last first, and goes on past failures: those are what it returns and keeps. */
  revertAll(os: OsDriver): Promise<readonly RevertFailure[]> {
    return this.revertEach(os, this.entries.toReversed());
  }

  /**
   * Undoes these in the order given, and goes on past failures: those are what it returns and keeps. They are struck out a
   * hundred at a time: to undo what is undone already does no harm. So a disk that is full keeps nothing from being undone;
   * that it could not be written down is thrown at the end, unless the file has gone with its last entry.
   */
  async revertEach(os: OsDriver, list: readonly Applied[]): Promise<readonly RevertFailure[]> {
    const failures: RevertFailure[] = [];
    const unwritten: unknown[] = [];
    for (let from = 0; from < list.length; from += atOnce) {
      const some = list.slice(from, from + atOnce);
      const errors = await os.revertEach(some);
      const undone = this.#idsOf(some.filter((_applied, index) => errors[index] === undefined));
      await this.#forget(undone).catch((error: unknown) => unwritten.push(error));
      for (const [index, applied] of some.entries()) {
        const error = errors[index];
        if (error !== undefined) failures.push({ applied, error });
      }
    }
    if (this.#exists && unwritten.length > 0) throw unwritten[0];
    return failures;
  }

  async #perform(os: OsDriver, prepared: readonly Applied[]): Promise<void> {
    const ids = prepared.map(() => this.#nextId++);
    const records = prepared.map((apply, index): JournalRecord => ({ id: ids[index] ?? 0, apply }));
    await this.#write(records);
    for (const [index, applied] of prepared.entries()) this.#entries.set(ids[index] ?? 0, applied);
    try {
      await os.performAll(prepared);
    } catch (error) {
      // Only what the driver says about itself is believed; after anything else all of it may have been done.
      if (error instanceof OsError && error.done !== undefined) await this.#forgetSoon(notDone(ids, error));
      throw error;
    }
  }

  async #write(records: readonly JournalRecord[]): Promise<void> {
    const text = records.map(recordLine).join("");
    if (!this.#exists || !(await this.#storage.append(this.path, this.#unwritten + text))) {
      // Where somebody has taken it away, all that stands is written down again.
      const standing = [...this.#entries].map(([id, apply]) => recordLine({ id, apply })).join("");
      await this.#storage.create(this.path, recordLine({ owner: this.#owner }) + standing + text);
    }
    this.#exists = true;
    this.#unwritten = "";
  }

  async #forget(ids: readonly number[]): Promise<void> {
    for (const id of ids) this.#entries.delete(id);
    if (!this.#exists || ids.length === 0) return;
    const gone: JournalRecord = { gone: ids };
    try {
      if (this.#entries.size > 0) return await this.#write([gone]);
      await this.#storage.remove(this.path);
    } catch (error) {
      this.#unwritten += recordLine(gone);
      throw error;
    }
    this.#exists = false;
    this.#unwritten = "";
  }

  /** Now, or with the next line: to undo what does not stand does no harm, and that it could not be written is no failure. */
  async #forgetSoon(ids: readonly number[]): Promise<void> {
    await this.#forget(ids).catch(() => {});
  }

  #idsOf(list: readonly Applied[]): number[] {
    const wanted = new Set(list);
    return [...this.#entries].filter(([, applied]) => wanted.has(applied)).map(([id]) => id);
  }
}

/**
 * The one that failed may have been done in part (a link made, its MTU refused), so it is kept to be undone; unless
 * it failed because somebody else's stands in its place.
 */
function notDone(ids: readonly number[], error: OsError): readonly number[] {
  return ids.slice((error.done ?? ids.length) + (error.code === "exists" ? 0 : 1));
}
