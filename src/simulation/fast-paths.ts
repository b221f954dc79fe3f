// What the fast path's programs do, for the simulated network: which packets they take as the CLAT's own, on their way past
// the host's routing. That programs are attached is for the model kernel to say.

import type { FastPathPlan } from "../engine/engine.js";
import { parseIpv6 } from "../net/address.js";
import { parsePrefix, prefixContains } from "../net/prefix.js";
import type { TranslationSpec } from "../xlat/spec.js";
import type { Datagram } from "./datagram.js";

interface Configured {
  readonly spec: TranslationSpec;
  readonly plan: FastPathPlan;
  /** Flows that left through the CLAT (of a shared address), as they will come back. */
  readonly flows: Set<string>;
}

export class SimulatedFastPaths {
  readonly #configured = new Map<string, Configured>();

  /** By the CLAT's device. `plan` absent: it has no fast path. */
  configure(object: string, spec: TranslationSpec, plan: FastPathPlan | undefined): void {
    const flows = this.#configured.get(object)?.flows ?? new Set();
    if (plan === undefined) this.#configured.delete(object);
    else this.#configured.set(object, { spec, plan, flows });
  }

  forget(object: string): void {
    this.#configured.delete(object);
  }

  /** The device by which an IPv6 packet leaves that came out of the translator. */
  leaves(object: string, { source, destination, protocol, sourcePort, destinationPort }: Datagram): string | undefined {
    const found = this.#configured.get(object);
    found?.flows.add(`${protocol} ${destination} ${destinationPort} ${source} ${sourcePort}`);
    return found?.plan.uplink;
  }

  /** Whether a packet that comes in by an uplink is the CLAT's. */
  takes(object: string, { source, destination, protocol, sourcePort, destinationPort }: Datagram): boolean {
    const found = this.#configured.get(object);
    if (found === undefined) return false;
    if (found.plan.sharedV6 === destination) {
      return found.flows.has(`${protocol} ${source} ${sourcePort} ${destination} ${destinationPort}`);
    }
    const octets = parseIpv6(destination);
    return found.spec.eams.some(({ v6 }) => {
      const prefix = parsePrefix(v6.includes("/") ? v6 : `${v6}/128`);
      return octets !== undefined && prefix !== undefined && prefixContains(prefix, octets);
    });
  }
}
