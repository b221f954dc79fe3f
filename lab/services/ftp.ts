// A tiny FTP server (RFC 959) on IPv4 only: the classic of protocols with addresses in what they say. In active mode it
// calls the client back at the literal that the client gave; in passive mode it gives its own. Read-only, one file.
//
// Its file tells whom the server sees, and as whom: `203.0.113.2 calls 192.0.2.1`.

import { connect, createServer, type Socket } from "node:net";
import { configurationFile, onSignal, readConfiguration, ready } from "./service.js";

/** Takes the data connection, once it is there. */
type DataConnection = () => Promise<Socket>;

const banner = "220 ready\r\n";
const timeout = 5000;

class Session {
  readonly #control: Socket;
  #data: DataConnection | undefined;
  #close: () => void = () => {};

  constructor(control: Socket) {
    this.#control = control;
    let text = "";
    control.setEncoding("utf8");
    control.on("data", (chunk: string) => {
      text += chunk;
      const lines = text.split("\r\n");
      text = lines.pop() ?? "";
      for (const line of lines) void this.#answer(line);
    });
    control.on("error", () => control.destroy());
    control.on("close", () => this.#close());
    control.write(banner);
  }

  async #answer(line: string): Promise<void> {
    const [verb = "", argument = ""] = line.split(/ (.*)/s, 2);
    switch (verb.toUpperCase()) {
      case "USER":
        return this.#say("331 any password will do");
      case "PASS":
        return this.#say("230 come in");
      case "PWD":
        return this.#say('257 "/"');
      case "TYPE":
      case "CWD":
      case "NOOP":
        return this.#say("200 fine");
      case "SIZE":
        return this.#say(`213 ${this.#file().length}`);
      case "PORT":
        return this.#port(argument);
      case "PASV":
        return this.#passive();
      case "RETR":
        return this.#retrieve();
      case "QUIT":
        this.#say("221 goodbye");
        return void this.#control.end();
      default:
        // EPRT, EPSV and the like (RFC 2428) know more families than this server.
        return this.#say("502 there is no such command here");
    }
  }

  /** `PORT 203,0,113,2,195,80`. */
  #port(argument: string): void {
    const numbers = argument.split(",").map(Number);
    const [a, b, c, d, high = 0, low = 0] = numbers;
    if (numbers.length !== 6 || numbers.some((one) => !(one >= 0 && one <= 255))) {
      this.#say("501 that is no address");
      return;
    }
    const host = `${a}.${b}.${c}.${d}`;
    // From the address that the client called, as a client may well insist on.
    const localAddress = this.#control.localAddress;
    this.#data = () =>
      connected(connect({ host, port: high * 256 + low, family: 4, ...(localAddress && { localAddress }) }));
    this.#say("200 it will be called");
  }

  #passive(): void {
    const { localAddress = "0.0.0.0" } = this.#control;
    const server = createServer();
    this.#close = () => server.close();
    const arrived = new Promise<Socket>((resolve) => server.once("connection", resolve));
    // A client that breaks it off is no reason to end for all others.
    server.on("connection", (socket) => socket.on("error", () => socket.destroy()));
    this.#data = async () => {
      const socket = await arrived;
      server.close();
      return socket;
    };
    server.listen(0, localAddress, () => {
      const address = server.address();
      const port = typeof address === "object" && address !== null ? address.port : 0;
      this.#say(`227 call (${localAddress.replaceAll(".", ",")},${port >> 8},${port & 0xff})`);
    });
  }

  async #retrieve(): Promise<void> {
    const take = this.#data;
    this.#data = undefined;
    if (take === undefined) return this.#say("425 say PORT or PASV first");
    this.#say("150 here it comes");
    try {
      const socket = await take();
      socket.end(this.#file());
      this.#say("226 that was it");
    } catch (error) {
      this.#say(`425 no data connection: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  #file(): string {
    return `${this.#control.remoteAddress} calls ${this.#control.localAddress}\n`;
  }

  #say(text: string): void {
    this.#control.write(`${text}\r\n`);
  }
}

function connected(socket: Socket): Promise<Socket> {
  return new Promise((resolve, reject) => {
    socket.setTimeout(timeout, () => socket.destroy(new Error("it does not answer")));
    socket.once("connect", () => resolve(socket));
    socket.once("error", reject);
  });
}

const { port } = readConfiguration<{ readonly port: number }>(configurationFile());
onSignal(() => process.exit(0));
createServer((socket) => new Session(socket)).listen(port, "0.0.0.0", () => ready());
