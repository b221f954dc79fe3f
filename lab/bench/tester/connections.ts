// TCP connections opened and closed, some at once: after RFC 3511 §5.3, without anything sent over them.

import { addressOf, poll } from "../../../src/os/linux/packet-calls.js";
import type { Connections, Peer } from "./protocol.js";
import { accept, close, listeningTcp, openingTcp, socketAddress, socketError } from "./sockets.js";
import { Waiting } from "./waiting.js";

const POLLOUT = 4;
/** Milliseconds after which a connection has failed: a SYN that was lost goes again after 1 s, and after 2 s more. */
const FAILED = 5000;

export function openConnections(peer: Peer, seconds: number, atOnce: number): Connections {
  const address = socketAddress(peer);
  // struct pollfd; larger than what V8 keeps in its own heap.
  const set = new Uint8Array(128);
  const view = new DataView(set.buffer);
  const at = addressOf(set);
  view.setInt16(4, POLLOUT, true);
  const isOpen = (fd: number): boolean => {
    view.setInt32(0, fd, true);
    return poll(at, 1, FAILED) === 1 && socketError(fd) === 0;
  };
  const begin = performance.now();
  let [opened, failed] = [0, 0];
  while (performance.now() - begin < seconds * 1000) {
    const sockets = Array.from({ length: atOnce }, () => openingTcp(address));
    for (const fd of sockets) {
      if (isOpen(fd)) opened++;
      else failed++;
      close(fd);
    }
  }
  return { opened, failed, seconds: (performance.now() - begin) / 1000 };
}

export function acceptUntilTold(port: number, ready: () => void): void {
  const fd = listeningTcp(port);
  const waiting = new Waiting(fd);
  ready();
  for (;;) {
    const connection = accept(fd, 0, 0, 0);
    if (connection >= 0) close(connection);
    else if (!waiting.forPacket(100) && waiting.isTold()) break;
  }
  close(fd);
}
