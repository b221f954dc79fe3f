// UDP datagrams of given sizes to an echo server; each must come back whole. Through koffi, since Node.js cannot send
// without a checksum (SO_NO_CHECK), without DF or many at once, and so that the sizes go out exactly one after the other.

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
  /** The TOS or traffic class octet. */
  readonly tos?: number;
  readonly dontFragment?: false;
  /** That many of each size in one call (UDP_SEGMENT); absent: one, as everybody sends it. */
  readonly atOnce?: number;
  /** Hex. */
  readonly ipOptions?: string;
  /** Close the socket instead of waiting for answers. */
  readonly hangUp?: true;
  /** Milliseconds for each answer. */
  readonly timeout: number;
}

const AF_INET = 2;
const AF_INET6 = 10;
const SOCK_DGRAM = 2;
const SOL_IP = 0;
const SOL_SOCKET = 1;
const SOL_UDP = 17;
const SOL_IPV6 = 41;
const IP_TOS = 1;
const IP_OPTIONS = 4;
const IP_MTU_DISCOVER = 10;
const IPV6_MTU_DISCOVER = 23;
const IPV6_TCLASS = 67;
/** Of both families: neither set DF nor learn what fits. */
const PMTUDISC_DONT = 0;
const SO_SNDBUF = 7;
const SO_RCVBUF = 8;
const SO_NO_CHECK = 11;
const SO_RCVTIMEO = 20;
const UDP_SEGMENT = 103;
const EAGAIN = 11;

const libc = koffi.load(null);
const socket = libc.func("int socket(int domain, int type, int protocol)");
const setsockopt = libc.func("int setsockopt(int fd, int level, int name, const void *value, uint32_t length)");
const connect = libc.func("int connect(int fd, const void *address, uint32_t length)");
const send = libc.func("int64_t send(int fd, const void *data, size_t length, int flags)");
const recv = libc.func("int64_t recv(int fd, void *data, size_t length, int flags)");
const close = libc.func("int close(int fd)");
const strerror = libc.func("const char *strerror(int error)");

export async function udpProbe(request: UdpRequest): Promise<Outcome> {
  const address = parseAddress(request.to);
  if (address === undefined) return bad(`"${request.to}" is no address`);
  const fd = socket(address.length === 4 ? AF_INET : AF_INET6, SOCK_DGRAM, 0) as number;
  const sockaddr = socketAddress(address, request.port);
  if (connect(fd, sockaddr, sockaddr.length) !== 0) return bad(lastError());
  setOptions(fd, request, address.length === 4);
  const problems = request.sizes.flatMap((size) => {
    const problem = exchange(fd, size, request);
    return problem === undefined ? [] : [`${size} octets: ${problem}`];
  });
  close(fd);
  if (problems.length > 0) return bad(problems.join("; "));
  const many = request.atOnce === undefined ? "" : `${request.atOnce} times `;
  return good(`${many}${request.sizes.join(", ")} octets${request.hangUp === true ? ", and hung up" : ""}`);
}

function setOptions(fd: number, request: UdpRequest, isV4: boolean): void {
  const { zeroChecksum, tos, dontFragment, ipOptions, timeout } = request;
  option(fd, SOL_SOCKET, SO_SNDBUF, int32(1 << 20));
  option(fd, SOL_SOCKET, SO_RCVBUF, int32(1 << 20));
  if (zeroChecksum) option(fd, SOL_SOCKET, SO_NO_CHECK, int32(1));
  if (tos !== undefined) option(fd, isV4 ? SOL_IP : SOL_IPV6, isV4 ? IP_TOS : IPV6_TCLASS, int32(tos));
  if (dontFragment === false)
    option(fd, isV4 ? SOL_IP : SOL_IPV6, isV4 ? IP_MTU_DISCOVER : IPV6_MTU_DISCOVER, int32(PMTUDISC_DONT));
  if (ipOptions !== undefined) option(fd, SOL_IP, IP_OPTIONS, Uint8Array.from(Buffer.from(ipOptions, "hex")));
  // struct timeval: seconds and microseconds.
  const wait = new BigInt64Array([BigInt(Math.floor(timeout / 1000)), BigInt((timeout % 1000) * 1000)]);
  option(fd, SOL_SOCKET, SO_RCVTIMEO, new Uint8Array(wait.buffer));
}

/** Undefined: all of it came back whole. */
function exchange(fd: number, size: number, { atOnce, hangUp }: UdpRequest): string | undefined {
  const count = atOnce ?? 1;
  const datagrams = new Uint8Array(size * count);
  // Size and place are in it, so that a late answer to another one is not taken for this one's.
  for (let index = 0; index < datagrams.length; index++) {
    datagrams[index] = (index * 31 + size + Math.floor(index / size) * 7) & 0xff;
  }
  if (atOnce !== undefined) option(fd, SOL_UDP, UDP_SEGMENT, int32(size));
  if ((send(fd, datagrams, datagrams.length, 0) as number) !== datagrams.length) return lastError();
  if (hangUp === true) return undefined;
  const awaited = new Set(Array.from({ length: count }, (_, index) => index));
  const answer = new Uint8Array(65536);
  while (awaited.size > 0) {
    const length = recv(fd, answer, answer.length, 0) as number;
    const missing = count === 1 ? "no answer" : `${awaited.size} of ${count} have no answer`;
    if (length < 0) return koffi.errno() === EAGAIN ? missing : lastError();
    if (length !== size) continue;
    const octets = answer.subarray(0, size);
    const which = [...awaited].find((index) => isEqual(octets, datagrams.subarray(index * size, (index + 1) * size)));
    if (which === undefined) return "the answer has other octets";
    awaited.delete(which);
  }
  return undefined;
}

const isEqual = (one: Uint8Array, other: Uint8Array): boolean => one.every((octet, index) => octet === other[index]);

function socketAddress(address: Uint8Array, port: number): Uint8Array {
  const sockaddr = new Uint8Array(address.length === 4 ? 16 : 28);
  const view = new DataView(sockaddr.buffer);
  view.setUint16(0, address.length === 4 ? AF_INET : AF_INET6, true);
  view.setUint16(2, port);
  sockaddr.set(address, address.length === 4 ? 4 : 8);
  return sockaddr;
}

function option(fd: number, level: number, name: number, value: Uint8Array): void {
  if (setsockopt(fd, level, name, value, value.length) !== 0)
    throw new Error(`Cannot set option ${name} of a UDP socket: ${lastError()}`);
}

function int32(value: number): Uint8Array {
  const octets = new Uint8Array(4);
  new DataView(octets.buffer).setInt32(0, value, true);
  return octets;
}

const lastError = (): string => strerror(koffi.errno()) as string;
