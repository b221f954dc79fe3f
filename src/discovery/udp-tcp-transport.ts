// DNS over UDP from a fresh port each time, and over TCP where the answer was truncated (RFC 1035 §4.2, RFC 7766).

import { createSocket } from "node:dgram";
import { connect } from "node:net";
import type { DnsServer, DnsTransport } from "./dns-transport.js";

/** The sockets of this host, in the network namespace of this process. */
export const udpTcpTransport: DnsTransport = {
  async query(server, packet, signal) {
    const answer = await overUdp(server, packet, signal);
    return isTruncated(answer) ? overTcp(server, packet, signal) : answer;
  },
};

function overUdp(server: DnsServer, packet: Uint8Array, signal: AbortSignal): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const socket = createSocket(server.address.includes(":") ? "udp6" : "udp4");
    const finish = (settle: () => void): void => {
      signal.removeEventListener("abort", abort);
      socket.removeAllListeners();
      // What a closing socket still reports interests nobody, but must not end the process.
      socket.on("error", () => {});
      socket.close();
      settle();
    };
    const abort = (): void => finish(() => reject(signal.reason));
    signal.addEventListener("abort", abort, { once: true });
    socket.on("error", (error) => finish(() => reject(unreachable(server, "UDP", error))));
    socket.on("message", (message) => {
      // A connected socket takes packets from the server only; a late answer to another question is passed over.
      if (answers(message, packet)) finish(() => resolve(message));
    });
    socket.on("connect", () => {
      socket.send(packet, (error) => {
        if (error) finish(() => reject(unreachable(server, "UDP", error)));
      });
    });
    // Without a callback: one would be called where it fails, too, and the error would not be an event.
    socket.connect(server.port, server.address);
  });
}

function overTcp(server: DnsServer, packet: Uint8Array, signal: AbortSignal): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const socket = connect(server.port, server.address);
    const finish = (settle: () => void): void => {
      signal.removeEventListener("abort", abort);
      socket.removeAllListeners();
      socket.on("error", () => {});
      socket.destroy();
      settle();
    };
    const abort = (): void => finish(() => reject(signal.reason));
    signal.addEventListener("abort", abort, { once: true });
    socket.on("error", (error) => finish(() => reject(unreachable(server, "TCP", error))));
    socket.on("close", () => finish(() => reject(unreachable(server, "TCP", new Error("it closed the connection")))));
    socket.on("connect", () => socket.write(withLength(packet)));
    let received = Buffer.alloc(0);
    socket.on("data", (chunk) => {
      received = Buffer.concat([received, chunk]);
      if (received.length < 2) return;
      const length = received.readUInt16BE(0);
      if (received.length < 2 + length) return;
      const message = received.subarray(2, 2 + length);
      const wrong = unreachable(server, "TCP", new Error("its answer is to another question"));
      finish(() => (answers(message, packet) ? resolve(message) : reject(wrong)));
    });
  });
}

/** RFC 1035 §4.2.2: two octets of length in front. */
function withLength(packet: Uint8Array): Buffer {
  const framed = Buffer.alloc(2 + packet.length);
  framed.writeUInt16BE(packet.length, 0);
  framed.set(packet, 2);
  return framed;
}

/** A response (the QR bit, RFC 1035 §4.1.1) with the identifier of the query. */
function answers(message: Uint8Array, packet: Uint8Array): boolean {
  return (
    message.length >= 12 && message[0] === packet[0] && message[1] === packet[1] && ((message[2] ?? 0) & 0x80) !== 0
  );
}

/** The TC bit (RFC 1035 §4.1.1). */
function isTruncated(message: Uint8Array): boolean {
  return ((message[2] ?? 0) & 0x02) !== 0;
}

const sentences: Readonly<Record<string, string>> = {
  ECONNREFUSED: "it refuses (nothing listens on that port)",
  ENETUNREACH: "there is no route to it",
  EHOSTUNREACH: "it cannot be reached",
  EADDRNOTAVAIL: "this host has no address that goes with it",
  EINVAL: "its address needs a zone, or the zone does not exist",
  EACCES: "a firewall of this host forbids it",
  EPERM: "a firewall of this host forbids it",
};

function unreachable(server: DnsServer, over: string, cause: NodeJS.ErrnoException): Error {
  const why = sentences[cause.code ?? ""] ?? cause.message;
  return new Error(`cannot ask ${server.address} over ${over}: ${why}`, { cause });
}
