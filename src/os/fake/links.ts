// Links of the model: making, removing, up and down, carrier.

import { addAutomatic, ifDownAddresses, startDad } from "./addresses.js";
import { followMtu } from "./ipv6-of-device.js";
import { findLink, isRunning } from "./link-state.js";
import { flushDevice } from "./routes.js";
import { type FakeLink, type FakeLinkKind, type FakeNetns, type KernelCore, Refusal } from "./state.js";
import { addDeviceSysctls, dropDeviceSysctls } from "./sysctls.js";

export interface NewLink {
  readonly name: string;
  readonly kind: FakeLinkKind;
  readonly mtu?: number | undefined;
  readonly mac?: string | undefined;
}

/** As `ethtool -k` names them when asked by the short name; all on, as a veth has them. */
const initialFeatures = ["rx", "tx", "sg", "tso", "gso", "gro", "tx-udp-segmentation"];

export function addLink(kernel: KernelCore, ns: FakeNetns, wanted: NewLink): FakeLink {
  if (ns.links.has(wanted.name)) throw new Refusal("exists", "RTNETLINK answers: File exists");
  checkName(wanted.name);
  const mtu = wanted.mtu ?? 1500;
  checkMtu(mtu);
  const bare = wanted.kind !== "physical" && wanted.kind !== "veth";
  const link: FakeLink = {
    name: wanted.name,
    kind: wanted.kind,
    mac: bare ? undefined : (wanted.mac ?? kernel.nextMac()),
    up: false,
    mtu,
    mtuGiven: false,
    master: undefined,
    peer: undefined,
    plugged: true,
    features: new Map(initialFeatures.map((name) => [name, true])),
  };
  ns.links.set(link.name, link);
  addDeviceSysctls(ns, link.name, mtu);
  kernel.tell(ns, "link");
  return link;
}

export function addVeth(kernel: KernelCore, ns: FakeNetns, wanted: NewLink, peerNs: FakeNetns, peerName: string): void {
  if (peerNs.links.has(peerName) || (peerNs === ns && peerName === wanted.name))
    throw new Refusal("exists", "RTNETLINK answers: File exists");
  const link = addLink(kernel, ns, wanted);
  const peer = addLink(kernel, peerNs, { name: peerName, kind: "veth", mac: wanted.mac });
  link.peer = { netns: peerNs, name: peerName };
  peer.peer = { netns: ns, name: link.name };
}

/** All that stands on it goes along; so does a veth's other end. */
export function removeLink(kernel: KernelCore, ns: FakeNetns, name: string): void {
  const link = findLink(ns, name);
  if (link.kind === "loopback") throw new Refusal("unsupported", "RTNETLINK answers: Operation not supported");
  dropLink(kernel, ns, link);
  if (link.peer === undefined) return;
  const peer = link.peer.netns.links.get(link.peer.name);
  if (peer !== undefined) dropLink(kernel, link.peer.netns, peer);
}

function dropLink(kernel: KernelCore, ns: FakeNetns, link: FakeLink): void {
  ns.links.delete(link.name);
  ns.addresses = ns.addresses.filter(({ dev }) => dev !== link.name);
  ns.proxies = ns.proxies.filter(({ dev }) => dev !== link.name);
  ns.programs = ns.programs.filter(({ dev }) => dev !== link.name);
  for (const other of ns.links.values()) if (other.master === link.name) other.master = undefined;
  flushDevice(ns, link.name);
  adjustBridge(kernel, ns, link.master);
  dropDeviceSysctls(ns, link.name);
  for (const about of ["link", "address", "route"] as const) kernel.tell(ns, about);
}

export function setUp(kernel: KernelCore, ns: FakeNetns, name: string, up: boolean): void {
  const link = findLink(ns, name);
  if (link.up === up) return;
  const affected = affectedBy(ns, link);
  const before = affected.map(([there, one]) => isRunning(there, one));
  link.up = up;
  if (up) cameUp(kernel, ns, link);
  else {
    ifDownAddresses(ns, link.name);
    ns.proxies = ns.proxies.filter(({ dev }) => dev !== link.name);
    flushDevice(ns, link.name);
    kernel.tell(ns, "address");
    kernel.tell(ns, "route");
  }
  carrierChanged(kernel, affected, before);
  kernel.tell(ns, "link");
}

