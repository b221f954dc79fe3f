// Answers `GET /metrics` over HTTP: to connections that the control socket hands over (`curl --unix-socket`), and on a TCP
// address of its own where the configuration names one.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { type ListenAddress, listenAddress } from "../config/listen-type.js";
import { childOf, pause } from "../discovery/pause.js";
import type { Clock } from "../os/clock.js";
import type { Log } from "./log.js";
import { metricsText, metricsType, type ProcessUse } from "./metrics.js";
import type { StatusRecord } from "./status.js";

/** Connections at once: a scraper has one, and nobody may use up our file descriptors. */
const most = 32;
/** Milliseconds before another attempt to listen: the address may come later than clatd. */
const retryAfter = 5000;
/** In milliseconds, for the request to be there. */
const patience = 5000;

/** Not listening yet: `emit("connection", socket)` hands it one, `listen()` opens it. */
export function metricsServer(status: () => StatusRecord): Server {
  const server = createServer({ requestTimeout: patience, headersTimeout: patience }, (request, response) =>
    answer(request, response, status),
  );
  server.maxConnections = most;
  server.on("clientError", (_error, socket) => socket.destroy());
  return server;
}

/** Listens until the signal aborts. That it cannot is told, and tried again: IPv4 is worth more than its numbers. */
export async function serveMetrics(
  { address, port }: ListenAddress,
  status: () => StatusRecord,
  { log, clock }: { readonly log: Log; readonly clock: Clock },
  signal: AbortSignal,
): Promise<void> {
  let told = "";
  while (!signal.aborted) {
    const server = metricsServer(status);
    const { controller, release } = childOf(signal);
    const problem = await listening(server, { address, port }, controller.signal);
    release();
    if (problem === undefined || signal.aborted) return;
    const text = `Cannot serve metrics on ${listenAddress.format({ address, port })}: ${problem.message}`;
    if (text !== told) log.warn(`${text}; clatd tries again`);
    told = text;
    await pause(clock, retryAfter, signal);
  }
}

/** Resolves when it has ended: with the error where nobody had asked for it. */
function listening(server: Server, { address, port }: ListenAddress, signal: AbortSignal): Promise<Error | undefined> {
  return new Promise((resolve) => {
    server.once("error", resolve);
    server.once("close", () => resolve(undefined));
    server.listen({ host: address, port, signal });
    // Closing waits for those who are connected, and once it closes the server times nobody out any more.
    signal.addEventListener("abort", () => server.closeAllConnections(), { once: true });
  });
}

function answer(request: IncomingMessage, response: ServerResponse, status: () => StatusRecord): void {
  // One question a connection: what is kept open would keep the daemon from ending.
  response.setHeader("connection", "close");
  const { method = "", url = "" } = request;
  if (method !== "GET" && method !== "HEAD") {
    response.setHeader("allow", "GET, HEAD");
    refuse(response, 405, "Only GET is answered here");
  } else if (url.split("?", 1)[0] !== "/metrics") {
    refuse(response, 404, "There is only /metrics here");
  } else {
    response.writeHead(200, { "content-type": metricsType });
    response.end(method === "HEAD" ? undefined : metricsText(status(), processUse()));
  }
}

function refuse(response: ServerResponse, code: number, text: string): void {
  response.writeHead(code, { "content-type": "text/plain; charset=utf-8" });
  response.end(`${text}\n`);
}

function processUse(): ProcessUse {
  const { user, system } = process.cpuUsage();
  return { cpu: (user + system) / 1e6, resident: process.memoryUsage.rss() };
}
