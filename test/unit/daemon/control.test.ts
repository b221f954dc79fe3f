import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AlreadyRunning, openControl, socketPath } from "../../../src/daemon/control.js";
import { ask, readStatus } from "../../../src/daemon/control-client.js";
import type { StatusRecord } from "../../../src/daemon/status.js";
import { waitingRecord } from "../../support/status-records.js";

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "clatd-control-"));
});
afterEach(async () => {
  await rm(dir, { recursive: true });
});

const record: StatusRecord = { ...waitingRecord, pid: 4711 };

describe("openControl()", () => {
  it("openControl() answers with the status, and the socket is for owner and group", async () => {
    await using control = await openControl("clat", dir, () => record);
    expect(control.path).toBe(join(dir, "clat.sock"));
    expect(await readStatus(control.path)).toEqual({ ok: true, status: record });
    expect((await stat(control.path)).mode & 0o777).toBe(0o660);
  });

  it("openControl() makes its directory", async () => {
    await using control = await openControl("clat", join(dir, "run"), () => record);
    expect((await readStatus(control.path)).ok).toBe(true);
  });

  it("openControl() refuses a second daemon, with the process id of the first", async () => {
    await using _first = await openControl("clat", dir, () => record);
    const second = openControl("clat", dir, () => ({ ...record, pid: 4712 }));
    await expect(second).rejects.toThrow(AlreadyRunning);
    await expect(second).rejects.toThrow(/it runs already, as process 4711/);
  });

  it("openControl() lets daemons for other devices be", async () => {
    await using _first = await openControl("clat", dir, () => record);
    await using second = await openControl("siit0", dir, () => ({ ...record, clatDev: "siit0" }));
    expect(await readStatus(second.path)).toMatchObject({ status: { clatDev: "siit0" } });
  });

  it("openControl() replaces what a dead daemon left", async () => {
    await writeFile(socketPath("clat", dir), "");
    await using control = await openControl("clat", dir, () => record);
    expect((await readStatus(control.path)).ok).toBe(true);
  });

  it("openControl() does not take the place of something that listens there and gives no right answer", async () => {
    const server = createServer((socket) => socket.on("data", () => socket.end("hello\n")));
    await new Promise<void>((resolve) => server.listen(socketPath("clat", dir), resolve));
    await expect(openControl("clat", dir, () => record)).rejects.toThrow(
      /^Cannot start clatd for clat: .*stop what listens/,
    );
    await new Promise((resolve) => server.close(resolve));
  });

  it("openControl() answers each line of a client, wrong ones too", async () => {
    await using control = await openControl("clat", dir, () => record);
    const socket = connect(control.path);
    socket.setEncoding("utf8");
    socket.write('{"ask":"status"}\n{"ask":"moon"}\nnothing\nnull\n');
    let text = "";
    for await (const chunk of socket) {
      text += String(chunk);
      if (text.split("\n").length > 4) break;
    }
    const answers = text
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { ok: boolean; error?: string });
    expect(answers.map(({ ok }) => ok)).toEqual([true, false, false, false]);
    expect(answers[1]?.error).toMatch(/no such question.*allowed/);
  });

  it("openControl() hangs up on who is one too many, and answers as soon as there is room again", async () => {
    await using control = await openControl("clat", dir, () => record);
    const silent = Array.from({ length: 200 }, () => connect(control.path).on("error", () => {}));
    const closed = silent.map((socket) => new Promise((resolve) => socket.once("close", resolve)));
    // Those that are too many are hung up on.
    await Promise.race(closed);
    for (const socket of silent) socket.destroy();
    await Promise.all(closed);
    expect((await readStatus(control.path)).ok).toBe(true);
  });

  it("openControl() is gone with its disposal, open connections too", async () => {
    const control = await openControl("clat", dir, () => record);
    const socket = connect(control.path);
    const closed = new Promise((resolve) => socket.once("close", resolve));
    await new Promise((resolve) => socket.once("connect", resolve));
    await control[Symbol.asyncDispose]();
    await closed;
    expect(await readStatus(control.path)).toMatchObject({ ok: false, code: "nobody" });
  });
});

describe("ask()", () => {
  it("ask() says where nobody listens", async () => {
    expect(await ask(join(dir, "none.sock"), { ask: "status" })).toMatchObject({ ok: false, code: "nobody" });
  });

  const answers: readonly (readonly [string, string, RegExp])[] = [
    [
      "a status of another version",
      `${JSON.stringify({ ok: true, status: { ...record, version: 99 } })}\n`,
      /another version/,
    ],
    ["what is no JSON", "hello\n", /JSON/],
    ["a refusal", '{"ok":false,"error":"not today"}\n', /not today/],
    ["an end without an answer", "", /hung up/],
  ];
  for (const [what, answer, error] of answers) {
    it(`ask() takes ${what} for trouble`, async () => {
      const path = join(dir, "odd.sock");
      const server = createServer((socket) => socket.on("data", () => socket.end(answer)));
      await new Promise<void>((resolve) => server.listen(path, resolve));
      expect(await ask(path, { ask: "status" })).toMatchObject({
        ok: false,
        code: "trouble",
        error: expect.stringMatching(error),
      });
      await new Promise((resolve) => server.close(resolve));
    });
  }
});
