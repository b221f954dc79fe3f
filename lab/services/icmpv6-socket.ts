// A raw ICMPv6 socket on one device (RFC 3542), which Node.js has none of: through koffi. The kernel fills in and checks
// the ICMPv6 checksum (RFC 3542 §3.1), and hands over only the one type that is asked for.

import { writeSync } from "node:fs";
import koffi from "koffi";
import { formatIpv6, parseIpv6 } from "../../src/net/address.js";

export interface Received {
  readonly message: Uint8Array;
  /** Without a zone: the device is known. */
  readonly source: string;
  readonly hopLimit: number;
}

const AF_INET6 = 10;
const SOCK_RAW = 3;
const SOCK_CLOEXEC = 0o2000000;
const IPPROTO_ICMPV6 = 58;
const SOL_SOCKET = 1;
const SO_BINDTODEVICE = 25;
const IPPROTO_IPV6 = 41;
const IPV6_UNICAST_HOPS = 16;
const IPV6_MULTICAST_IF = 17;
const IPV6_MULTICAST_HOPS = 18;
const IPV6_JOIN_GROUP = 20;
const IPV6_RECVHOPLIMIT = 51;
const IPV6_HOPLIMIT = 52;
const SOL_ICMPV6 = 58;
const ICMP6_FILTER = 1;
const MSG_DONTWAIT = 0x40;
const POLLIN = 1;
const EFD_CLOEXEC = 0o2000000;
const SOCKADDR_LENGTH = 28;

const libc = koffi.load(null);
koffi.struct("lab_iovec", { base: "void *", length: "size_t" });
koffi.struct("lab_msghdr", {
  name: "void *",
  nameLength: "uint32_t",
  vector: "lab_iovec *",
  vectorLength: "size_t",
  control: "void *",
  controlLength: "size_t",
  flags: "int",
});
const socket = libc.func("int socket(int domain, int type, int protocol)");
const setsockopt = libc.func("int setsockopt(int fd, int level, int name, const void *value, uint32_t length)");
const sendto = libc.func(
  "int64_t sendto(int fd, const void *data, size_t length, int flags, const void *address, uint32_t addressLength)",
);
const recvmsg = libc.func("int64_t recvmsg(int fd, _Inout_ lab_msghdr *message, int flags)");
const poll = libc.func("int poll(void *fds, unsigned long count, int timeout)");
const eventfd = libc.func("int eventfd(unsigned int count, int flags)");
const interfaceIndex = libc.func("unsigned int if_nametoindex(const char *name)");

export class Icmpv6Socket {
  readonly dev: string;
  readonly fd: number;
  readonly #index: number;

