// What a host's applications do, one operation a run: prints its outcome as JSON. Addresses of either family. The first
// argument says how many milliseconds an answer may take.
import { createHash } from "node:crypto";
import { createSocket } from "node:dgram";
import { request } from "node:http";
import { connect, isIPv6 } from "node:net";
import koffi from "koffi";
import { datagram, octets } from "./octets.mjs";

const [milliseconds, operation, host = "", ...words] = process.argv.slice(2);
const patience = Number(milliseconds);
console.log(JSON.stringify(await run()));
process.exit();

function run() {
  const [first = "0", second = "", third = ""] = words;
  switch (operation) {
    case "get":
      return get(Number(first));
    case "put":
      return put(Number(first));
    case "connect":
      return tcpConnect(Number(first));
    case "udp":
      return udp(Number(first), second.split(",").map(Number), third);
    case "raw":
      return raw(Number(first), Number(second));
    default:
      throw new Error(`Cannot do ${operation}`);
  }
}

/** @param {number} size */
function get(size) {
  return httpRequest("GET", `/${size}`, size, (asked) => asked.end());
}

/** @param {number} size */
function put(size) {
  return httpRequest("PUT", "/", size, (asked) => octets(size).pipe(asked));
}

/**
 * @param {string} method
 * @param {string} path
 * @param {number} size
 * @param {(asked: import("node:http").ClientRequest) => void} send
 */
function httpRequest(method, path, size, send) {
  return new Promise((resolve) => {
    const asked = request({ host, method, path, timeout: 10 * patience }, async (response) => {
      const expected = await hashOf(octets(size));
      const given = method === "GET" ? await hashOf(response) : (await response.toArray()).join("");
      resolve({ same: given === expected });
    });
    asked.on("error", (error) => resolve({ error: codeOf(error) }));
    asked.on("timeout", () => resolve({ error: "timeout" }));
    send(asked);
  });
}

/** @param {import("node:stream").Readable} stream */
async function hashOf(stream) {
  const hash = createHash("sha256");
  for await (const chunk of stream) hash.update(chunk);
  return hash.digest("hex");
}

/**
 * Datagrams to an echo; for each size, whether it came back whole.
 * @param {number} port
 * @param {number[]} sizes
 * @param {string} option `from=PORT`, `unchecked` or nothing
 */
async function udp(port, sizes, option) {
  const socket = createSocket({ type: isIPv6(host) ? "udp6" : "udp4", recvBufferSize: 4_000_000 });
  const localPort = Number(/^from=(\d+)$/.exec(option)?.[1] ?? 0);
  await new Promise((resolve) => socket.bind(localPort, () => resolve(undefined)));
  if (option === "unchecked") withoutChecksum(socket);
  await new Promise((resolve) => socket.connect(port, host, () => resolve(undefined)));
  /** @type {Record<number, string>} */
  const outcome = {};
  for (const size of sizes) outcome[size] = await echo(socket, datagram(size));
  return outcome;
}

/**
 * @param {import("node:dgram").Socket} socket
 * @param {Buffer} octets
 * @returns {Promise<string>}
 */
function echo(socket, octets) {
  return new Promise((resolve) => {
    const timer = setTimeout(() => done("lost"), patience);
    /** @param {string} text */
    const done = (text) => {
      clearTimeout(timer);
      socket.removeAllListeners();
      resolve(text);
    };
    socket.once("message", (message) => done(message.equals(octets) ? "whole" : "changed"));
    socket.once("error", (error) => done(codeOf(error)));
    socket.send(octets);
  });
}

/**
 * SO_NO_CHECK: the kernel sends the checksum field as zero. Node has no word for it.
 * @param {import("node:dgram").Socket} socket
 */
function withoutChecksum(socket) {
  const setsockopt = koffi.load(null).func("int setsockopt(int fd, int level, int name, int *value, uint length)");
  const { fd } = Reflect.get(socket, "_handle");
  if (setsockopt(fd, 1, 11, [1], 4) !== 0) throw new Error("setsockopt failed");
}

/**
 * One packet of any protocol, which Node has no socket for.
 * @param {number} protocol
 * @param {number} size
 */
function raw(protocol, size) {
  const libc = koffi.load(null);
  const socket = libc.func("int socket(int domain, int type, int protocol)");
  const sendto = libc.func(
    "int64_t sendto(int fd, uint8_t *octets, size_t length, int flags, uint8_t *to, uint toLength)",
  );
  // struct sockaddr_in: family (host order), port, address.
  const to = Uint8Array.from([2, 0, 0, 0, ...host.split(".").map(Number), ...Array(8).fill(0)]);
  const sent = sendto(socket(2, 3, protocol), datagram(size), size, 0, to, to.length);
  if (Number(sent) !== size) throw new Error("sendto failed");
  return { sent: size };
}

/** @param {number} port */
function tcpConnect(port) {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: patience });
    socket.on("connect", () => resolve({ connected: true }));
    socket.on("error", (error) => resolve({ error: codeOf(error) }));
    socket.on("timeout", () => resolve({ error: "timeout" }));
  });
}

/** @param {Error} error */
function codeOf(error) {
  return "code" in error ? String(error.code) : error.message;
}
