// UDP datagrams of given sizes to an echo server; each must come back whole. Through koffi, since Node.js cannot send
// without a checksum (SO_NO_CHECK), and so that the sizes go out exactly one after the other.

import koffi from "koffi";
import { parseAddress } from "../../src/net/address.js";
import { bad, good, type Outcome } from "./outcome.js";

export interface UdpRequest {
  readonly to: string;
  readonly port: number;
  /** Octets of payload. */
  readonly sizes: readonly number[];
  /** IPv4 only. */
  readonly zeroChecksum: boolean;
  /** Milliseconds for each answer. */
  readonly timeout: number;
}

const AF_INET = 2;
const AF_INET6 = 10;
const SOCK_DGRAM = 2;
const SOL_SOCKET = 1;
const SO_SNDBUF = 7;
const SO_RCVBUF = 8;
const SO_NO_CHECK = 11;
const SO_RCVTIMEO = 20;
const EAGAIN = 11;

const libc = koffi.load(null);
const socket = libc.func("int socket(int domain, int type, int protocol)");
const setsockopt = libc.func("int setsockopt(int fd, int level, int name, const void *value, uint32_t length)");
const connect = libc.func("int connect(int fd, const void *address, uint32_t length)");
const send = libc.func("int64_t send(int fd, const void *data, size_t length, int flags)");
const recv = libc.func("int64_t recv(int fd, void *data, size_t length, int flags)");
const strerror = libc.func("const char *strerror(int error)");

export async function udpProbe(request: UdpRequest): Promise<Outcome> {
  const address = parseAddress(request.to);
  if (address === undefined) return bad(`"${request.to}" is no address`);
  const fd = socket(address.length === 4 ? AF_INET : AF_INET6, SOCK_DGRAM, 0) as number;
  const sockaddr = socketAddress(address, request.port);
  if (connect(fd, sockaddr, sockaddr.length) !== 0) return bad(lastError());
  option(fd, SO_SNDBUF, int32(1 << 20));
  option(fd, SO_RCVBUF, int32(1 << 20));
  if (request.zeroChecksum) option(fd, SO_NO_CHECK, int32(1));
  // struct timeval: seconds and microseconds.
  const wait = new BigInt64Array([BigInt(Math.floor(request.timeout / 1000)), BigInt((request.timeout % 1000) * 1000)]);
  option(fd, SO_RCVTIMEO, new Uint8Array(wait.buffer));
  const problems = request.sizes.flatMap((size) => {
    const problem = echo(fd, size);
    return problem === undefined ? [] : [`${size} octets: ${problem}`];
  });
  const sizes = request.sizes.join(", ");
  return problems.length === 0 ? good(`${sizes} octets`) : bad(problems.join("; "));
}

/** Undefined: it came back whole. */
function echo(fd: number, size: number): string | undefined {
  const datagram = new Uint8Array(size);
  // Its size is in it, so that a late answer to another one is not taken for this one's.
  for (let index = 0; index < size; index++) datagram[index] = (index * 31 + size) & 0xff;
  if ((send(fd, datagram, size, 0) as number) !== size) return lastError();
  const answer = new Uint8Array(65536);
  for (;;) {
    const length = recv(fd, answer, answer.length, 0) as number;
    if (length < 0) return koffi.errno() === EAGAIN ? "no answer" : lastError();
    if (length !== size) continue;
    return answer.subarray(0, size).every((octet, index) => octet === datagram[index])
      ? undefined
      : "the answer has other octets";
  }
}

function socketAddress(address: Uint8Array, port: number): Uint8Array {
  const sockaddr = new Uint8Array(address.length === 4 ? 16 : 28);
  const view = new DataView(sockaddr.buffer);
  view.setUint16(0, address.length === 4 ? AF_INET : AF_INET6, true);
  view.setUint16(2, port);
  sockaddr.set(address, address.length === 4 ? 4 : 8);
  return sockaddr;
}

function option(fd: number, name: number, value: Uint8Array): void {
  if (setsockopt(fd, SOL_SOCKET, name, value, value.length) !== 0)
    throw new Error(`Cannot set option ${name} of a UDP socket: ${lastError()}`);
}

function int32(value: number): Uint8Array {
  const octets = new Uint8Array(4);
  new DataView(octets.buffer).setInt32(0, value, true);
  return octets;
}

const lastError = (): string => strerror(koffi.errno()) as string;
