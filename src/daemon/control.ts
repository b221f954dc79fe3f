// The control socket: JSON lines over a unix socket, one answer to each question. It is also how a second daemon for the
// same device finds the first one.

import { chmod, mkdir, rm } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { dirname, join } from "node:path";
import { ask } from "./control-client.js";
import type { ControlAnswer, ControlQuestion } from "./control-words.js";
import type { StatusRecord } from "./status.js";
import { messageOf } from "./words.js";

/** A line longer than this is no question. */
const longestQuestion = 4096;

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
  const server = createServer((socket) => serve(socket, status, open));
  await listen(server, path);
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

function serve(socket: Socket, status: () => StatusRecord, open: Set<Socket>): void {
  open.add(socket);
  let text = "";
  socket.setEncoding("utf8");
  socket.on("close", () => open.delete(socket));
  socket.on("error", () => socket.destroy());
  socket.on("data", (chunk: string) => {
    text += chunk;
    const lines = text.split("\n");
    text = lines.pop() ?? "";
    for (const line of lines) socket.write(`${JSON.stringify(answerTo(line, status))}\n`);
    if (text.length > longestQuestion) socket.destroy();
  });
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
