// The server of the tests: HTTP that gives and takes any number of octets, and a UDP echo. Ends with its standard input.
import { createHash } from "node:crypto";
import { createSocket } from "node:dgram";
import { createServer } from "node:http";
import { octets } from "./octets.mjs";

const [address] = process.argv.slice(2);

const http = createServer((request, response) => {
  if (request.method === "PUT") {
    const hash = createHash("sha256");
    request.on("data", (chunk) => hash.update(chunk));
    request.on("end", () => response.end(hash.digest("hex")));
    return;
  }
  const length = (request.url ?? "/0").slice(1);
  response.writeHead(200, { "content-length": length });
  octets(Number(length)).pipe(response);
});
const udp = createSocket({ type: "udp6", recvBufferSize: 4_000_000 });
udp.on("message", (message, from) => udp.send(message, from.port, from.address));

udp.bind(7, address, () => http.listen(80, address, () => console.log("ready")));
process.stdin.on("end", () => process.exit()).resume();
