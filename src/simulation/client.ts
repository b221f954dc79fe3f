// A client on the IPv4 internet: calls a service address through the Border Relay, and sees what comes back.

import type { Answer, Request } from "./application.js";
import type { BorderRelay } from "./border-relay.js";
import { type Datagram, decodeDatagram, encodeDatagram } from "./datagram.js";
import type { Fate, HostPackets } from "./host-packets.js";
import type { Lan } from "./lan.js";
import { addressesOf } from "./plat.js";
import type { Router } from "./router.js";
import { serviceAnswer } from "./service.js";

export interface ClientParts {
  readonly host: HostPackets;
  readonly border: BorderRelay;
  readonly router: Router;
  readonly lan: Lan;
  readonly uplink: string;
  note(text: string): void;
}

/** RFC 5737. */
const clientAddress = "203.0.113.50";

const firstPort = 50_000;
const servicePort = 80;

export class Client {
  readonly #parts: ClientParts;
  #ports = 0;

  constructor(parts: ClientParts) {
    this.#parts = parts;
  }

  /** `from`: the source address, where it lies about it. */
  async request(request: Request & { readonly to: string; readonly from?: string }): Promise<Answer> {
    const { protocol, to, from = clientAddress, text = "hello", hops = 64 } = request;
    const port = request.port ?? firstPort + this.#ports++;
    const sent: Datagram = {
      family: 4,
      protocol,
      source: from,
      destination: to,
      sourcePort: port,
      destinationPort: protocol === "icmp" ? port : servicePort,
      hops,
      text,
    };
    const answer = await this.#exchange(sent);
    this.#parts.note(
      `sends ${protocol} "${text}" to ${to} and ${answer.ok ? `gets "${answer.text}"` : `gets nothing: ${answer.why}`}`,
    );
    return answer;
  }

  async #exchange(sent: Datagram): Promise<Answer> {
    const inside = this.#parts.border.inward(encodeDatagram(sent));
    if (inside === undefined) return { ok: false, why: "the Border Relay drops it" };
    return this.#settle(sent, await this.#deliver(inside));
  }

  /** The router's part, towards the host. */
  async #deliver(packet: Uint8Array): Promise<Fate> {
    const { host, router, uplink } = this.#parts;
    const { destination } = addressesOf(packet);
    if (!router.carries(destination))
      return { end: "lost", why: `the router does not carry packets to ${destination}` };
    return host.receive(uplink, packet, { routed: router.routes(destination) });
  }

  async #settle(sent: Datagram, fate: Fate): Promise<Answer> {
    const { host, lan, uplink, border, router } = this.#parts;
    switch (fate.end) {
      case "lost":
        return { ok: false, why: fate.why };
      case "application":
        return this.#settle(sent, await host.send(encodeDatagram(serviceAnswer(fate.datagram, "this host"))));
      case "out": {
        if (fate.dev === lan.dev) {
          const answer = lan.handle(fate.packet);
          if (answer === undefined) return { ok: false, why: `nobody on ${lan.dev} answers` };
          return this.#settle(sent, await host.receive(fate.dev, answer));
        }
        if (fate.dev !== uplink) return { ok: false, why: `it left by ${fate.dev}` };
        const { source } = addressesOf(fate.packet);
        if (!router.carries(source)) return { ok: false, why: `the router does not carry packets from ${source}` };
        const out = border.outward(fate.packet);
        const got = out === undefined ? undefined : decodeDatagram(out);
        if (got === undefined || got.destination !== sent.source || got.source !== sent.destination) {
          return { ok: false, why: `what left the Border Relay is no answer: ${JSON.stringify(got)}` };
        }
        return { ok: true, text: got.text, by: "internet" };
      }
    }
  }
}
