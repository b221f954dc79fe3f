// An application on the simulated host: sends to the IPv4 internet (or to IPv6, as a native one would) and waits for the
// answer, as a person at a shell would see it.

import { type Datagram, encodeDatagram } from "./datagram.js";
import type { FarSide } from "./far-side.js";
import type { Fate, HostPackets } from "./host-packets.js";
import { addressesOf, nativeAnswer, serverAddress } from "./plat.js";
import type { Router } from "./router.js";

export interface ApplicationParts {
  readonly host: HostPackets;
  readonly far: FarSide;
  readonly router: Router;
  note(text: string): void;
}

export interface Request {
  readonly protocol: Datagram["protocol"];
  /** Absent: the IPv4 server. */
  readonly to?: string;
  readonly text?: string;
  /** Of the socket, or the identifier of an echo. Absent: the next free one. */
  readonly port?: number;
  /** Hops that the packet may take; absent: 64. */
  readonly hops?: number;
}

export type Answer =
  /** `by`: the device that the answer came in by. */
  { readonly ok: true; readonly text: string; readonly by: string } | { readonly ok: false; readonly why: string };

const firstPort = 40_000;
const echoPort = 7;

export class Application {
  readonly #parts: ApplicationParts;
  #ports = 0;

  constructor(parts: ApplicationParts) {
    this.#parts = parts;
  }

  async request(request: Request): Promise<Answer> {
    const answer = await this.#exchange(request);
    const { protocol, to = serverAddress, text = "hello" } = request;
    const outcome = answer.ok ? `gets "${answer.text}" by ${answer.by}` : `gets nothing: ${answer.why}`;
    this.#parts.note(`sends ${protocol} "${text}" to ${to} and ${outcome}`);
    return answer;
  }

  async #exchange(request: Request): Promise<Answer> {
    const { host } = this.#parts;
    const { protocol, to = serverAddress, text = "hello", hops = 64 } = request;
    const source = host.sourceFor(to);
    if (source === undefined) return { ok: false, why: "Network is unreachable" };
    const port = request.port ?? firstPort + this.#ports++;
    const sent: Datagram = {
      family: to.includes(":") ? 6 : 4,
      protocol,
      source,
      destination: to,
      sourcePort: port,
      destinationPort: protocol === "icmp" ? port : echoPort,
      hops,
      text,
    };
    return this.#settle(sent, await host.send(encodeDatagram(sent)));
  }

  /** Follows the packet until it is an answer, or lost. */
  async #settle(sent: Datagram, fate: Fate): Promise<Answer> {
    switch (fate.end) {
      case "lost":
        return { ok: false, why: fate.why };
      case "application":
        return answers(sent, fate.datagram)
          ? { ok: true, text: fate.datagram.text, by: fate.dev }
          : { ok: false, why: "a packet came that is no answer" };
      case "out": {
        const answer = this.#network(fate.packet);
        if (typeof answer === "string") return { ok: false, why: answer };
        return this.#settle(sent, await this.#parts.host.receive(fate.dev, answer));
      }
    }
  }

  /** Beyond the uplink; a text says where the packet was lost. */
  #network(packet: Uint8Array): Uint8Array | string {
    const { far, router } = this.#parts;
    if ((packet[0] ?? 0) >> 4 === 4) return nativeAnswer(packet) ?? "the IPv4 internet does not answer";
    const { source, destination } = addressesOf(packet);
    if (!router.carries(source)) return `the router does not carry packets from ${source}`;
    if (!far.serves(destination)) return `nobody beyond the router is ${destination}`;
    const answer = far.handle(packet);
    return answer ?? "there came no answer from beyond the router";
  }
}

function answers(sent: Datagram, got: Datagram): boolean {
  return (
    got.protocol === sent.protocol &&
    got.source === sent.destination &&
    got.destination === sent.source &&
    got.sourcePort === sent.destinationPort &&
    got.destinationPort === sent.sourcePort
  );
}
