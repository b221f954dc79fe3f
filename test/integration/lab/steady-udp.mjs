// Sends datagrams to a UDP echo at a steady rate until SIGTERM, and counts what comes back:
//   node steady-udp.mjs ADDRESS PORT RATE
// Prints `{"sent":…,"back":…}`. Never more of them are under way than any queue has room for, since a machine that stops for
// a while would lose packets by itself; one that has no answer after PATIENCE is lost.

import { createSocket } from "node:dgram";

/** Datagrams: a TUN's queue has 500 places. */
const MOST_UNDER_WAY = 200;
/** Milliseconds without any news. */
const PATIENCE = 10_000;

const [, , to, port, rate] = process.argv;
const socket = createSocket({ type: "udp4", recvBufferSize: 1 << 22 });
const started = performance.now();
const seen = new Set();
let sent = 0;
/** Given up. */
let lost = 0;
/** When something was sent or came back last. */
let moved = started;
let ending = false;

socket.on("message", (datagram) => {
  seen.add(datagram.readUInt32BE(0));
  moved = performance.now();
});
// What is refused for a moment is lost, and counted so.
socket.on("error", () => undefined);
process.on("SIGTERM", () => {
  ending = true;
});

function burst() {
  const now = performance.now();
  const due = ending ? sent : Math.floor(((now - started) / 1000) * Number(rate));
  for (; sent < due && sent - lost - seen.size < MOST_UNDER_WAY; sent++) {
    const datagram = Buffer.alloc(64);
    datagram.writeUInt32BE(sent, 0);
    socket.send(datagram, Number(port), to);
    moved = now;
  }
  if (now - moved > PATIENCE) lost = sent - seen.size;
  if (!ending || seen.size + lost < sent) setTimeout(burst, 1);
  else end();
}

function end() {
  process.stdout.write(`${JSON.stringify({ sent, back: seen.size })}\n`);
  process.exit(0);
}

socket.bind(0, () => {
  process.stdout.write("begins\n");
  burst();
});
