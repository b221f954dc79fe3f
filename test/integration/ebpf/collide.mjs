// Two sockets of one host at once, with one and the same port, to one and the same server: one speaks IPv6 to it, the other
// IPv4 through the CLAT. The first server named gets the first socket. Prints how each of them fared, as JSON.
import { createSocket } from "node:dgram";
import { connect } from "node:net";

const [how, first = "", second = "", port = "0"] = process.argv.slice(2);
const localPort = Number(port);
/** Datagrams, or requests, each. */
const rounds = 20;

if (how === "refused") {
  console.log(JSON.stringify(await refused()));
  process.exit();
}
const talk = how === "tcp" ? tcp : how === "udp-connected" ? udpConnected : udpUnconnected;
const former = await talk(first);
// It has spoken before the other one is there.
const outcome = { first: (await former(0)) ? 1 : 0, second: 0 };
const latter = await talk(second);
// Turn by turn, so that each of them is the last one to have sent now and then.
for (let round = 1; round <= rounds; round++) {
  if (await latter(round)) outcome.second++;
  if (await former(round)) outcome.first++;
}
console.log(JSON.stringify(outcome));
process.exit();

/** @param {string} host */
function tcp(host) {
  const socket = connect({ host, port: 80, localPort });
  socket.on("error", () => {});
  return async () => {
    const answered = new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), 10_000);
      socket.once("data", (octets) => {
        clearTimeout(timer);
        resolve(octets.toString().startsWith("HTTP/1.1 200"));
      });
    });
    socket.write("GET /10 HTTP/1.1\r\nhost: server\r\n\r\n");
    return answered;
  };
}

/** @param {string} host */
async function udpConnected(host) {
  const socket = await bound(host);
  await new Promise((resolve) => socket.connect(7, host, () => resolve(undefined)));
  return echo(socket, (text) => socket.send(text), host);
}

/** @param {string} host */
async function udpUnconnected(host) {
  const socket = await bound(host);
  return echo(socket, (text) => socket.send(text, 7, host), host);
}

/**
 * @param {string} host
 * @returns {Promise<import("node:dgram").Socket>}
 */
async function bound(host) {
  const socket = createSocket({ type: host.includes(":") ? "udp6" : "udp4", ipv6Only: host.includes(":") });
  await new Promise((resolve) => socket.bind(localPort, () => resolve(undefined)));
  return socket;
}

/**
 * @param {import("node:dgram").Socket} socket
 * @param {(text: string) => void} send
 * @param {string} host
 * @returns {(round: number) => Promise<boolean>}
 */
function echo(socket, send, host) {
  return (round) =>
    new Promise((resolve) => {
      // Every other one goes in fragments.
      const text = `${host} ${round}`.padEnd(round % 2 === 0 ? 100 : 4000, ".");
      const timer = setTimeout(() => done(false), 10_000);
      /** @param {boolean} came */
      const done = (came) => {
        clearTimeout(timer);
        socket.removeAllListeners("message");
        resolve(came);
      };
      socket.on("message", (message) => done(message.toString() === text));
      send(text);
    });
}

/** To a port where nobody is, from a local one that another socket speaks from already: what the second socket hears of it. */
async function refused() {
  const before = await bound(first);
  before.on("error", () => {});
  await new Promise((resolve) => before.send("nobody", 9, first, () => resolve(undefined)));
  const socket = await bound(second);
  await new Promise((resolve) => socket.connect(9, second, () => resolve(undefined)));
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve("nothing"), 30_000);
    socket.once("error", (error) => {
      clearTimeout(timer);
      resolve("code" in error ? error.code : error.message);
    });
    socket.send("nobody");
  });
}
