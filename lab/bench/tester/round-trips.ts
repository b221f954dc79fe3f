// Round trips of one datagram at a time, and the other end that sends each of them back.

import { addressOf } from "../../../src/os/linux/packet-calls.js";
import { median, percentile } from "../statistics.js";
import { type Peer, type RoundTrips, WARM_UP } from "./protocol.js";
import { awaitCaller, close, connectedUdp, receiveTimeout, recv, send, udpSocket, untie } from "./sockets.js";
import { Waiting } from "./waiting.js";

/** Milliseconds after which a round trip is lost. */
const LOST = 1000;

export function roundTrips(peer: Peer, size: number, count: number): RoundTrips {
  const fd = connectedUdp(peer);
  const data = new Uint8Array(2048);
  const at = addressOf(data);
  receiveTimeout(fd, LOST);
  const times = new Float64Array(count);
  let lost = 0;
  for (let number = -WARM_UP; number < count; number++) {
    const begin = performance.now();
    send(fd, at, size, 0);
    const answered = recv(fd, at, data.length, 0) === size;
    const took = (performance.now() - begin) * 1000;
    if (number >= 0) times[number] = took;
    if (!answered) lost++;
    if (lost > 10) break;
  }
  close(fd);
  if (lost > 10) throw new Error(`Cannot measure round trips: ${lost} datagrams were lost; the path must be up`);
  const all = [...times];
  return { median: median(all), worst: percentile(all, 99.9), lost };
}

export function echoUntilTold(port: number, ready: () => void): void {
  const fd = udpSocket(port);
  const data = new Uint8Array(2048);
  const at = addressOf(data);
  const waiting = new Waiting(fd);
  ready();
  while (!waiting.forPacket(1000)) if (waiting.isTold()) return void close(fd);
  // Connected, so that neither end looks up an address for each datagram.
  awaitCaller(fd, LOST);
  receiveTimeout(fd, 20);
  for (;;) {
    const length = recv(fd, at, data.length, 0);
    if (length >= 0) send(fd, at, length, 0);
    else if (waiting.isTold()) break;
  }
  untie(fd);
  close(fd);
}
