// holdHangUps(): on a process that remembers, and with the program itself.

import { spawn } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { describe, expect, it } from "vitest";
import { holdHangUps } from "../../../src/cli/hang-ups.js";

class FakeProcess extends EventEmitter {
  readonly pid = 7;
  readonly killed: string[] = [];
  kill(pid: number, signal: string): void {
    this.killed.push(`${pid} ${signal}`);
  }
}

describe("holdHangUps()", () => {
  it("keeps what comes before somebody listens, as one, and passes on what comes later", () => {
    const process = new FakeProcess();
    const hangUps = holdHangUps(process);
    process.emit("SIGHUP");
    process.emit("SIGHUP");
    let heard = 0;
    const deaf = hangUps.listen(() => {
      heard++;
    });
    expect(heard).toBe(1);
    process.emit("SIGHUP");
    expect(heard).toBe(2);
    deaf();
    expect(process.listenerCount("SIGHUP")).toBe(0);
    expect(process.killed).toEqual([]);
  });

  it("tells nothing where nothing has come", () => {
    let heard = 0;
    holdHangUps(new FakeProcess()).listen(() => {
      heard++;
    });
    expect(heard).toBe(0);
  });

  it("is never without a listener on the way to who listens", () => {
    const process = new FakeProcess();
    const hangUps = holdHangUps(process);
    const counts: number[] = [];
    process.on("removeListener", () => counts.push(process.listenerCount("SIGHUP")));
    hangUps.listen(() => {});
    expect(counts).toEqual([1]);
  });

  it.each([
    [0, []],
    [1, ["7 SIGHUP"]],
  ])("released after %i of them: %j", (count, killed) => {
    const process = new FakeProcess();
    const hangUps = holdHangUps(process);
    for (let each = 0; each < count; each++) process.emit("SIGHUP");
    hangUps.release();
    expect(process.killed).toEqual(killed);
    expect(process.listenerCount("SIGHUP")).toBe(0);
  });

  it("released leaves the process to the signal, as if nobody had held it", async () => {
    const module = new URL("../../../dist/src/cli/hang-ups.js", import.meta.url).href;
    const lines = `
      const { holdHangUps } = await import(${JSON.stringify(module)});
      const hangUps = holdHangUps(process);
      process.once("SIGHUP", () => hangUps.release());
      process.kill(process.pid, "SIGHUP");
      setTimeout(() => {}, 60_000);`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", lines], { stdio: "inherit" });
    expect(await once(child, "exit")).toEqual([null, "SIGHUP"]);
  });
});
