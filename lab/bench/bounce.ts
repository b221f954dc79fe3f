// A program: makes the TUN `bounce`, with offloads, and gives each packet back to the kernel as it came.

import { addressOf, makeNonBlocking, poll, read, write } from "../../src/os/linux/packet-calls.js";
import { openTun } from "../../src/os/linux/tun.js";

/** A virtio header and the largest packet. */
const ROOM = 10 + 65_536;
const POLLIN = 1;

const { fd } = openTun("bounce", true, undefined);
makeNonBlocking(fd);
const packet = new Uint8Array(ROOM);
const at = addressOf(packet);
// struct pollfd; larger than what V8 keeps in its own heap.
const set = new Uint8Array(128);
const setAt = addressOf(set);
new DataView(set.buffer).setInt32(0, fd, true);
new DataView(set.buffer).setInt16(4, POLLIN, true);

// What perf calls it.
process.title = "bounce";

process.stdout.write("ready\n");
for (;;) {
  const length = read(fd, at, ROOM);
  if (length > 0) write(fd, at, length);
  else poll(setAt, 1, -1);
}
