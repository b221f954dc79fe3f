// The lab's server: HTTP and UDP echo, of both families.
//   GET /            who is asking: {"address", "family"}
//   GET /bytes/N     N octets, their sha256 in the header x-sha256 (up to 2 GB)
//   PUT|POST /upload takes a body: {"octets", "sha256", "address"}
//   PUT /discard     takes a body and only counts it

import { createHash } from "node:crypto";
import { createSocket } from "node:dgram";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { isIPv4 } from "node:net";
import type { ServerConfiguration } from "../kinds/server.js";
import { patternHash, patternSlices } from "./pattern.js";
import { configurationFile, onSignal, readConfiguration, ready } from "./service.js";

/** Longer ones are for measuring: their hash would take long before the first octet. */
const HASHED = 2e9;

function answer(request: IncomingMessage, response: ServerResponse): void {
  // A dual-stack socket shows IPv4 clients as ::ffff:192.0.2.1.
  const address = (request.socket.remoteAddress ?? "").replace(/^::ffff:/, "");
  const client = { address, family: isIPv4(address) ? 4 : 6 };
  if (request.method === "PUT" || request.method === "POST") {
    // A client that goes away in the middle is not waiting for an answer.
    receive(request, request.url !== "/discard").then(
      (received) => json(response, 200, { ...received, ...client }),
      () => response.destroy(),
    );
    return;
  }
  const [, digits] = /^\/bytes\/(\d{1,12})$/.exec(request.url ?? "") ?? [];
  if (digits !== undefined) void send(response, Number(digits), client.address);
  else if (request.url === "/") json(response, 200, client);
  else json(response, 404, { error: `Cannot serve ${request.url}: there are / and /bytes/N` });
}

async function receive(request: IncomingMessage, hashed: boolean): Promise<{ octets: number; sha256?: string }> {
  const hash = createHash("sha256");
  let octets = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    octets += chunk.length;
    if (hashed) hash.update(chunk);
  }
  return { octets, ...(hashed ? { sha256: hash.digest("hex") } : {}) };
}

async function send(response: ServerResponse, octets: number, client: string): Promise<void> {
  response.writeHead(200, {
    "content-type": "application/octet-stream",
    "content-length": octets,
    ...(octets <= HASHED ? { "x-sha256": patternHash(octets) } : {}),
    "x-client": client,
  });
  for (const slice of patternSlices(octets)) {
    if (response.destroyed) return;
    if (!response.write(slice)) await drained(response);
  }
  response.end();
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      response.off("drain", done).off("close", done);
      resolve();
    };
    response.on("drain", done).on("close", done);
  });
}

function json(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(`${JSON.stringify(body)}\n`);
}

function serveHttp(port: number): Promise<void> {
  const server = createServer(answer);
  server.keepAliveTimeout = 1000;
  return new Promise((resolve, reject) => server.once("error", reject).listen(port, "::", () => resolve()));
}

/** Sends every datagram back as it came. */
function serveEcho(port: number): Promise<void> {
  const socket = createSocket({ type: "udp6", recvBufferSize: 1 << 20, sendBufferSize: 1 << 20 });
  socket.on("message", (datagram, from) => socket.send(datagram, from.port, from.address));
  // An error that a datagram's answer met (nobody there any more) is the client's affair.
  socket.on("error", (error) => process.stderr.write(`echo: ${error.message}\n`));
  return new Promise((resolve) => socket.bind(port, "::", () => resolve()));
}

const configuration = readConfiguration<ServerConfiguration>(configurationFile());
onSignal(() => process.exit(0));
if (configuration.http !== undefined) await serveHttp(configuration.http);
if (configuration.udpEcho !== undefined) await serveEcho(configuration.udpEcho);
ready();
