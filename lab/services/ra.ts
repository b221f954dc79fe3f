// The lab's Router Advertisement sender (RFC 4861 §6.2), with PREF64 (RFC 8781) and RDNSS (RFC 8106). It answers
// solicitations at once where a real router waits up to half a second: labs are to be quick.

import { networkInterfaces } from "node:os";
import { encodeNdp, NDP_HOP_LIMIT, parseNdp, ROUTER_SOLICITATION } from "../../src/wire/ndp.js";
import type { RaInterface } from "../topology.js";
import { Icmpv6Socket, newWaker, type Received, readable } from "./icmpv6-socket.js";
import { advertisement, farewell } from "./ra-message.js";
import { configurationFile, onSignal, readConfiguration, ready, watchConfiguration } from "./service.js";

interface RaConfiguration {
  readonly interfaces: readonly RaInterface[];
}

const ALL_NODES = "ff02::1";
const ALL_ROUTERS = "ff02::2";
/** While a device cannot send (no carrier, no address yet), in milliseconds. */
const RETRY = 200;

const file = configurationFile();
let { interfaces } = readConfiguration<RaConfiguration>(file);
const sockets = new Map<string, Icmpv6Socket>();
const timers = new Map<string, NodeJS.Timeout>();
const waker = newWaker();
let ending = false;

const macOf = (dev: string): string | undefined => networkInterfaces()[dev]?.[0]?.mac;

function socketOn(dev: string): Icmpv6Socket {
  const known = sockets.get(dev);
  if (known !== undefined) return known;
  const made = new Icmpv6Socket(dev, ALL_ROUTERS, ROUTER_SOLICITATION);
  sockets.set(dev, made);
  return made;
}

/** Now, and again after the interval. */
function advertise(face: RaInterface): void {
  const sent = socketOn(face.dev).send(encodeNdp(advertisement(face, macOf(face.dev))), ALL_NODES);
  clearTimeout(timers.get(face.dev));
  timers.set(
    face.dev,
    setTimeout(() => advertise(face), sent ? face.interval * 1000 : RETRY),
  );
}

/** RFC 4861 §6.1.1: from this link (hop limit 255), and well-formed. */
function answer(face: RaInterface, { message, source, hopLimit }: Received): void {
  const solicitation = hopLimit === NDP_HOP_LIMIT ? parseNdp(message) : undefined;
  if (solicitation?.message !== "router-solicitation") return;
  const destination = source === "::" ? ALL_NODES : source;
  socketOn(face.dev).send(encodeNdp(advertisement(face, macOf(face.dev))), destination);
}

async function listen(): Promise<void> {
  while (!ending) {
    await readable([...sockets.values()], waker);
    for (const [dev, socket] of sockets) {
      for (let received = socket.receive(); received !== undefined; received = socket.receive()) {
        const face = interfaces.find((other) => other.dev === dev);
        if (face !== undefined) answer(face, received);
      }
    }
  }
}

function start(): void {
  for (const timer of timers.values()) clearTimeout(timer);
  timers.clear();
  for (const face of interfaces) advertise(face);
}

watchConfiguration<RaConfiguration>(file, (configuration) => {
  interfaces = configuration.interfaces;
  start();
});
onSignal(() => {
  ending = true;
  waker.wake();
});
start();
ready();
await listen();
for (const face of interfaces) socketOn(face.dev).send(encodeNdp(farewell(face, macOf(face.dev))), ALL_NODES);
process.exit(0);
