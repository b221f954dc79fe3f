// The probe that opens a TCP connection, on the loopback device.

import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { describe, expect, it } from "vitest";
import { tcpProbe } from "../../../../lab/probe/tcp-probe.js";

const to = "127.0.0.1";
const timeout = 60_000;

async function listening<T>(use: (port: number) => Promise<T>): Promise<T> {
  const server = createServer((socket) => socket.end()).listen(0, to);
  await once(server, "listening");
  try {
    return await use((server.address() as AddressInfo).port);
  } finally {
    server.close();
  }
}
/** Nobody listens there. Not a port that was free a moment ago: somebody else may get it, or the probe itself. */
const closed = 1;

describe("tcpProbe()", () => {
  it("is good where somebody listens, bad where nobody does", async () => {
    expect(await listening((port) => tcpProbe({ to, port, timeout }))).toMatchObject({ ok: true });
    expect(await tcpProbe({ to, port: closed, timeout })).toMatchObject({ ok: false });
  });

  it("tries every address of a name, of both families", async () => {
    expect(await listening((port) => tcpProbe({ to: "localhost", port, timeout }))).toMatchObject({ ok: true });
  });

  it("with an error that must come: good where it comes at once", async () => {
    const { ok, detail } = await tcpProbe({ to, port: closed, error: ["ECONNREFUSED"], timeout });
    expect(ok).toBe(true);
    expect(detail).toMatch(/^ECONNREFUSED after \d+ ms$/);
  });

  it("bad where another one comes", async () => {
    const { ok, detail } = await tcpProbe({ to, port: closed, error: ["EHOSTUNREACH"], timeout });
    expect(ok).toBe(false);
    expect(detail).toMatch(/ECONNREFUSED .* after \d\.\d\d s, not EHOSTUNREACH within 1 s$/);
  });

  it("bad where the connection comes about", async () => {
    expect(await listening((port) => tcpProbe({ to, port, error: ["EHOSTUNREACH"], timeout }))).toEqual({
      ok: false,
      detail: "it is connected from 127.0.0.1",
    });
  });
});
