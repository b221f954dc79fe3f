// The door to UFW. It is a Python program that keeps its rules in files of its own and brings them into the kernel by
// itself, so it is asked and told by its own command, and only by that.

import { cannot } from "../describe.js";
import { OsError } from "../driver.js";
import type { Effect } from "../effect.js";
import type { NftTable } from "../snapshot.js";
import { isActiveUfw, staleUfwRules, ufwOwner, ufwWords } from "../ufw-words.js";
import { codeOf, oneLine } from "./kernel-words.js";
import { run } from "./run.js";

type UfwEffect = Effect & { do: "ufw.route" };

/** Milliseconds: to ask takes a tenth of a second, and hardly anybody switches a firewall on in between. */
const askAgainAfter = 300_000;

export class Ufw {
  readonly #command: string;
  readonly #now: () => number;
  /** Rules that were prepared by this driver. */
  readonly #prepared = new Set<string>();
  #swept = false;
  #known: { readonly active: boolean; readonly seen: string; readonly at: number } | undefined;

  /** @param command its path; @param now milliseconds */
  constructor(command: string, now = () => performance.now()) {
    this.#command = command;
    this.#now = now;
  }

  /** @param nft the tables that are there: where something changes in those with its chains, it is asked at once */
  async isActive(nft: readonly NftTable[]): Promise<boolean> {
    const seen = nft.flatMap(({ text }) => (text.includes("ufw") ? [text] : [])).join("\n");
    const known = this.#known;
    if (known !== undefined && known.seen === seen && this.#now() - known.at < askAgainAfter) return known.active;
    const active = await this.#ask();
    this.#known = { active, seen, at: this.#now() };
    return active;
  }

  /** One that is not installed, or does not work, has no rules in the way. */
  async #ask(): Promise<boolean> {
    try {
      return isActiveUfw((await run([this.#command, "status"], { timeout: 10_000 })).stdout);
    } catch (error) {
      if (error instanceof OsError) return false;
      throw error;
    }
  }

  async ownerOf(effect: UfwEffect): Promise<"ours" | "theirs" | undefined> {
    this.#prepared.add(ufwWords(effect).join(" "));
    return ufwOwner(await this.#shown(), effect);
  }

  async #shown(): Promise<string> {
    return (await run([this.#command, "show", "added"])).stdout;
  }

  /** One that is there already stays as it is. */
  async add(effect: UfwEffect): Promise<void> {
    if (!this.#swept) await this.#sweep(effect.comment);
    this.#swept = true;
    const said = await run([this.#command, "route", ...ufwWords(effect), "comment", effect.comment]);
    if (said.code === 0) return;
    const why = oneLine(said.stderr) || oneLine(said.stdout) || `exit code ${said.code}`;
    throw new OsError(codeOf(why), cannot(effect, `${why}; an empty cmd-ufw leaves UFW alone`));
  }

  /** Of an earlier clatd for this device, before a reboot; nobody else has the comment. */
  async #sweep(comment: string): Promise<void> {
    for (const rule of staleUfwRules(await this.#shown(), comment, this.#prepared)) {
      await run([this.#command, "route", "delete", ...rule.split(" ")]);
    }
  }

  /** One that is gone already is fine, and so is a UFW that is. */
  async remove(effect: UfwEffect): Promise<void> {
    try {
      const { code, stdout, stderr } = await run([this.#command, "route", "delete", ...ufwWords(effect)]);
      if (code !== 0) throw new OsError("failed", oneLine(stderr) || oneLine(stdout) || `exit code ${code}`);
    } catch (error) {
      if (!(error instanceof OsError) || error.code !== "missing") throw error;
    }
  }
}
