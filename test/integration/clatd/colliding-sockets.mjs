// IPv6 sockets of the host to the PREF64, and IPv4 sockets through the CLAT, at once, from the same ports to the same server.
//   node colliding-sockets.mjs SERVER-V4 SERVER-V6 HOST-V4 HOST-V6
// Prints what each of them got as JSON: {"tcp": {"4": octets, "6": octets}, "udp": …, "unconnected": …}

import { createSocket } from "node:dgram";
import { createConnection } from "node:net";

/** @typedef {{ readonly family: 4 | 6, readonly server: string, readonly host: string }} Side */

const [, , serverV4 = "", serverV6 = "", hostV4 = "", hostV6 = ""] = process.argv;
/** @type {readonly Side[]} */
const sides = [
  { family: 4, server: serverV4, host: hostV4 },
  { family: 6, server: serverV6, host: hostV6 },
];
const HTTP = 80;
const ECHO = 7;
const OCTETS = 2_000_000;
const DATAGRAMS = 200;

/**
 * One request over a connection that stays open, and then another one: octets of both bodies.
 *
 * @param {Side} side
 * @param {number} localPort
 * @returns {Promise<number>}
 */
function tcp({ server, host }, localPort) {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ host: server, port: HTTP, localAddress: host, localPort });
    const request = `GET /bytes/${OCTETS} HTTP/1.1\r\nHost: x\r\nConnection: keep-alive\r\n\r\n`;
    let octets = 0;
    let heads = 0;
    let rest = "";
    let body = 0;
    socket.setTimeout(60_000, () => socket.destroy(new Error("silence")));
    socket.on("connect", () => socket.write(request));
    socket.on("error", reject);
    socket.on("data", (chunk) => {
      let data = chunk;
      if (body === 0) {
        rest += chunk.toString("latin1");
        const end = rest.indexOf("\r\n\r\n");
        if (end < 0) return;
        data = Buffer.from(rest.slice(end + 4), "latin1");
        rest = "";
        heads++;
      }
      body += data.length;
      octets += data.length;
      if (body < OCTETS) return;
      body = 0;
      if (heads < 2) socket.write(request);
      else {
        socket.destroy();
        resolve(octets);
      }
    });
  });
}

/**
 * Datagrams, one after the other, each with its own content: how many come back.
 *
 * @param {Side} side
 * @param {number} localPort
 * @param {boolean} connected
 * @returns {Promise<number>}
 */
function udp({ family, server, host }, localPort, connected) {
  return new Promise((resolve, reject) => {
    const socket = createSocket(family === 4 ? "udp4" : "udp6");
    let sent = 0;
    let back = 0;
    /** @type {NodeJS.Timeout | undefined} */
    let timer;
    const done = () => {
      clearTimeout(timer);
      socket.close();
      resolve(back);
    };
    const next = () => {
      clearTimeout(timer);
      if (sent === DATAGRAMS) return done();
      timer = setTimeout(next, 10_000);
      const text = `IPv${family} ${sent++}`;
      if (connected) socket.send(text);
      else socket.send(text, ECHO, server);
    };
    socket.on("error", reject);
    socket.on("message", (datagram) => {
      // One of the other family's would be a leak.
      if (!datagram.toString().startsWith(`IPv${family} `)) return reject(new Error(`got ${datagram}`));
      back++;
      next();
    });
    socket.bind(localPort, host, () => {
      if (connected) socket.connect(ECHO, server, next);
      else next();
    });
  });
}

/** @param {(side: Side) => Promise<number>} work */
async function both(work) {
  const [four, six] = await Promise.all(sides.map(work));
  return { 4: four, 6: six };
}

/**
 * The one first, then the other: who comes second is the one that must give way.
 *
 * @param {readonly Side[]} order
 * @param {(side: Side) => Promise<number>} work
 */
async function oneAfterTheOther(order, work) {
  const pending = [];
  for (const side of order) {
    pending.push(work(side));
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const results = await Promise.all(pending);
  return Object.fromEntries(order.map(({ family }, index) => [family, results[index]]));
}

const result = {
  tcp: await both((side) => tcp(side, 41_001)),
  tcpHostFirst: await oneAfterTheOther(sides.toReversed(), (side) => tcp(side, 41_002)),
  tcpClatFirst: await oneAfterTheOther(sides, (side) => tcp(side, 41_003)),
  udp: await both((side) => udp(side, 41_004, true)),
  udpHostFirst: await oneAfterTheOther(sides.toReversed(), (side) => udp(side, 41_005, true)),
  unconnected: await both((side) => udp(side, 41_006, false)),
  unconnectedHostFirst: await oneAfterTheOther(sides.toReversed(), (side) => udp(side, 41_007, false)),
};
process.stdout.write(`${JSON.stringify(result)}\n`);
