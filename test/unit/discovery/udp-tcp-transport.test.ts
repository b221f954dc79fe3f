// The real transport, against servers on the loopback.

import { createSocket } from "node:dgram";
import { createServer } from "node:net";
import { decode, encode } from "dns-packet";
import { afterEach, describe, expect, it } from "vitest";
import { encodeQuestion } from "../../../src/discovery/dns-answer.js";
import type { DnsServer } from "../../../src/discovery/dns-transport.js";
import { udpTcpTransport } from "../../../src/discovery/udp-tcp-transport.js";

const question = encodeQuestion(0xc1a7);
const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** A UDP server; what it sends for a query, in order. */
async function udpServer(address: string, answers: (query: Buffer) => Uint8Array[]): Promise<DnsServer> {
  const socket = createSocket(address.includes(":") ? "udp6" : "udp4");
  socket.on("message", (query, from) => {
    for (const answer of answers(query)) socket.send(answer, from.port, from.address);
  });
  await new Promise<void>((resolve) => socket.bind(0, address, resolve));
  closing.push(() => new Promise((resolve) => socket.close(() => resolve(undefined))));
  return { address, port: socket.address().port };
}

/** A TCP server at the same place; it writes these pieces for a query. */
async function tcpServer(
  { address, port }: DnsServer,
  pieces: (query: Buffer) => Uint8Array[] | "close",
): Promise<void> {
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", (framed: Buffer) => {
      const answer = pieces(framed.subarray(2));
      if (answer === "close") socket.end();
      else for (const piece of answer) socket.write(piece);
    });
  });
  await new Promise<void>((resolve) => server.listen(port, address, resolve));
  closing.push(() => new Promise((resolve) => server.close(resolve)));
}

function answerTo(query: Buffer, flags = 0): Buffer {
  const { id = 0, questions = [] } = decode(query);
  return encode({ type: "response", id, flags, questions });
}

/** Of this test alone: a port that is free for UDP there is free for TCP too, and nobody connects to itself from there. */
const place = "127.0.46.4";

const truncated = 0x0200;
const ask = (server: DnsServer, signal = new AbortController().signal) =>
  udpTcpTransport.query(server, question, signal);

describe("udpTcpTransport", () => {
  it.each(["127.0.0.1", "::1"])("gets an answer over UDP from %s", async (address) => {
    const server = await udpServer(address, (query) => [answerTo(query)]);
    expect(await ask(server)).toEqual(answerTo(Buffer.from(question)));
  });

  it("passes over answers to other questions", async () => {
    const late = encode({ type: "response", id: 1 });
    const server = await udpServer("127.0.0.1", (query) => [late, Buffer.of(1), query, answerTo(query)]);
    expect(await ask(server)).toEqual(answerTo(Buffer.from(question)));
  });

  it("asks again over TCP where the answer was truncated (RFC 7766 §5), in whatever pieces it comes", async () => {
    const server = await udpServer(place, (query) => [answerTo(query, truncated)]);
    await tcpServer(server, (query) => {
      const answer = answerTo(query, 0x0100);
      const framed = Buffer.concat([Buffer.of(answer.length >> 8, answer.length & 0xff), answer]);
      return [framed.subarray(0, 1), framed.subarray(1, 9), framed.subarray(9)];
    });
    expect(decode(Buffer.from(await ask(server))).flag_rd).toBe(true);
  });

  it("says that a TCP server hung up", async () => {
    const server = await udpServer(place, (query) => [answerTo(query, truncated)]);
    await tcpServer(server, () => "close");
    await expect(ask(server)).rejects.toThrow("cannot ask 127.0.46.4 over TCP: it closed the connection");
  });

  it("says that nobody listens for TCP", async () => {
    const server = await udpServer(place, (query) => [answerTo(query, truncated)]);
    await expect(ask(server)).rejects.toThrow(
      "cannot ask 127.0.46.4 over TCP: it refuses (nothing listens on that port)",
    );
  });

  it("says that nobody listens", async () => {
    // Not a port that was free a moment ago: our own socket could get it, and ask itself.
    await expect(ask({ address: "127.0.0.1", port: 1 })).rejects.toThrow(
      "cannot ask 127.0.0.1 over UDP: it refuses (nothing listens on that port)",
    );
  });

  it.each(["255.255.255.255", "fe80::1%clatd-none"])("says that %s cannot be reached at all", async (address) => {
    await expect(ask({ address, port: 53 })).rejects.toThrow(`cannot ask ${address} over UDP: `);
  });

  it("ends with the signal", async () => {
    const server = await udpServer("127.0.0.1", () => []);
    const controller = new AbortController();
    const asked = ask(server, controller.signal);
    controller.abort(new Error("enough"));
    await expect(asked).rejects.toThrow("enough");
    await expect(ask(server, AbortSignal.abort(new Error("before")))).rejects.toThrow("before");
  });
});
