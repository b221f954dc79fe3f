// The world around the host, for tests: cables, routers, administrators. What they do is done to the kernel, past every
// driver, and noted in no transcript.

import { formatIpv6 } from "../../net/address.js";
import { parsePrefix } from "../../net/prefix.js";
import { ruleSlot } from "../canonical.js";
import type { Route, Rule } from "../effect.js";
import { deviceKey } from "../sysctl.js";
import { addAddress, failDad, interfaceId, type NewAddress, removeAddress } from "./addresses.js";
import type { FakeKernel } from "./kernel.js";
import { findLink } from "./link-state.js";
import { addLink, removeLink, setPlugged, setUp } from "./links.js";
import { addRoute, removeRoute } from "./routes.js";
import type { FakeNetns } from "./state.js";
import { writeSysctl } from "./write-sysctl.js";

export interface FakeAdvertisement {
  readonly dev: string;
  /** The router's link-local address. */
  readonly router: string;
  /** Seconds; 0: no default router any more. */
  readonly lifetime?: number;
  /** Prefixes for addresses, of /64. */
  readonly prefixes?: readonly string[];
  /** Octets. */
  readonly mtu?: number;
}

export class Outside {
  readonly #kernel: FakeKernel;
  readonly #ns: FakeNetns;

  /** @param netns the namespace that is acted upon */
  constructor(kernel: FakeKernel, netns = "") {
    this.#kernel = kernel;
    this.#ns = kernel.netns(netns);
  }

  /** A network card appears, down, with its cable in. */
  addDevice(name: string, options: { readonly mac?: string; readonly mtu?: number } = {}): void {
    addLink(this.#kernel, this.#ns, { name, kind: "physical", ...options });
  }

  /** The administrator switches UFW on, with these rules and their comments, or off. */
  setUfw(rules: Readonly<Record<string, string>> | undefined): void {
    this.#ns.ufw = rules === undefined ? undefined : new Map(Object.entries(rules));
    this.#kernel.tell(this.#ns, "nft");
  }

  removeDevice(name: string): void {
    removeLink(this.#kernel, this.#ns, name);
  }

  setUp(name: string, up: boolean): void {
    setUp(this.#kernel, this.#ns, name, up);
  }

  setCarrier(name: string, plugged: boolean): void {
    setPlugged(this.#kernel, this.#ns, name, plugged);
  }

  addAddress(address: NewAddress): void {
    addAddress(this.#kernel, this.#ns, address);
  }

  removeAddress(dev: string, address: string): void {
    removeAddress(this.#kernel, this.#ns, dev, address);
  }

  /** Duplicate address detection finds another owner. */
  failDad(dev: string, address: string): void {
    failDad(this.#kernel, this.#ns, dev, address);
  }

  addRoute(route: Route): void {
    addRoute(this.#kernel, this.#ns, route);
  }

  removeRoute(route: Route): void {
    removeRoute(this.#kernel, this.#ns, route);
  }

  removeRule(rule: Rule): void {
    this.#ns.rules = this.#ns.rules.filter((one) => ruleSlot(one) !== ruleSlot(rule));
    this.#kernel.tell(this.#ns, "rule");
  }

  removeProxy(dev: string, address: string): void {
    this.#ns.proxies = this.#ns.proxies.filter((one) => one.dev !== dev || one.address !== address);
    this.#kernel.tell(this.#ns, "neighbour");
  }

  removeNft(family: string, name: string): void {
    this.#ns.nft.delete(`${family} ${name}`);
    this.#kernel.tell(this.#ns, "nft");
  }

  setSysctl(key: string, value: string): void {
    writeSysctl(this.#kernel, this.#ns, key, value);
  }

  /**
   * A Router Advertisement (RFC 4861 §6.3.4, RFC 4862 §5.5.3) arrives: SLAAC addresses, the default route, the MTU. Not
   * heard where the host forwards and was not told to listen all the same (accept_ra 2).
   */
  advertise(advertisement: FakeAdvertisement): void {
    const { dev, router, lifetime = 1800, prefixes = [], mtu } = advertisement;
    const link = findLink(this.#ns, dev);
    if (!link.up || !this.#hearsAdvertisements(dev)) return;
    if (mtu !== undefined && mtu >= 1280 && mtu <= link.mtu) {
      this.#ns.sysctls.set(deviceKey("ipv6", dev, "mtu"), `${mtu}`);
    }
    const route: Route = {
      family: 6,
      destination: "default",
      dev,
      via: router,
      table: 254,
      protocol: "ra",
      metric: 1024,
    };
    const there = this.#ns.routes.some((one) => one.learned === true && one.dev === dev && one.via === router);
    if (lifetime > 0 && !there) addRoute(this.#kernel, this.#ns, route, true);
    if (lifetime === 0 && there) removeRoute(this.#kernel, this.#ns, route);
    for (const prefix of prefixes) this.#autoconfigure(dev, prefix);
  }

  /** The prefix is gone: its addresses with it. */
  withdrawPrefix(dev: string, prefix: string): void {
    const address = this.slaacAddress(dev, prefix);
    const there = this.#ns.addresses.some((one) => one.dev === dev && one.address === address);
    if (there) removeAddress(this.#kernel, this.#ns, dev, `${address}/64`);
  }

  /** The address that the host makes out of an advertised prefix. */
  slaacAddress(dev: string, prefix: string): string {
    const parsed = parsePrefix(prefix);
    if (parsed?.length !== 64 || parsed.octets.length !== 16) {
      throw new RangeError(`Cannot autoconfigure an address in ${prefix}: it takes an IPv6 prefix of length 64`);
    }
    const octets = Uint8Array.from(parsed.octets);
    octets.set(interfaceId(findLink(this.#ns, dev)), 8);
    return formatIpv6(octets);
  }

  #autoconfigure(dev: string, prefix: string): void {
    const address = this.slaacAddress(dev, prefix);
    if (this.#ns.addresses.some((one) => one.dev === dev && one.address === address)) return;
    addAddress(this.#kernel, this.#ns, { dev, address: `${address}/64` });
  }

  #hearsAdvertisements(dev: string): boolean {
    const value = (name: string): string => this.#ns.sysctls.get(deviceKey("ipv6", dev, name)) ?? "0";
    return value("accept_ra") === "2" || (value("accept_ra") === "1" && value("forwarding") === "0");
  }
}
