// Opens a TUN device (Documentation/networking/tuntap.rst; struct virtio_net_hdr: virtio 1.2 §5.1.6). Not persistent: the
// device goes with its file descriptor, and so with the process.

import { OsError } from "../driver.js";
import { fileExists } from "./files.js";
import { libc } from "./libc.js";
import { inNetns } from "./netns.js";

/** What the kernel hands over whole, and takes whole. */
interface TunOffloads {
  readonly tso: boolean;
  readonly uso: boolean;
}

export interface Tun {
  readonly fd: number;
  /** Octets of the virtio header before each packet; 0: none, bare packets. */
  readonly headerLength: 0 | 10;
  /** Absent: no checksum or segmentation offload. */
  readonly offloads: TunOffloads | undefined;
}

const control = "/dev/net/tun";
const remedy = `load the module (\`modprobe tun\`) or give the container \`--device ${control}\``;
const TUNSETIFF = 0x400454ca;
const TUNSETOFFLOAD = 0x400454d0;
const TUNSETVNETHDRSZ = 0x400454d8;
const IFF_TUN = 0x0001;
const IFF_NO_PI = 0x1000;
const IFF_VNET_HDR = 0x4000;
const TUN_F_CSUM = 0x01;
const TUN_F_TSO4 = 0x02;
const TUN_F_TSO6 = 0x04;
const TUN_F_TSO_ECN = 0x08;
const TUN_F_USO4 = 0x20;
const TUN_F_USO6 = 0x40;
const O_RDWR = 2;
const O_CLOEXEC = 0o2000000;
const EPERM = 1;
const ENOENT = 2;
const EACCES = 13;
const EBUSY = 16;
const ENODEV = 19;
const EINVAL = 22;

/**
 * @param netnsFile the network namespace to make it in; undefined: this process's own
 * @throws OsError
 */
export function openTun(name: string, offloads: boolean, netnsFile: string | undefined): Tun {
  return inNetns(netnsFile, () => openHere(name, offloads));
}

export function closeTun(tun: Tun): void {
  libc().close(tun.fd);
}

/** Why none can be opened, without opening one: that would load the module. */
export async function tunObstacle(): Promise<string | undefined> {
  return (await fileExists(control)) ? undefined : `${control} does not exist; ${remedy}`;
}

function openHere(name: string, offloads: boolean): Tun {
  const { open, close, ioctlPointer, ioctlNumber } = libc();
  const fd = open(control, O_RDWR | O_CLOEXEC);
  if (fd < 0) throw failure(`open ${control}`);
  try {
    if (ioctlPointer(fd, TUNSETIFF, interfaceRequest(name, IFF_TUN | IFF_NO_PI | (offloads ? IFF_VNET_HDR : 0))) < 0) {
      throw failure(`create TUN "${name}"`);
    }
    if (!offloads) return { fd, headerLength: 0, offloads: undefined };
    const size = new Uint8Array(4);
    new DataView(size.buffer).setInt32(0, 10, true);
    if (ioctlPointer(fd, TUNSETVNETHDRSZ, size) < 0) throw failure(`set the header length of TUN "${name}"`);
    return { fd, headerLength: 10, offloads: setOffloads(fd, ioctlNumber) };
  } catch (error) {
    close(fd);
    throw error;
  }
}

/** USO came with kernel 6.2; a kernel that does not know a flag refuses all of them. */
function setOffloads(fd: number, ioctl: ReturnType<typeof libc>["ioctlNumber"]): TunOffloads | undefined {
  const tso = TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6 | TUN_F_TSO_ECN;
  if (ioctl(fd, TUNSETOFFLOAD, tso | TUN_F_USO4 | TUN_F_USO6) === 0) return { tso: true, uso: true };
  if (ioctl(fd, TUNSETOFFLOAD, tso) === 0) return { tso: true, uso: false };
  return ioctl(fd, TUNSETOFFLOAD, TUN_F_CSUM) === 0 ? { tso: false, uso: false } : undefined;
}

/** struct ifreq: 16 octets of name, then the flags. */
function interfaceRequest(name: string, flags: number): Uint8Array {
  const octets = new TextEncoder().encode(name);
  if (octets.length === 0 || octets.length > 15) {
    throw new OsError("failed", `Cannot create TUN "${name}": a device's name has 1 to 15 octets`);
  }
  const request = new Uint8Array(40);
  request.set(octets);
  new DataView(request.buffer).setInt16(16, flags, true);
  return request;
}

function failure(action: string): OsError {
  const errno = libc().errno();
  const [code, text] = reasons[errno] ?? ["failed", `error ${errno}`];
  return new OsError(code, `Cannot ${action}: ${text}`);
}

const reasons: Readonly<Record<number, readonly [OsError["code"], string]>> = {
  [EPERM]: ["denied", "permission denied; it takes root or CAP_NET_ADMIN"],
  [EACCES]: ["denied", "permission denied; it takes root or CAP_NET_ADMIN"],
  [ENOENT]: ["missing", `it does not exist; ${remedy}`],
  [ENODEV]: ["missing", "the kernel has no TUN driver; load the module (`modprobe tun`)"],
  [EBUSY]: ["exists", "a device of that name is there already; choose another name"],
  [EINVAL]: ["exists", "a device of that name is there already and is no TUN; choose another name"],
};
