// Sockets of the C library through koffi, for what Node.js cannot do: many datagrams in one call, blocking reads, threads
// that stay on one processor. Layouts are those of 64-bit Linux.

import koffi from "koffi";
import { parseAddress } from "../../../src/net/address.js";
import { addressOf } from "../../../src/os/linux/packet-calls.js";
import type { Peer } from "./protocol.js";

const libc = koffi.load(null);
const socket: (domain: number, type: number, protocol: number) => number = libc.func(
  "int socket(int domain, int type, int protocol)",
);
const setsockopt: (fd: number, level: number, name: number, value: Uint8Array, length: number) => number = libc.func(
  "int setsockopt(int fd, int level, int name, const void *value, uint32_t length)",
);
const getsockopt: (fd: number, level: number, name: number, value: Uint8Array, length: Uint8Array) => number =
  libc.func("int getsockopt(int fd, int level, int name, void *value, void *length)");
const bindTo: (fd: number, address: Uint8Array, length: number) => number = libc.func(
  "int bind(int fd, const void *address, uint32_t length)",
);
const connectTo: (fd: number, address: Uint8Array, length: number) => number = libc.func(
  "int connect(int fd, const void *address, uint32_t length)",
);
const listenOn: (fd: number, backlog: number) => number = libc.func("int listen(int fd, int backlog)");
const strerror: (error: number) => string = libc.func("const char *strerror(int error)");
const prctl: (option: number, value: number) => number = libc.func("int prctl(int option, unsigned long value)");
const nanosleep: (wanted: number, left: number) => number = libc.func("nanosleep", "int", ["int64_t", "int64_t"]);

/** -1 where nothing is there; the reason is in `lastErrno()`. */
export const accept: (fd: number, address: number, length: number, flags: number) => number = libc.func(
  "accept4",
  "int",
  ["int", "int64_t", "int64_t", "int"],
);
export const close: (fd: number) => number = libc.func("int close(int fd)");
export const recv: (fd: number, address: number, length: number, flags: number) => number = libc.func(
  "recv",
  "int64_t",
  ["int", "int64_t", "size_t", "int"],
);
export const send: (fd: number, address: number, length: number, flags: number) => number = libc.func(
  "send",
  "int64_t",
  ["int", "int64_t", "size_t", "int"],
);
export const sendmmsg: (fd: number, address: number, count: number, flags: number) => number = libc.func(
  "sendmmsg",
  "int",
  ["int", "int64_t", "uint", "int"],
);
export const recvmmsg: (fd: number, address: number, count: number, flags: number, timeout: number) => number =
  libc.func("recvmmsg", "int", ["int", "int64_t", "uint", "int", "int64_t"]);
const recvfrom: (
  fd: number,
  data: Uint8Array,
  size: number,
  flags: number,
  from: Uint8Array,
  length: Uint8Array,
) => number = libc.func("int64_t recvfrom(int fd, void *data, size_t size, int flags, void *from, void *length)");

const AF_INET = 2;
const AF_INET6 = 10;
const AF_UNSPEC = 0;
const SOCK_STREAM = 1;
const SOCK_DGRAM = 2;
const SOCK_NONBLOCK = 0o4000;
const SOL_IP = 0;
const IP_MTU_DISCOVER = 10;
const IP_PMTUDISC_DO = 2;
const SOL_SOCKET = 1;
const SOL_UDP = 17;
const UDP_SEGMENT = 103;
const UDP_GRO = 104;
const SO_REUSEADDR = 2;
const SO_ERROR = 4;
const SO_LINGER = 13;
const SO_RCVTIMEO = 20;
const SO_RCVBUFFORCE = 33;
const SO_MEMINFO = 55;
/** Of SO_MEMINFO: how many datagrams found the buffer full. */
const MEMINFO_DROPS = 8;
const PR_SET_TIMERSLACK = 29;
const EINPROGRESS = 115;

export const MSG_DONTWAIT = 0x40;
const MSG_PEEK = 0x02;

/** Octets: a tenth of a second of small datagrams, so that a receiver that has to wait for its processor loses none. */
const RECEIVE_BUFFER = 32 << 20;

export function udpSocket(port: number): number {
  const fd = checked(socket(AF_INET6, SOCK_DGRAM, 0), "make a UDP socket");
  option(fd, SO_REUSEADDR, int32(1));
  // Refused without rights over the network namespace: the buffer stays what it is, and drops are counted.
  const size = int32(RECEIVE_BUFFER);
  setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, size, size.length);
  const any = socketAddress({ address: "::", port });
  checked(bindTo(fd, any, any.length), `take UDP port ${port}`);
  return fd;
}

export function connectedUdp(peer: Peer): number {
  const address = socketAddress(peer);
  const fd = checked(socket(address.length === 16 ? AF_INET : AF_INET6, SOCK_DGRAM, 0), "make a UDP socket");
  const size = int32(RECEIVE_BUFFER);
  setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, size, size.length);
  // As QUIC does. Left to itself Linux sets DF on single datagrams, but not on trains longer than the MTU (__ip_make_skb),
  // and translators must cut datagrams without DF to 1280 octets (RFC 7915 §4).
  if (address.length === 16) {
    const always = int32(IP_PMTUDISC_DO);
    checked(setsockopt(fd, SOL_IP, IP_MTU_DISCOVER, always, always.length), "set DF");
  }
  checked(connectTo(fd, address, address.length), `reach ${peer.address}`);
  return fd;
}

