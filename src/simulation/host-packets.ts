// Packets on the simulated host: from an application's socket through routing, the TUN, the real translator, forwarding
// and connection marks out of the uplink, and the way back. It reads the fake's state as the kernel would; it changes
// nothing of it. A packet that is lost says where.

import type { FastPathProgram } from "../os/effect.js";
import type { FakeOs } from "../os/fake/fake-os.js";
import type { NetSnapshot } from "../os/snapshot.js";
import { type Datagram, decodeDatagram, encodeDatagram } from "./datagram.js";
import { SimulatedFastPaths } from "./fast-paths.js";

/** Where a packet ended. */
export type Fate =
  /** At a socket of the host; `dev` is where it came in. */
  | { readonly end: "application"; readonly datagram: Datagram; readonly dev: string }
  /** It left by a device. */
  | { readonly end: "out"; readonly dev: string; readonly packet: Uint8Array }
  | { readonly end: "lost"; readonly why: string };

export class HostPackets {
  readonly #os: () => FakeOs;
  readonly #clatDev: string;
  readonly #fastPaths: SimulatedFastPaths;
  /** Connections by their flow as it left, and their marks. */
  readonly #marks = new Map<string, number>();

  /** @param os the one that has the TUN open: the daemon's own, which changes with each start */
  constructor(os: () => FakeOs, clatDev: string, fastPaths: SimulatedFastPaths = new SimulatedFastPaths()) {
    this.#os = os;
    this.#clatDev = clatDev;
    this.#fastPaths = fastPaths;
  }

  /** The source address that the kernel gives to a socket that connects there; undefined: Network is unreachable. */
  sourceFor(destination: string): string | undefined {
    return this.#os().routeOf({ destination })?.source;
  }

  /** An application's packet. */
  async send(packet: Uint8Array): Promise<Fate> {
    const datagram = decodeDatagram(packet);
    if (datagram === undefined) return lost("the application's packet is damaged");
    const route = this.#os().routeOf(datagram);
    if (route === undefined) return lost(`no route to ${datagram.destination}`);
    return this.#output(route.dev, packet, await this.#os().snapshot());
  }

  /** A packet that comes in by a device. `routed`: its sender has a route to this host and need not ask for the address. */
  async receive(dev: string, packet: Uint8Array, { routed = false } = {}): Promise<Fate> {
    const snapshot = await this.#os().snapshot();
    const datagram = decodeDatagram(packet);
    if (datagram === undefined) return lost(`a damaged packet came in by ${dev}`);
    if (datagram.family === 6 && !routed && !answersNeighbours(snapshot, dev, datagram.destination)) {
      return lost(`nobody on ${dev} answers for ${datagram.destination}`);
    }
    const object = this.#attached("uplink_ingress", dev);
    if (object !== undefined && datagram.family === 6 && this.#fastPaths.takes(object, datagram)) {
      return this.#output(object, packet, snapshot);
    }
    return this.#input(dev, packet, snapshot);
  }

  /** Whose program stands there. */
  #attached(program: FastPathProgram, dev: string): string | undefined {
    const { programs } = this.#os().kernel.netns("");
    return programs.find((one) => one.program === program && one.dev === dev)?.object;
  }

  #output(dev: string, packet: Uint8Array, snapshot: NetSnapshot): Fate {
    const tun = this.#os().tunHostEnd(dev);
    if (tun === undefined) return { end: "out", dev, packet };
    let out: Uint8Array | undefined;
    tun.receive((emitted) => {
      out = emitted;
    });
    tun.send(packet, (packet[0] ?? 0) >> 4 === 4 ? 4 : 6);
    if (out === undefined) return lost(`nothing came back out of ${dev}`);
    return this.#leave(dev, out) ?? this.#input(dev, out, snapshot);
  }

  /** Past the host's forwarding. */
  #leave(dev: string, packet: Uint8Array): Fate | undefined {
    const object = this.#attached("clat_ingress", dev);
    const datagram = decodeDatagram(packet);
    if (object === undefined || datagram?.family !== 6) return undefined;
    const uplink = this.#fastPaths.leaves(object, datagram);
    return uplink === undefined ? undefined : { end: "out", dev: uplink, packet };
  }

  #input(dev: string, packet: Uint8Array, snapshot: NetSnapshot): Fate {
    const datagram = decodeDatagram(packet);
    if (datagram === undefined) return lost(`a damaged packet came out of ${dev}`);
    const mark = this.#mark(dev, datagram, snapshot);
    if (mark === "drop") return lost("it collides with a connection of the host itself");
    const { source, destination, family, hops } = datagram;
    const route = this.#os().routeOf({ source, destination, iif: dev, mark });
    if (route === undefined) return lost(`no route to ${destination}`);
    if (route.dev === "lo") return { end: "application", datagram, dev };
    // IPv4 asks the device that the packet came in by.
    const key = family === 4 ? `net.ipv4.conf.${dev}.forwarding` : "net.ipv6.conf.all.forwarding";
    if (snapshot.sysctls[key] !== "1") return lost(`the host does not forward IPv${family} to ${destination}`);
    return this.#output(route.dev, encodeDatagram({ ...datagram, hops: hops - 1 }), snapshot);
  }

  /** What the CLAT's nft table does (engine/classic.ts), for two cases: from the CLAT, and the answer to that. */
  #mark(dev: string, datagram: Datagram, snapshot: NetSnapshot): number | "drop" {
    const table = snapshot.nft.find(({ family, text }) => family === "ip6" && text.includes(`"${this.#clatDev}"`));
    const ctmark = Number(/ct mark set (0x[0-9a-f]+)/.exec(table?.text ?? "")?.[1] ?? 0);
    if (datagram.family === 4) return 0;
    if (dev !== this.#clatDev) return this.#marks.get(flowOf(answerTo(datagram))) ?? 0;
    if (ctmark === 0) return 0;
    const mark = this.#marks.get(flowOf(datagram)) ?? ctmark;
    this.#marks.set(flowOf(datagram), mark);
    return mark === ctmark ? ctmark : "drop";
  }
}

function lost(why: string): Fate {
  return { end: "lost", why };
}

function answersNeighbours(snapshot: NetSnapshot, dev: string, address: string): boolean {
  const proxied = snapshot.proxies.some((proxy) => proxy.dev === dev && proxy.address === address);
  return proxied || snapshot.addresses.some((one) => one.dev === dev && one.address === address && !one.tentative);
}

function flowOf({ protocol, source, sourcePort, destination, destinationPort }: Datagram): string {
  return `${protocol} ${source} ${sourcePort} ${destination} ${destinationPort}`;
}

function answerTo(datagram: Datagram): Datagram {
  const { source, sourcePort, destination, destinationPort } = datagram;
  return {
    ...datagram,
    source: destination,
    sourcePort: destinationPort,
    destination: source,
    destinationPort: sourcePort,
  };
}
