// What a program needs to know of a device: its number, and what stands in front of the packets on it.

import { OsError } from "../../driver.js";
import { libc } from "../libc.js";
import { inNetns } from "../netns.js";

export interface LinkFacts {
  readonly ifindex: number;
  /** "none": packets begin with their IP header (wwan, ppp, tun). */
  readonly header: "ethernet" | "none" | "other";
}

const SIOCGIFHWADDR = 0x8927;
const SIOCGIFINDEX = 0x8933;

const ARPHRD_ETHER = 1;
const ARPHRD_LOOPBACK = 772;
/** PPP, tunnels, raw IP, none: where the kernel's dev_is_mac_header_xmit() says no. */
const withoutHeader: ReadonlySet<number> = new Set([512, 768, 769, 776, 778, 823, 519, 0xfffe, 0xffff]);

const AF_INET = 2;
const SOCK_DGRAM_CLOEXEC = 2 | 0o2000000;

/** @throws OsError "missing" */
export function linkFacts(dev: string, netnsFile?: string): LinkFacts {
  return inNetns(netnsFile, () => {
    const { socket, close } = libc();
    const fd = socket(AF_INET, SOCK_DGRAM_CLOEXEC, 0);
    try {
      const ifindex = ask(fd, dev, SIOCGIFINDEX).getInt32(valueAt, isLittleEndian);
      const type = ask(fd, dev, SIOCGIFHWADDR).getUint16(valueAt, isLittleEndian);
      const isEthernet = type === ARPHRD_ETHER || type === ARPHRD_LOOPBACK;
      return { ifindex, header: isEthernet ? "ethernet" : withoutHeader.has(type) ? "none" : "other" };
    } finally {
      close(fd);
    }
  });
}

const isLittleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/** struct ifreq: 16 octets of name, then the value. */
const valueAt = 16;

function ask(fd: number, dev: string, request: number): DataView {
  const octets = new Uint8Array(40);
  octets.set(new TextEncoder().encode(dev).subarray(0, valueAt - 1));
  if (libc().ioctlPointer(fd, request, octets) < 0) {
    throw new OsError("missing", `Cannot look at link "${dev}": it does not exist`);
  }
  return new DataView(octets.buffer);
}
