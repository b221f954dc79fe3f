// A TCP connection and a UDP socket that is connected to nobody, from fixed ports to a server's HTTP and echo.
//   node fixed-ports.mjs HOST SERVER
// Prints "TCP and UDP" when both have had an answer. Each has 10 seconds.

import { createSocket } from "node:dgram";
import { createConnection, isIPv6 } from "node:net";

const [, , host = "", server = ""] = process.argv;
const PATIENCE = 10_000;

function tcp() {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ host: server, port: 80, localAddress: host, localPort: 41_001 });
    socket.setTimeout(PATIENCE, () => socket.destroy(new Error("no answer by TCP")));
    socket.on("connect", () => socket.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n"));
    socket.on("data", () => {
      // Without a state that would keep the port.
      socket.resetAndDestroy();
      resolve(undefined);
    });
    socket.on("error", reject);
  });
}

function udp() {
  return new Promise((resolve, reject) => {
    const socket = createSocket(isIPv6(host) ? "udp6" : "udp4");
    const again = setInterval(() => socket.send("?", 7, server), 250);
    const late = setTimeout(() => reject(new Error("no answer by UDP")), PATIENCE);
    socket.on("error", reject);
    socket.on("message", () => {
      clearInterval(again);
      clearTimeout(late);
      socket.close();
      resolve(undefined);
    });
    socket.bind(41_002, host);
  });
}

await Promise.all([tcp(), udp()]);
console.log("TCP and UDP");