  /** Takes messages of `type` that come to `group` (a multicast address) or to this host on `dev`. */
  constructor(dev: string, group: string, type: number) {
    this.dev = dev;
    this.#index = interfaceIndex(dev) as number;
    if (this.#index === 0) throw new Error(`Cannot listen on "${dev}": there is no such device`);
    this.fd = check(
      socket(AF_INET6, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMPV6) as number,
      `open a raw ICMPv6 socket for "${dev}"`,
    );
    this.#set(SOL_SOCKET, SO_BINDTODEVICE, new TextEncoder().encode(`${dev}\0`));
    this.#set(IPPROTO_IPV6, IPV6_UNICAST_HOPS, int32(255));
    this.#set(IPPROTO_IPV6, IPV6_MULTICAST_HOPS, int32(255));
    this.#set(IPPROTO_IPV6, IPV6_MULTICAST_IF, int32(this.#index));
    this.#set(IPPROTO_IPV6, IPV6_RECVHOPLIMIT, int32(1));
    // struct icmp6_filter: a bit per type, set where it is blocked.
    const filter = new Uint8Array(32).fill(0xff);
    filter[type >> 3] = 0xff & ~(1 << (type & 7));
    this.#set(SOL_ICMPV6, ICMP6_FILTER, filter);
    const request = new Uint8Array(20);
    request.set(octetsOf(group));
    request.set(int32(this.#index), 16);
    this.#set(IPPROTO_IPV6, IPV6_JOIN_GROUP, request);
  }

  /** False where the device cannot send now (it is down, or has no address yet). */
  send(message: Uint8Array, destination: string): boolean {
    const address = new Uint8Array(SOCKADDR_LENGTH);
    new DataView(address.buffer).setUint16(0, AF_INET6, true);
    address.set(octetsOf(destination), 8);
    address.set(int32(this.#index), 24);
    return (
      (sendto(this.fd, message, message.length, MSG_DONTWAIT, address, address.length) as number) === message.length
    );
  }

  /** The next message; undefined where none waits. */
  receive(): Received | undefined {
    const name = new Uint8Array(SOCKADDR_LENGTH);
    const data = new Uint8Array(65536);
    const control = new Uint8Array(256);
    const header = {
      name,
      nameLength: name.length,
      vector: [{ base: data, length: data.length }],
      vectorLength: 1,
      control,
      controlLength: control.length,
      flags: 0,
    };
    const length = recvmsg(this.fd, header, MSG_DONTWAIT) as number;
    if (length < 0) return undefined;
    return {
      message: data.subarray(0, length),
      source: formatIpv6(name, 8),
      hopLimit: hopLimitIn(control, header.controlLength),
    };
  }

  #set(level: number, name: number, value: Uint8Array): void {
    check(
      setsockopt(this.fd, level, name, value, value.length) as number,
      `set option ${name} of the socket on "${this.dev}"`,
    );
  }
}

/** Something to wake `readable` with (eventfd(2)): Node cannot end while a thread of its pool is in poll(2). */
export function newWaker(): { readonly fd: number; wake(): void } {
  const fd = check(eventfd(0, EFD_CLOEXEC) as number, "make an eventfd");
  return { fd, wake: () => void writeSync(fd, new Uint8Array(new BigUint64Array([1n]).buffer)) };
}

/** Resolves when one of the sockets can be read or `waker` has been used. Occupies a thread of libuv's pool meanwhile. */
export function readable(sockets: readonly Icmpv6Socket[], waker: { readonly fd: number }): Promise<void> {
  const waiting = [waker.fd, ...sockets.map(({ fd }) => fd)];
  const fds = new Uint8Array(8 * waiting.length);
  const view = new DataView(fds.buffer);
  for (const [index, fd] of waiting.entries()) {
    view.setInt32(8 * index, fd, true);
    view.setInt16(8 * index + 4, POLLIN, true);
  }
  return new Promise((resolve, reject) => {
    poll.async(fds, waiting.length, -1, (error: unknown) => {
      if (error instanceof Error) reject(error);
      else resolve();
    });
  });
}

/** The control messages (struct cmsghdr: size_t length, int level, int type, then data, aligned to 8). */
function hopLimitIn(control: Uint8Array, length: number): number {
  const view = new DataView(control.buffer);
  for (let at = 0; at + 16 <= length; ) {
    const size = Number(view.getBigUint64(at, true));
    if (view.getInt32(at + 8, true) === IPPROTO_IPV6 && view.getInt32(at + 12, true) === IPV6_HOPLIMIT)
      return view.getInt32(at + 16, true);
    if (size < 16) break;
    at += Math.ceil(size / 8) * 8;
  }
  return 0;
}

function octetsOf(address: string): Uint8Array {
  const octets = parseIpv6(address);
  if (octets === undefined) throw new RangeError(`Cannot send to "${address}": it is no IPv6 address`);
  return octets;
}

function int32(value: number): Uint8Array {
  const octets = new Uint8Array(4);
  new DataView(octets.buffer).setInt32(0, value, true);
  return octets;
}

function check(result: number, action: string): number {
  if (result < 0) throw new Error(`Cannot ${action}: error ${koffi.errno()}`);
  return result;
}
