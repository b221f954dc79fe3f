// Sends datagrams to a unix socket (unix(7)), which Node cannot: it is how a service manager is spoken to (sd_notify(3)).

import { libc } from "./libc.js";

const AF_UNIX = 1;
const SOCK_DGRAM = 2;
const SOCK_CLOEXEC = 0o2000000;
const MSG_DONTWAIT = 0x40;
const MSG_NOSIGNAL = 0x4000;
/** sun_path. */
const LONGEST_PATH = 108;

export interface DatagramSender {
  /** False where it did not get through: nobody listens, or who listens is busy. Never waits. */
  send(text: string): boolean;
  close(): void;
}

/**
 * @param path absolute, or `@name` for an abstract socket
 * @returns undefined where that is no path of a socket
 */
export function datagramsTo(path: string): DatagramSender | undefined {
  const address = socketAddress(path);
  if (address === undefined) return undefined;
  const { socket, sendto, close } = libc();
  const fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return undefined;
  return {
    send: (text) => {
      const octets = new TextEncoder().encode(text);
      return sendto(fd, octets, octets.length, MSG_DONTWAIT | MSG_NOSIGNAL, address, address.length) === octets.length;
    },
    close: () => void close(fd),
  };
}

/** struct sockaddr_un: the family, then the path with a zero behind it, or a zero and the name of an abstract socket. */
export function socketAddress(path: string): Uint8Array | undefined {
  const abstract = path.startsWith("@");
  if (!abstract && !path.startsWith("/")) return undefined;
  const octets = new TextEncoder().encode(abstract ? `\0${path.slice(1)}` : `${path}\0`);
  if (octets.length > LONGEST_PATH || (abstract && octets.length < 2)) return undefined;
  const address = new Uint8Array(2 + octets.length);
  new DataView(address.buffer).setUint16(0, AF_UNIX, true);
  address.set(octets, 2);
  return address;
}
