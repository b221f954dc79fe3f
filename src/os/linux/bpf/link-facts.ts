// What a program needs to know of a device: its number, what stands in front of the packets on it, and how large they may be.

import { OsError } from "../../driver.js";
import { libc } from "../libc.js";
import { inNetns } from "../netns.js";

export interface LinkFacts {
  readonly ifindex: number;
  /** "none": packets begin with their IP header (wwan, ppp, tun). */
  readonly header: "ethernet" | "none" | "other";
  /** It takes super-packets of TCP whole: `tcp-segmentation-offload` of ethtool. Otherwise the kernel cuts them before it. */
  readonly tso: boolean;
}

const SIOCGIFHWADDR = 0x8927;
const SIOCGIFINDEX = 0x8933;
const SIOCETHTOOL = 0x8946;
const ETHTOOL_GTSO = 0x1e;

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
      const header = isEthernet ? "ethernet" : withoutHeader.has(type) ? "none" : "other";
      return { ifindex, header, tso: takesSuperPackets(fd, dev) };
    } finally {
      close(fd);
    }
  });
}

const isLittleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/** struct ifreq: 16 octets of name, then the value. */
const valueAt = 16;

/** struct ethtool_value: command, value. The kernel answers for every device, whatever its driver knows. */
function takesSuperPackets(fd: number, dev: string): boolean {
  const octets = requestFor(dev);
  const view = new DataView(octets.buffer);
  view.setBigUint64(valueAt, BigInt(libc().addressOf(octets) + requestLength), isLittleEndian);
  view.setUint32(requestLength, ETHTOOL_GTSO, isLittleEndian);
  if (libc().ioctlPointer(fd, SIOCETHTOOL, octets) < 0) return true;
  return view.getUint32(requestLength + 4, isLittleEndian) !== 0;
}

const requestLength = 40;

/** struct ifreq for a device, and room behind it for what it points to: in one piece, larger than what V8 moves. */
function requestFor(dev: string): Uint8Array<ArrayBuffer> {
  const octets = new Uint8Array(256);
  octets.set(new TextEncoder().encode(dev).subarray(0, valueAt - 1));
  return octets;
}

function ask(fd: number, dev: string, request: number): DataView {
  const octets = requestFor(dev);
  if (libc().ioctlPointer(fd, request, octets) < 0) {
    throw new OsError("missing", `Cannot look at link "${dev}": it does not exist`);
  }
  return new DataView(octets.buffer);
}
