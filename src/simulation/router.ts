// The router on the simulated uplink: gives prefixes, takes them away, and carries what comes from them.

import { parseAddress } from "../net/address.js";
import { parsePrefix, prefixContains } from "../net/prefix.js";
import type { Outside } from "../os/fake/outside.js";

const routerAddress = "fe80::1";

export class Router {
  readonly #outside: Outside;
  readonly #dev: string;
  readonly #note: (text: string) => void;
  readonly #prefixes = new Set<string>();
  readonly #routes = new Set<string>();
  #linked = true;

  constructor(outside: Outside, dev: string, note: (text: string) => void) {
    this.#outside = outside;
    this.#dev = dev;
    this.#note = note;
  }

  /** A Router Advertisement with one more prefix (of /64). `mtu` in octets. */
  bring(prefix: string, mtu?: number): void {
    this.#note(`brings ${prefix}${mtu === undefined ? "" : ` and MTU ${mtu}`}`);
    this.#prefixes.add(prefix);
    this.#advertise(mtu);
  }

  /** The prefix is withdrawn; with the last one goes the default route. */
  take(prefix: string): void {
    this.#note(`takes ${prefix} away`);
    this.#prefixes.delete(prefix);
    this.#outside.withdrawPrefix(this.#dev, prefix);
    if (this.#prefixes.size === 0 && this.#linked) {
      this.#outside.advertise({ dev: this.#dev, router: routerAddress, lifetime: 0 });
    }
  }

  /** The device goes down and its addresses with it, or comes up again and gets an advertisement. */
  setLink(up: boolean): void {
    this.#note(`sees ${this.#dev} go ${up ? "up" : "down"}`);
    this.#linked = up;
    this.#outside.setUp(this.#dev, up);
    this.#advertise();
  }

  /** Sends packets to that prefix to the host, without asking whose they are. */
  route(prefix: string): void {
    this.#note(`routes ${prefix} to the host`);
    this.#routes.add(prefix);
  }

  /** Whether it takes packets of that source, and brings answers to them. */
  carries(address: string): boolean {
    return this.#linked && (anyHolds(this.#prefixes, address) || this.routes(address));
  }

  /** Whether it needs no neighbour discovery for that address. */
  routes(address: string): boolean {
    return anyHolds(this.#routes, address);
  }

  #advertise(mtu?: number): void {
    if (this.#prefixes.size === 0 || !this.#linked) return;
    const prefixes = [...this.#prefixes];
    this.#outside.advertise({ dev: this.#dev, router: routerAddress, prefixes, ...(mtu === undefined ? {} : { mtu }) });
  }
}

function anyHolds(prefixes: ReadonlySet<string>, address: string): boolean {
  const octets = parseAddress(address);
  return [...prefixes].some((text) => {
    const prefix = parsePrefix(text);
    return prefix !== undefined && octets !== undefined && prefixContains(prefix, octets);
  });
}
