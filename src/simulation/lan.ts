// An IPv4 network behind the simulated host: nodes with service addresses, which answer what they get.

import { decodeDatagram, encodeDatagram } from "./datagram.js";
import { serviceAnswer } from "./service.js";

export class Lan {
  readonly dev: string;
  readonly #nodes = new Set<string>();

  constructor(dev: string) {
    this.dev = dev;
  }

  /** A node with that address is switched on. */
  add(address: string): void {
    this.#nodes.add(address);
  }

  /** Takes an IPv4 packet from the host; gives the node's answer. */
  handle(packet: Uint8Array): Uint8Array | undefined {
    const got = decodeDatagram(packet);
    if (got === undefined || !this.#nodes.has(got.destination)) return undefined;
    return encodeDatagram(serviceAnswer(got, "a node"));
  }
}
