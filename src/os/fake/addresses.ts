// Addresses of the model: duplicate address detection (RFC 4862 §5.4), link-local ones, what the kernel does with them
// when links go up and down.

import { formatIpv6, parseAddress } from "../../net/address.js";
import { addressOf, canonicalInterfaceAddress, familyOf } from "../canonical.js";
import { deviceKey } from "../sysctl.js";
import { findLink, isRunning } from "./link-state.js";
import { primaryOf, sameNetwork } from "./primary.js";
import { forgetSource } from "./routes.js";
import { type FakeAddress, type FakeLink, type FakeNetns, type KernelCore, Refusal } from "./state.js";

/** One probe, one second (RFC 4861 RETRANS_TIMER). */
const dadTime = 1_000;

export interface NewAddress {
  readonly dev: string;
  /** With its length. */
  readonly address: string;
  readonly peer?: string | undefined;
  readonly deprecated?: boolean | undefined;
  readonly nodad?: boolean | undefined;
  readonly temporary?: boolean | undefined;
  /** Seconds. */
  readonly lifetime?: number | undefined;
}

export function addAddress(kernel: KernelCore, ns: FakeNetns, wanted: NewAddress, automatic = false): void {
  const link = findLink(ns, wanted.dev);
  const [address = "", length = ""] = canonicalInterfaceAddress(wanted.address).split("/");
  const family = familyOf(address);
  const same = ns.addresses.filter((one) => one.dev === wanted.dev && one.address === address);
  // IPv6 knows an address once on a device, whatever its length.
  if (same.some((one) => family === 6 || one.length === Number(length))) {
    throw new Refusal(
      "exists",
      family === 6 ? "Error: ipv6: address already assigned." : "RTNETLINK answers: File exists",
    );
  }
  const disabled = ns.sysctls.get(deviceKey("ipv6", link.name, "disable_ipv6"));
  if (family === 6 && disabled !== "0") {
    const why =
      disabled === undefined ? "RTNETLINK answers: Invalid argument" : "Error: IPv6 is disabled on this device.";
    throw new Refusal("failed", why);
  }
  const made: FakeAddress = {
    dev: wanted.dev,
    family,
    address,
    length: Number(length),
    scope: scopeOf(address),
    tentative: family === 6 && wanted.nodad !== true && asksForDuplicates(ns, link),
    dadFailed: false,
    deprecated: wanted.deprecated === true,
    temporary: wanted.temporary === true,
    peer: wanted.peer,
    automatic,
    expires: undefined,
  };
  ns.addresses.push(made);
  if (wanted.lifetime !== undefined) beginLifetime(kernel, ns, made, wanted.lifetime);
  startDad(kernel, ns, wanted.dev);
  kernel.tell(ns, "address");
  kernel.tell(ns, "route");
}

function beginLifetime(kernel: KernelCore, ns: FakeNetns, address: FakeAddress, seconds: number): void {
  const end = kernel.clock.now() + seconds * 1000;
  address.expires = end;
  void kernel.clock.sleep(seconds * 1000).then(() => {
    if (address.expires !== end || !ns.addresses.includes(address)) return;
    removeAddress(kernel, ns, address.dev, `${address.address}/${address.length}`);
  });
}

/** `ip address change`, which adds what is not there (inet6_rtm_newaddr). */
export function renewAddress(kernel: KernelCore, ns: FakeNetns, wanted: NewAddress & { lifetime: number }): void {
  const [address, length] = canonicalInterfaceAddress(wanted.address).split("/");
  const found = ns.addresses.find(
    (one) => one.dev === wanted.dev && one.address === address && one.length === Number(length),
  );
  if (found === undefined) {
    addAddress(kernel, ns, wanted);
    return;
  }
  beginLifetime(kernel, ns, found, wanted.lifetime);
  kernel.tell(ns, "address");
}

/** Not where there are no neighbours, nor where `accept_dad` of the device and of `all` are 0. */
function asksForDuplicates(ns: FakeNetns, link: FakeLink): boolean {
  if (link.kind === "tun" || link.kind === "loopback") return false;
  const value = (dev: string): string | undefined => ns.sysctls.get(deviceKey("ipv6", dev, "accept_dad"));
  return value("all") !== "0" || value(link.name) !== "0";
}

