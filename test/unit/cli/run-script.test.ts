// Scripts as real processes: what becomes of them when clatd is to end.

import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { runScript } from "../../../src/cli/run-script.js";

let folder: string;
let end: AbortController;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "clatd-script-"));
  end = new AbortController();
});
afterEach(async () => {
  end.abort();
  await rm(folder, { recursive: true });
});

/** The process that has written its id there. */
const pidIn = (name: string): Promise<number> =>
  vi.waitFor(
    async () => {
      const text = await readFile(join(folder, name), "utf8");
      expect(text).toMatch(/^\d+\n$/);
      return Number(text);
    },
    { timeout: 20_000 },
  );

/** Of a process that has ended, too, where nobody has asked how. */
async function runs(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  return stat !== "" && !/\) [ZX] /.test(stat);
}

const environment = (): Record<string, string> => ({ folder });

describe("runScript()", () => {
  it("runs the line with what it is given, and tells how it ended", async () => {
    await runScript('echo "$word" > "$folder/word"', { ...environment(), word: "clat" }, end.signal);
    expect(await readFile(join(folder, "word"), "utf8")).toBe("clat\n");
    await expect(runScript("exit 3", {}, end.signal)).rejects.toThrow("exit code 3");
    await expect(runScript("exit 4", {})).rejects.toThrow("exit code 4");
  });

  it("ends the script and what it waits for at the signal", async () => {
    const script = runScript(
      'echo $$ > "$folder/shell"; sleep 300 & echo $! > "$folder/sleep"; wait',
      environment(),
      end.signal,
    );
    const refused = expect(script).rejects.toThrow("killed by SIGTERM");
    const pids = [await pidIn("shell"), await pidIn("sleep")];
    end.abort();
    await refused;
    expect(await Promise.all(pids.map(runs))).toEqual([false, false]);
  });

  it("kills what does not heed SIGTERM, when the time is over", async () => {
    // The shell tells of each sleep that was ended.
    const line = 'exec 2>/dev/null; trap "" TERM; echo $$ > "$folder/shell"; while :; do sleep 300; done';
    const script = runScript(line, environment(), end.signal);
    const refused = expect(script).rejects.toThrow("killed by SIGKILL");
    const pid = await pidIn("shell");
    end.abort();
    await refused;
    expect(await runs(pid)).toBe(false);
  });

  it("lets a script put things in order that takes note of SIGTERM", async () => {
    const line =
      'exec 2>/dev/null; trap "echo done > $folder/done; exit 5" TERM; echo $$ > "$folder/shell"; while :; do sleep 0.05; done';
    const script = runScript(line, environment(), end.signal);
    const refused = expect(script).rejects.toThrow("exit code 5");
    await pidIn("shell");
    end.abort();
    await refused;
    expect(await readFile(join(folder, "done"), "utf8")).toBe("done\n");
  });

  it("leaves alone what a script that has ended left running in the background", async () => {
    await runScript('sleep 300 & echo $! > "$folder/sleep"', environment(), end.signal);
    const pid = await pidIn("sleep");
    end.abort();
    expect(await runs(pid)).toBe(true);
    process.kill(pid);
  });
});
