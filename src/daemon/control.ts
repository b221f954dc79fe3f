// The control socket: JSON lines over a unix socket, one answer to each question; who speaks HTTP instead gets the metrics.
// It is also how a second daemon for the same device finds the first one.

import { chmod, mkdir, rm } from "node:fs/promises";
import type { Server as HttpServer } from "node:http";
import { createServer, type Server, type Socket } from "node:net";
import { dirname, join } from "node:path";
import { ask } from "./control-client.js";
import type { ControlAnswer, ControlQuestion } from "./control-words.js";
import { metricsServer } from "./metrics-server.js";
import type { StatusRecord } from "./status.js";
import { messageOf } from "./words.js";

/** A line longer than this is no question. */
const longestQuestion = 4096;
/** Milliseconds: answers come at once, and nobody may keep a connection for himself. */
const patience = 10_000;
/** Connections at once: nobody may use up our file descriptors. */
const most = 64;

export function socketPath(clatDev: string, runtimeDir: string): string {
  return join(runtimeDir, `${clatDev}.sock`);
}

/** Another daemon holds the device. */
export class AlreadyRunning extends Error {
  readonly pid: number;
  constructor(clatDev: string, pid: number) {
    super(
      `Cannot start clatd for ${clatDev}: it runs already, as process ${pid}; stop that one, or choose another clat-dev`,
    );
    this.name = "AlreadyRunning";
    this.pid = pid;
  }
}

export interface ControlSocket extends AsyncDisposable {
  readonly path: string;
}

/** Listens; throws AlreadyRunning where a daemon answers there. What a dead one left behind is replaced. */
export async function openControl(
  clatDev: string,
  runtimeDir: string,
  status: () => StatusRecord,
): Promise<ControlSocket> {
  const path = socketPath(clatDev, runtimeDir);
  await mkdir(dirname(path), { recursive: true, mode: 0o755 });
  await refuseSecond(clatDev, path);
  const open = new Set<Socket>();
  const http = metricsServer(status);
  const server = createServer((socket) => serve(socket, status, http, open));
  server.maxConnections = most;
  await listen(server, path);
  // One that could not be taken (EMFILE) is that client's affair.
  server.on("error", () => {});
  await chmod(path, 0o660);
  return {
    path,
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function refuseSecond(clatDev: string, path: string): Promise<void> {
  const answer = await ask(path, { ask: "status" });
  if (answer.ok) throw new AlreadyRunning(clatDev, answer.status.pid);
  if (answer.code === "trouble") {
    throw new Error(`Cannot start clatd for ${clatDev}: ${answer.error}; stop what listens at ${path}`);
  }
  await rm(path, { force: true });
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause) =>
      reject(
        new Error(`Cannot listen on ${path}: ${cause.message}; clatd needs to write to that directory`, { cause }),
      ),
    );
    server.listen(path, resolve);
  });
}

function serve(socket: Socket, status: () => StatusRecord, http: HttpServer, open: Set<Socket>): void {
  open.add(socket);
  let octets = Buffer.alloc(0);
  socket.on("close", () => open.delete(socket));
  socket.on("error", () => socket.destroy());
  socket.setTimeout(patience, () => socket.destroy());
  const hear = (chunk: Buffer): void => {
    octets = Buffer.concat([octets, chunk]);
    if (isHttp(octets)) {
      socket.off("data", hear);
      socket.pause();
      socket.unshift(octets);
      http.emit("connection", socket);
      // Not before HTTP listens, or what was put back is lost to it.
      process.nextTick(() => socket.resume());
      return;
    }
    for (let end = octets.indexOf("\n"); end >= 0; end = octets.indexOf("\n")) {
      const line = octets.toString("utf8", 0, end);
      octets = octets.subarray(end + 1);
      socket.write(`${JSON.stringify(answerTo(line, status))}\n`);
    }
    if (octets.length > longestQuestion) socket.destroy();
  };
  socket.on("data", hear);
}

/** A question in JSON has no word in capitals at its beginning. */
function isHttp(octets: Buffer): boolean {
  return /^[A-Z]{3,10} /.test(octets.toString("latin1", 0, 16));
}

function answerTo(line: string, status: () => StatusRecord): ControlAnswer {
  try {
    const question = JSON.parse(line) as Partial<ControlQuestion> | null;
    if (question?.ask === "status") return { ok: true, status: status() };
    return { ok: false, error: `There is no such question: ${line}; allowed: {"ask":"status"}` };
  } catch (error) {
    return { ok: false, error: messageOf(error) };
  }
}
