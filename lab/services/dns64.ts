// The builtin DNS64 (RFC 6147 §5): authoritative for a small zone, AAAA records made for names that have only A
// records, over UDP and TCP. Names that it does not know do not exist; there is no recursion.

import { createSocket, type RemoteInfo } from "node:dgram";
import { createServer, type Socket } from "node:net";
import * as dns from "dns-packet";
import type { Dns64Configuration } from "../kinds/dns64.js";
import { answersFor } from "./dns64-answers.js";
import { configurationFile, onSignal, readConfiguration, ready, watchConfiguration } from "./service.js";

const PORT = 53;
/** RFC 1035 §4.2.1: without EDNS an answer over UDP has 512 octets at most; ours are far smaller. */
const file = configurationFile();
let configuration = readConfiguration<Dns64Configuration>(file);
watchConfiguration<Dns64Configuration>(file, (fresh) => {
  configuration = fresh;
});

/** Undefined for what is no question: it gets no answer. */
function answer(packet: Buffer): Buffer | undefined {
  try {
    const query = dns.decode(packet);
    if (query.type !== "query") return undefined;
    return dns.encode(answersFor(query, configuration));
  } catch {
    return undefined;
  }
}

function serveUdp(): Promise<void> {
  const socket = createSocket("udp6");
  socket.on("message", (packet: Buffer, from: RemoteInfo) => {
    const reply = answer(packet);
    if (reply !== undefined) socket.send(reply, from.port, from.address);
  });
  socket.on("error", (error) => process.stderr.write(`udp: ${error.message}\n`));
  return new Promise((resolve) => socket.bind(PORT, "::", () => resolve()));
}

/** Two octets of length before each message (RFC 1035 §4.2.2). */
function serveTcp(): Promise<void> {
  const server = createServer((socket: Socket) => {
    let pending = Buffer.alloc(0);
    socket.on("error", () => socket.destroy());
    socket.on("data", (chunk) => {
      pending = Buffer.concat([pending, Buffer.from(chunk)]);
      while (pending.length >= 2 && pending.length >= 2 + pending.readUInt16BE(0)) {
        const end = 2 + pending.readUInt16BE(0);
        const reply = answer(pending.subarray(2, end));
        pending = pending.subarray(end);
        if (reply === undefined) continue;
        const length = Buffer.alloc(2);
        length.writeUInt16BE(reply.length);
        socket.write(Buffer.concat([length, reply]));
      }
    });
  });
  return new Promise((resolve, reject) => server.once("error", reject).listen(PORT, "::", () => resolve()));
}

onSignal(() => process.exit(0));
await Promise.all([serveUdp(), serveTcp()]);
ready();
