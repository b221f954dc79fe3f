// The tester of RFC 8219 as a program: one runs in each node that measures, and does what the lines on its standard input
// say. See protocol.ts.

import { createInterface } from "node:readline";
import { addressOf } from "../../../src/os/linux/packet-calls.js";
import { keepOn } from "../affinity.js";
import { acceptUntilTold, openConnections } from "./connections.js";
import { sendLoad } from "./load.js";
import type { TesterAnswer, TesterRequest } from "./protocol.js";
import { echoUntilTold, roundTrips } from "./round-trips.js";
import { countUntilTold } from "./sink.js";
import { awaitCaller, close, connectedUdp, send, sleep, udpSocket } from "./sockets.js";

type Done = Extract<TesterAnswer, { done: unknown }>["done"];

/** Milliseconds to wait for the other tester's hello. */
const CALLED = 3000;
const HELLO = 5;
/**
 * Microseconds until the receiver has heard the hello and has tied its socket to the sender's: while Linux moves the socket to
 * its new place, a datagram may find it in neither.
 */
const HEARD = 3000;

const say = (answer: TesterAnswer): void => void process.stdout.write(`${JSON.stringify(answer)}\n`);
const ready = (): void => say({ ready: true });

function withSocket<T>(fd: number, work: (fd: number) => T): T {
  try {
    return work(fd);
  } finally {
    close(fd);
  }
}

function onCore<T>(core: number | undefined, work: () => T): T {
  if (core === undefined) return work();
  using _there = keepOn(core, [0]);
  return work();
}

function hello(fd: number): void {
  const data = new Uint8Array(128);
  send(fd, addressOf(data), HELLO, 0);
}

function answerTo(request: TesterRequest): Done {
  switch (request.do) {
    case "send":
      return withSocket(connectedUdp(request.to), (fd) => {
        hello(fd);
        sleep(HEARD);
        return sendLoad(fd, request);
      });
    case "answer-with-load":
      return withSocket(udpSocket(request.port), (fd) => {
        ready();
        awaitCaller(fd, CALLED);
        return sendLoad(fd, request);
      });
    case "receive":
      return withSocket(udpSocket(request.port), (fd) => {
        ready();
        return countUntilTold(fd, request, () => undefined);
      });
    case "call-and-receive":
      return withSocket(connectedUdp(request.to), (fd) => {
        ready();
        return countUntilTold(fd, request, () => hello(fd));
      });
    case "echo":
      onCore(request.core, () => echoUntilTold(request.port, ready));
      return {};
    case "round-trips":
      return onCore(request.core, () => roundTrips(request.to, request.size, request.count));
    case "accept":
      acceptUntilTold(request.port, ready);
      return {};
    case "connect":
      return openConnections(request.to, request.seconds, request.atOnce);
  }
}

// What perf calls it.
process.title = "tester";

for await (const line of createInterface(process.stdin)) {
  // The word that ended the last request.
  if (line === "stop") continue;
  try {
    say({ done: answerTo(JSON.parse(line) as TesterRequest) });
  } catch (error) {
    say({ error: error instanceof Error ? error.message : String(error) });
  }
}
