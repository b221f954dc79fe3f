// What a host's applications do, one operation a run: prints its outcome as JSON. Addresses of either family.
import { createHash } from "node:crypto";
import { createSocket } from "node:dgram";
import { request } from "node:http";
import { connect, isIPv6 } from "node:net";
import koffi from "koffi";
import { datagram, octets } from "./octets.mjs";

const [operation, ...words] = process.argv.slice(2);
const operations = { get, put, udp, connect: tcpConnect };
console.log(JSON.stringify(await operations[operation](...words)));
process.exit();

function get(host, size) {
  return new Promise((resolve) => {
    const asked = request({ host, path: `/${size}`, timeout: 20_000 }, (response) => {
      const hash = createHash("sha256");
      response.on("data", (chunk) => hash.update(chunk));
      response.on("end", async () => resolve({ same: hash.digest("hex") === (await hashOf(size)) }));
    });
    asked.on("error", (error) => resolve({ error: error.code }));
    asked.on("timeout", () => asked.destroy(Object.assign(new Error(), { code: "timeout" })));
    asked.end();
  });
}

function put(host, size) {
  return new Promise((resolve) => {
    const asked = request({ host, method: "PUT", timeout: 20_000 }, async (response) => {
      let text = "";
      for await (const chunk of response) text += chunk;
      resolve({ same: text === (await hashOf(size)) });
    });
    asked.on("error", (error) => resolve({ error: error.code }));
    asked.on("timeout", () => asked.destroy(Object.assign(new Error(), { code: "timeout" })));
    octets(Number(size)).pipe(asked);
  });
}

async function hashOf(size) {
  const hash = createHash("sha256");
  for await (const chunk of octets(Number(size))) hash.update(chunk);
  return hash.digest("hex");
}

/** Datagrams of these sizes (comma-separated) to an echo; for each, whether it came back whole. */
async function udp(host, port, sizes, option) {
  const socket = createSocket({ type: isIPv6(host) ? "udp6" : "udp4", recvBufferSize: 4_000_000 });
  const [localPort] = /^from=(\d+)$/.exec(option)?.slice(1) ?? [];
  await new Promise((resolve) => socket.bind(Number(localPort ?? 0), resolve));
  if (option === "unchecked") withoutChecksum(socket);
  await new Promise((resolve) => socket.connect(Number(port), host, resolve));
  const outcome = {};
  for (const size of sizes.split(",")) {
    outcome[size] = await new Promise((resolve) => {
      const timer = setTimeout(() => resolve("lost"), 2_000);
      const done = (text) => {
        clearTimeout(timer);
        resolve(text);
      };
      socket.once("message", (message) => done(message.equals(datagram(Number(size))) ? "whole" : "changed"));
      socket.once("error", (error) => done(error.code));
      socket.send(datagram(Number(size)));
    });
    socket.removeAllListeners("message").removeAllListeners("error");
  }
  return outcome;
}

/** SO_NO_CHECK: the kernel sends the checksum field as zero. */
function withoutChecksum(socket) {
  const setsockopt = koffi.load(null).func("int setsockopt(int fd, int level, int name, int *value, uint length)");
  if (setsockopt(socket._handle.fd, 1, 11, [1], 4) !== 0) throw new Error("setsockopt failed");
}

function tcpConnect(host, port) {
  return new Promise((resolve) => {
    const socket = connect({ host, port: Number(port), timeout: 2_000 });
    socket.on("connect", () => resolve({ connected: true }));
    socket.on("error", (error) => resolve({ error: error.code }));
    socket.on("timeout", () => resolve({ error: "timeout" }));
  });
}
