import { once } from "node:events";
import { connect, createServer } from "node:net";
import { describe, expect, it } from "vitest";
import { createLog } from "../../../src/daemon/log.js";
import { serveMetrics } from "../../../src/daemon/metrics-server.js";
import { waitingRecord } from "../../support/status-records.js";

const clock = { now: () => performance.now(), sleep: () => new Promise<void>((resolve) => setTimeout(resolve, 5)) };

/** One that nobody listens at, at an address that nobody connects from, so that no visitor meets itself there. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.46.5");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" && address !== null ? address.port : 0;
}

/** Connected as soon as it listens. */
async function visitor(port: number) {
  for (;;) {
    const socket = connect(port, "127.0.46.5");
    const came = await new Promise<boolean>((resolve) => {
      socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    });
    // How it ends does not matter, be it by a reset.
    if (came) return socket.on("error", () => {});
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

describe("serveMetrics()", () => {
  it("ends at once though somebody is connected who asks for nothing, or for half of something", async () => {
    const lines: string[] = [];
    const log = createLog({ quiet: 0, debug: 0, write: (line) => lines.push(line) });
    const ending = new AbortController();
    const port = await freePort();
    const served = serveMetrics({ address: "127.0.46.5", port }, () => waitingRecord, { log, clock }, ending.signal);
    const [silent, slow] = [await visitor(port), await visitor(port)];
    slow.write("GET /metr");
    const gone = Promise.all([silent, slow].map((socket) => new Promise((resolve) => socket.once("close", resolve))));
    ending.abort();
    await served;
    await gone;
    expect(lines).toEqual([]);
  }, 30_000);
});
