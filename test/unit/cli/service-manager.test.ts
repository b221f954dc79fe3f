// What the environment of a service means: NOTIFY_SOCKET, WATCHDOG_USEC, WATCHDOG_PID, JOURNAL_STREAM.

import { closeSync, fstatSync, mkdtempSync, openSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { isJournal } from "../../../src/cli/journal-stream.js";
import { beatInterval, serviceNotices } from "../../../src/cli/service-manager.js";
import { NotifySocket } from "../../support/notify-socket.js";

describe("serviceNotices()", () => {
  it("speaks to the socket that the manager names, and takes the variables away", async () => {
    await using socket = await NotifySocket.open();
    const environment = { NOTIFY_SOCKET: socket.path, WATCHDOG_USEC: "3000000", WATCHDOG_PID: "7", PATH: "/bin" };
    const notices = serviceNotices(environment, 7);
    notices?.beat();
    notices?.reloading();
    expect(socket.messages).toEqual(["WATCHDOG=1", expect.stringMatching(/^RELOADING=1\nMONOTONIC_USEC=\d{6,}$/)]);
    expect(environment).toEqual({ PATH: "/bin" });
  });

  it.each([{}, { NOTIFY_SOCKET: "" }, { NOTIFY_SOCKET: "relative" }])("is nobody for %j", (environment) => {
    expect(serviceNotices({ ...environment }, 7)).toBeUndefined();
  });
});

describe("beatInterval()", () => {
  it.each([
    [{ WATCHDOG_USEC: "60000000" }, 20_000],
    [{ WATCHDOG_USEC: "60000000", WATCHDOG_PID: "7" }, 20_000],
    [{ WATCHDOG_USEC: "60000000", WATCHDOG_PID: "8" }, undefined],
    [{ WATCHDOG_USEC: "1" }, 1],
    [{ WATCHDOG_USEC: "0" }, undefined],
    [{ WATCHDOG_USEC: "soon" }, undefined],
    [{}, undefined],
  ])("%j: %s ms", (environment, interval) => {
    expect(beatInterval(environment, 7)).toBe(interval);
  });
});

describe("isJournal()", () => {
  it("is true where the descriptor is the stream that the variable names", () => {
    const folder = mkdtempSync(join(tmpdir(), "clatd-stream-"));
    const fd = openSync(join(folder, "stream"), "w");
    try {
      const { dev, ino } = fstatSync(fd);
      expect(isJournal(fd, { JOURNAL_STREAM: `${dev}:${ino}` })).toBe(true);
      expect(isJournal(fd, { JOURNAL_STREAM: `${dev}:${ino + 1}` })).toBe(false);
      expect(isJournal(fd, {})).toBe(false);
    } finally {
      closeSync(fd);
      rmSync(folder, { recursive: true });
    }
    expect(isJournal(fd, { JOURNAL_STREAM: "1:2" })).toBe(false);
  });
});
