// Sends datagrams to a UDP echo at a steady rate and counts what comes back:
//   node steady-udp.mjs ADDRESS PORT RATE SECONDS
// Prints `{"sent":…,"back":…}`. An answer may take half a second.

import { createSocket } from "node:dgram";

const [, , to, port, rate, seconds] = process.argv;
const socket = createSocket({ type: "udp4", recvBufferSize: 1 << 22 });
const seen = new Set();
socket.on("message", (datagram) => seen.add(datagram.readUInt32BE(0)));
// What is refused for a moment is lost, and counted so.
socket.on("error", () => undefined);

const total = Number(rate) * Number(seconds);
const started = performance.now();
let sent = 0;

function burst() {
  const due = Math.min(total, Math.floor(((performance.now() - started) / 1000) * Number(rate)));
  for (; sent < due; sent++) {
    const datagram = Buffer.alloc(64);
    datagram.writeUInt32BE(sent, 0);
    socket.send(datagram, Number(port), to);
  }
  if (sent < total) setTimeout(burst, 1);
  else setTimeout(end, 500);
}

function end() {
  process.stdout.write(`${JSON.stringify({ sent, back: seen.size })}\n`);
  process.exit(0);
}

socket.bind(0, () => {
  process.stdout.write("begins\n");
  burst();
});