export function removeAddress(kernel: KernelCore, ns: FakeNetns, dev: string, text: string): void {
  findLink(ns, dev);
  const [address, length] = canonicalInterfaceAddress(text).split("/");
  const found = ns.addresses.find((one) => one.dev === dev && one.address === address && one.length === Number(length));
  if (found === undefined) throw new Refusal("missing", "RTNETLINK answers: Cannot assign requested address");
  // With the first IPv4 address of a network go the others (promote_secondaries is off).
  const takesOthers = found.family === 4 && primaryOf(ns, found) === found;
  const going = ns.addresses.filter((one) => one === found || (takesOthers && sameNetwork(one, found)));
  ns.addresses = ns.addresses.filter((one) => !going.includes(one));
  for (const gone of going) forgetSource(ns, gone);
  kernel.tell(ns, "address");
  kernel.tell(ns, "route");
}

/** Begins as soon as there is a carrier to ask over. */
export function startDad(kernel: KernelCore, ns: FakeNetns, dev: string): void {
  const link = ns.links.get(dev);
  if (link === undefined || !isRunning(ns, link)) return;
  for (const address of ns.addresses) {
    if (address.dev !== dev || !address.tentative || address.dadFailed || asking.has(address)) continue;
    asking.add(address);
    void kernel.clock.sleep(dadTime).then(() => {
      asking.delete(address);
      if (!ns.addresses.includes(address) || !address.tentative) return;
      address.tentative = false;
      kernel.tell(ns, "address");
      kernel.tell(ns, "route");
    });
  }
}

/** Addresses whose detection is going on. */
const asking = new WeakSet<FakeAddress>();

/** Somebody else has it: it stays, unusable. */
export function failDad(kernel: KernelCore, ns: FakeNetns, dev: string, text: string): void {
  const address = ns.addresses.find((one) => one.dev === dev && one.address === addressOf(text));
  if (address === undefined) throw new Refusal("missing", `there is no address ${text} on ${dev}`);
  // One with a lifetime is taken away (addrconf_dad_failure).
  if (address.expires !== undefined) {
    removeAddress(kernel, ns, dev, `${address.address}/${address.length}`);
    return;
  }
  address.tentative = true;
  address.dadFailed = true;
  kernel.tell(ns, "address");
}

/** IPv6 forgets its addresses with "up", though routes over other devices keep them as their sources; IPv4 keeps them. */
export function ifDownAddresses(ns: FakeNetns, dev: string): void {
  ns.addresses = ns.addresses.filter((address) => address.dev !== dev || address.family === 4);
}

/** What the kernel gives a link that has come to life: the loopback's addresses, a link-local one. */
export function addAutomatic(kernel: KernelCore, ns: FakeNetns, link: FakeLink): void {
  const has = (address: string): boolean =>
    ns.addresses.some((one) => one.dev === link.name && one.address === address);
  if (link.kind === "loopback") {
    if (!has("127.0.0.1")) addAddress(kernel, ns, { dev: link.name, address: "127.0.0.1/8" });
    if (!has("::1") && hasIpv6(ns, link)) addAddress(kernel, ns, { dev: link.name, address: "::1/128" }, true);
    return;
  }
  const generates = ns.sysctls.get(deviceKey("ipv6", link.name, "addr_gen_mode")) !== "1";
  if (link.master !== undefined || !hasIpv6(ns, link) || !generates) return;
  const linkLocal = linkLocalOf(link);
  if (!has(linkLocal)) addAddress(kernel, ns, { dev: link.name, address: `${linkLocal}/64` }, true);
}

function hasIpv6(ns: FakeNetns, link: FakeLink): boolean {
  return ns.sysctls.get(deviceKey("ipv6", link.name, "disable_ipv6")) === "0";
}

/** Modified EUI-64 (RFC 4291 appendix A); a link without an address gets one out of its name. */
function linkLocalOf(link: FakeLink): string {
  const octets = new Uint8Array(16);
  octets.set([0xfe, 0x80]);
  octets.set(interfaceId(link), 8);
  return formatIpv6(octets);
}

export function interfaceId(link: FakeLink): Uint8Array {
  if (link.mac === undefined) {
    const name = new TextEncoder().encode(link.name);
    return Uint8Array.from({ length: 8 }, (_, index) => (name[index % name.length] ?? 0) ^ index);
  }
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = link.mac.split(":").map((octet) => Number.parseInt(octet, 16));
  return Uint8Array.of(a ^ 2, b, c, 0xff, 0xfe, d, e, f);
}

function scopeOf(address: string): string {
  const octets = parseAddress(address) ?? new Uint8Array(4);
  if (octets.length === 4)
    return octets[0] === 127 ? "host" : octets[0] === 169 && octets[1] === 254 ? "link" : "global";
  if (address === "::1") return "host";
  return octets[0] === 0xfe && ((octets[1] ?? 0) & 0xc0) === 0x80 ? "link" : "global";
}
