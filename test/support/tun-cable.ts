// A cable between two TUNs in nodes of a lab: a link without a link header, as a modem or a PPP session has it.

import { readSync, writeSync } from "node:fs";
import type { Lab } from "../../lab/lab.js";
import { makeNonBlocking } from "../../src/os/linux/packet-calls.js";

export interface CableEnd {
  readonly node: string;
  readonly dev: string;
}

/** Until it is disposed. The devices stay as long as the lab. */
export async function tunCable(lab: Lab, one: CableEnd, other: CableEnd): Promise<AsyncDisposable> {
  const stop = new AbortController();
  const first = await openEnd(lab, one);
  const second = await openEnd(lab, other);
  const pumps = [pump(first, second, stop.signal), pump(second, first, stop.signal)];
  return {
    async [Symbol.asyncDispose]() {
      stop.abort();
      await Promise.all(pumps);
    },
  };
}

async function openEnd(lab: Lab, { node, dev }: CableEnd): Promise<number> {
  const effects = [
    { do: "link.add", in: node, name: dev, link: { kind: "tun", offloads: false } },
    { do: "link.set", in: node, name: dev, up: true },
  ] as const;
  await lab.os.performAll(await lab.os.prepareAll(effects));
  const tun = lab.os.tun(dev, node);
  if (tun === undefined) throw new Error(`Cannot open ${dev} in ${node}: it is not there`);
  makeNonBlocking(tun.fd);
  return tun.fd;
}

const restAfter = 64;

async function pump(from: number, to: number, signal: AbortSignal): Promise<void> {
  const packet = Buffer.alloc(65_536);
  while (!signal.aborted) {
    for (let count = 0; count < restAfter && carry(from, to, packet); count++);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

/** False where there is nothing to carry. What the other end does not take is lost, as on any cable. */
function carry(from: number, to: number, packet: Buffer): boolean {
  try {
    writeSync(to, packet, 0, readSync(from, packet));
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EAGAIN") return false;
    return code === "EIO" || code === "EINVAL";
  }
}