/** Waits for a datagram, which stays to be received, and connects the socket to whoever sent it. */
export function awaitCaller(fd: number, milliseconds: number): void {
  receiveTimeout(fd, milliseconds);
  if (!tieToCaller(fd, 0)) checked(-1, "be called by the other tester");
}

/** Connects the socket to whoever sent the next datagram, which stays to be received. False: there is none. */
export function tieToCaller(fd: number, flags: number = MSG_DONTWAIT): boolean {
  const from = new Uint8Array(128);
  const length = int32(from.length);
  const hello = new Uint8Array(2048);
  if (recvfrom(fd, hello, hello.length, MSG_PEEK | flags, from, length) < 0) return false;
  const size = new DataView(length.buffer).getInt32(0, true);
  checked(connectTo(fd, from, size), "answer the other tester");
  return true;
}

/** Unties a connected UDP socket, so that another caller is heard. */
export function untie(fd: number): void {
  const nobody = new Uint8Array(16);
  new DataView(nobody.buffer).setUint16(0, AF_UNSPEC, true);
  connectTo(fd, nobody, nobody.length);
}

export function listeningTcp(port: number): number {
  const fd = checked(socket(AF_INET6, SOCK_STREAM | SOCK_NONBLOCK, 0), "make a TCP socket");
  option(fd, SO_REUSEADDR, int32(1));
  const any = socketAddress({ address: "::", port });
  checked(bindTo(fd, any, any.length), `take TCP port ${port}`);
  checked(listenOn(fd, 4096), `listen on TCP port ${port}`);
  return fd;
}

const lingerless = new Uint8Array(8);
new DataView(lingerless.buffer).setInt32(0, 1, true);

/** A connection under way: `address` is a socket address. It ends with a reset, so that its port is free at once. */
export function openingTcp(address: Uint8Array): number {
  const fd = checked(
    socket(address.length === 16 ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_NONBLOCK, 0),
    "make a TCP socket",
  );
  setsockopt(fd, SOL_SOCKET, SO_LINGER, lingerless, lingerless.length);
  if (connectTo(fd, address, address.length) < 0 && koffi.errno() !== EINPROGRESS) checked(-1, "open a TCP connection");
  return fd;
}

/** The error with which a connection ended, 0: none. */
export function socketError(fd: number): number {
  const value = int32(0);
  getsockopt(fd, SOL_SOCKET, SO_ERROR, value, int32(4));
  return new DataView(value.buffer).getInt32(0, true);
}

/** What is sent is cut by the kernel into datagrams of so many octets. */
export function segmentInto(fd: number, octets: number): void {
  const value = int32(octets);
  checked(setsockopt(fd, SOL_UDP, UDP_SEGMENT, value, value.length), "send datagrams in trains");
}

/** What the kernel has put together of a train is received in one piece. */
export function takeTrains(fd: number): void {
  const value = int32(1);
  checked(setsockopt(fd, SOL_UDP, UDP_GRO, value, value.length), "receive datagrams in trains");
}

export function dropsOf(fd: number): number {
  const value = new Uint8Array(36);
  if (getsockopt(fd, SOL_SOCKET, SO_MEMINFO, value, int32(value.length)) !== 0) return 0;
  return new DataView(value.buffer).getUint32(MEMINFO_DROPS * 4, true);
}

export function receiveTimeout(fd: number, milliseconds: number): void {
  // struct timeval: seconds and microseconds.
  const wait = new BigInt64Array([BigInt(Math.floor(milliseconds / 1000)), BigInt((milliseconds % 1000) * 1000)]);
  option(fd, SO_RCVTIMEO, new Uint8Array(wait.buffer));
}

export function socketAddress({ address, port }: Peer): Uint8Array {
  const octets = parseAddress(address);
  if (octets === undefined) throw new Error(`Cannot reach "${address}": it is no address`);
  const sockaddr = new Uint8Array(octets.length === 4 ? 16 : 28);
  const view = new DataView(sockaddr.buffer);
  view.setUint16(0, octets.length === 4 ? AF_INET : AF_INET6, true);
  view.setUint16(2, port);
  sockaddr.set(octets, octets.length === 4 ? 4 : 8);
  return sockaddr;
}

const timespec = new BigInt64Array(16);
const timespecAt = addressOf(new Uint8Array(timespec.buffer));

/** Microseconds, within a few of them. */
export function sleep(microseconds: number): void {
  timespec[1] = BigInt(Math.floor(microseconds * 1000));
  nanosleep(timespecAt, 0);
}

/** Sleeps as short as it is told to: by default the kernel adds up to 50 µs. */
export function sleepExactly(): void {
  prctl(PR_SET_TIMERSLACK, 1);
}

export function lastError(): string {
  return strerror(koffi.errno());
}

function checked(result: number, action: string): number {
  if (result < 0) throw new Error(`Cannot ${action}: ${lastError()}`);
  return result;
}

function option(fd: number, name: number, value: Uint8Array): void {
  checked(setsockopt(fd, SOL_SOCKET, name, value, value.length), `set option ${name} of a socket`);
}

function int32(value: number): Uint8Array {
  const octets = new Uint8Array(4);
  new DataView(octets.buffer).setInt32(0, value, true);
  return octets;
}
