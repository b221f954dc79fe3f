// A socket as a service manager listens on (sd_notify(3)): a real one, since Node has no datagram sockets of that kind.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import koffi from "koffi";
import { socketAddress } from "../../src/os/linux/unix-datagram.js";
import { until } from "./whole-lab.js";

const lib = koffi.load(null);
const socket = lib.func("int socket(int domain, int type, int protocol)");
const bind = lib.func("bind", "int", ["int", "void *", "uint32_t"]);
const recv = lib.func("recv", "int64_t", ["int", "void *", "size_t", "int"]);
const close = lib.func("int close(int fd)");

const AF_UNIX = 1;
const SOCK_DGRAM = 2;
const MSG_DONTWAIT = 0x40;

export class NotifySocket {
  /** What NOTIFY_SOCKET says. */
  readonly path: string;
  readonly #fd: number;
  readonly #folder: string;
  readonly #messages: string[] = [];
  readonly #reading: NodeJS.Timeout;

  private constructor(path: string, fd: number, folder: string) {
    this.path = path;
    this.#fd = fd;
    this.#folder = folder;
    // As a manager does, also while nobody asks: the kernel keeps few of them (net.unix.max_dgram_qlen), and refuses the rest.
    this.#reading = setInterval(() => this.messages, 20).unref();
  }

  /** @param abstract a name without a file (unix(7)), in this network namespace only */
  static async open(abstract = false): Promise<NotifySocket> {
    const folder = await mkdtemp(join(tmpdir(), "clatd-notify-"));
    const path = abstract ? `@${folder}` : join(folder, "notify");
    const fd = Number(socket(AF_UNIX, SOCK_DGRAM, 0));
    const address = socketAddress(path);
    if (address === undefined || Number(bind(fd, address, address.length)) !== 0)
      throw new Error(`Cannot bind ${path}`);
    return new NotifySocket(path, fd, folder);
  }

  /** All datagrams so far, in their order. */
  get messages(): readonly string[] {
    const buffer = new Uint8Array(65_536);
    for (;;) {
      const length = Number(recv(this.#fd, buffer, buffer.length, MSG_DONTWAIT));
      if (length < 0) return this.#messages;
      this.#messages.push(new TextDecoder().decode(buffer.subarray(0, length)));
    }
  }

  /** The lines of all datagrams, without the signs of life. */
  get lines(): readonly string[] {
    return this.messages.flatMap((message) => message.split("\n")).filter((line) => line !== "WATCHDOG=1");
  }

  /** Until so many lines match; says what there was where they do not come. */
  async heard(pattern: RegExp, times = 1): Promise<void> {
    await until(
      async () => this.lines,
      (lines) => lines.filter((line) => pattern.test(line)).length >= times,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#reading);
    close(this.#fd);
    await rm(this.#folder, { recursive: true });
  }
}
