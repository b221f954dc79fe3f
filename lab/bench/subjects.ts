// Who is measured, and how each is started in its node. One that cannot run here is reported with the reason.

import { setTimeout as after } from "node:timers/promises";
import type { Lab } from "../lab.js";
import { startClatd } from "./start-clatd.js";
import type { Started } from "./started.js";
import { startTaygaClat } from "./tayga-clat.js";
import { startTunBounce } from "./tun-bounce.js";

export interface Subject {
  /** Its node of the topology `bench` has the same name. */
  readonly name: string;
  readonly what: string;
  /** The address by which it reaches the server. */
  readonly target: string;
  /** Activities that it takes part in; absent: all. */
  readonly only?: RegExp;
  start?(lab: Lab): Promise<Started>;
}

const embedded = "2001:db8:64::c633:640a";
const v4 = "198.51.100.10";

/** Joined to the server directly: shows what the tester and iperf3 can do at all. */
export const selfTest: Subject = {
  name: "direct",
  what: "the tester itself: client and server joined by one veth pair, no router, no translation",
  target: "2001:db8:d::2",
};

export const subjects: readonly Subject[] = [
  { name: "plain", what: "untranslated IPv6 through the same hops", target: embedded },
  {
    name: "ebpf",
    what: "clatd with engine=ebpf and its defaults: it shares the host's IPv6 address",
    target: v4,
    start: (lab) => startClatd(lab, "ebpf", "ebpf"),
  },
  {
    name: "userspace",
    what: "clatd with engine=userspace and its defaults: it shares the host's IPv6 address",
    target: v4,
    start: (lab) => startClatd(lab, "userspace", "userspace"),
  },
  {
    name: "tayga",
    what: "Debian's TAYGA 0.9.2 as CLAT, with an address of its own",
    target: v4,
    start: (lab) => startTaygaClat(lab, "tayga"),
  },
  {
    name: "bounce",
    what: "a TUN that gives each packet back as it is, with offloads: the limit of any engine on a TUN in Node.js",
    target: embedded,
    only: /^TCP .*, 1 stream$|^UDP .*, 64 octets$/,
    start: (lab) => startTunBounce(lab, "bounce"),
  },
];

/** Debian 12 was searched for others (apt-cache search nat64, nat46, clat, siit, 464xlat). */
export const otherPeers: readonly string[] = [
  "`jool-dkms` 4.1.9 is a kernel module; the kernel that the benchmark was written on loads none (`npm run test:vm` builds and runs it in QEMU, where speed means nothing)",
  "`network-manager` 1.42 and `systemd-networkd` 252 have no CLAT (NetworkManager's came later)",
  "`tnat64` is a library that rewrites the `connect()` of single programs, and translates no packets",
  "nat46 is not in Debian",
];

/** Until the way to the server is there: one answer will do. */
export async function answering(lab: Lab, node: string, target: string): Promise<void> {
  for (let attempts = 0; attempts < 20; attempts += 1) {
    const { code } = await lab.exec(node, ["ping", "-n", "-c", "1", "-W", "1", target]);
    if (code === 0) return;
    await after(200);
  }
  throw new Error(`Cannot reach ${target} from "${node}": it does not answer ping`);
}