/** A cable pulled or put in. */
export function setPlugged(kernel: KernelCore, ns: FakeNetns, name: string, plugged: boolean): void {
  const link = findLink(ns, name);
  const before = [isRunning(ns, link)];
  link.plugged = plugged;
  carrierChanged(kernel, [[ns, link]], before);
  kernel.tell(ns, "link");
}

export function setMtu(kernel: KernelCore, ns: FakeNetns, name: string, mtu: number): void {
  const link = findLink(ns, name);
  checkMtu(mtu);
  link.mtuGiven = true;
  changeMtu(kernel, ns, link, mtu);
  adjustBridge(kernel, ns, link.master);
  kernel.tell(ns, "link");
}

function changeMtu(kernel: KernelCore, ns: FakeNetns, link: FakeLink, mtu: number): void {
  link.mtu = mtu;
  followMtu(kernel, ns, link);
}

function adjustBridge(kernel: KernelCore, ns: FakeNetns, name: string | undefined): void {
  const bridge = name === undefined ? undefined : ns.links.get(name);
  if (bridge === undefined || bridge.mtuGiven) return;
  const ports = [...ns.links.values()].filter(({ master }) => master === name).map(({ mtu }) => mtu);
  changeMtu(kernel, ns, bridge, ports.length === 0 ? 1500 : Math.min(...ports));
}

export function setMaster(kernel: KernelCore, ns: FakeNetns, name: string, master: string | undefined): void {
  const link = findLink(ns, name);
  const bridge = master === undefined ? undefined : ns.links.get(master);
  if (master !== undefined && bridge === undefined) throw new Refusal("missing", `Device does not exist`);
  // Only what speaks Ethernet can be a port.
  if (bridge !== undefined && link.mac === undefined)
    throw new Refusal("failed", "RTNETLINK answers: Invalid argument");
  const affected = [master, link.master]
    .map((one) => (one === undefined ? undefined : ns.links.get(one)))
    .filter((one) => one !== undefined)
    .map((one): [FakeNetns, FakeLink] => [ns, one]);
  const before = affected.map(([there, one]) => isRunning(there, one));
  const left = link.master;
  link.master = master;
  adjustBridge(kernel, ns, left);
  adjustBridge(kernel, ns, master);
  carrierChanged(kernel, affected, before);
  kernel.tell(ns, "link");
}

/** Whose carrier may change with this link's state: itself, its peer, the bridges of both. */
function affectedBy(ns: FakeNetns, link: FakeLink): [FakeNetns, FakeLink][] {
  const list: [FakeNetns, FakeLink][] = [[ns, link]];
  const peer = link.peer?.netns.links.get(link.peer.name);
  if (link.peer !== undefined && peer !== undefined) list.push([link.peer.netns, peer]);
  for (const [there, port] of [...list]) {
    const bridge = port.master === undefined ? undefined : there.links.get(port.master);
    if (bridge !== undefined) list.push([there, bridge]);
  }
  return list;
}

function carrierChanged(
  kernel: KernelCore,
  affected: readonly [FakeNetns, FakeLink][],
  before: readonly boolean[],
): void {
  for (const [index, [ns, link]] of affected.entries()) {
    const running = isRunning(ns, link);
    if (running === before[index]) continue;
    if (running) {
      addAutomatic(kernel, ns, link);
      startDad(kernel, ns, link.name);
    }
    kernel.tell(ns, "link");
  }
}

function cameUp(kernel: KernelCore, ns: FakeNetns, link: FakeLink): void {
  if (link.kind === "loopback") addAutomatic(kernel, ns, link);
}

/** dev_valid_name; and sysctls have two directories of their own beside those of the devices. */
function checkName(name: string): void {
  if (name === "" || name.length > 15) throw new Refusal("failed", "Error: Attribute failed policy validation.");
  if (/[\s/:]/.test(name) || [".", "..", "all", "default"].includes(name))
    throw new Refusal("failed", "RTNETLINK answers: Invalid argument");
}

function checkMtu(mtu: number): void {
  if (mtu < 68) throw new Refusal("failed", "Error: mtu less than device minimum.");
  if (mtu > 65_536) throw new Refusal("failed", "Error: mtu greater than device maximum.");
}
