// The plumbing of programs, as effects: a TUN, the fast path's programs on it and on the uplinks, and the CLAT's address where
// it is not the host's own. Packets go past the host's own forwarding: no sysctl, rule, route table, proxy-ND or nft is
// touched (DESIGN §5). What the programs leave to it goes through the TUN to the translator of this process.

import { type OsDriver, OsError } from "../os/driver.js";
import type { Effect, FastPathProgram } from "../os/effect.js";
import type { TranslationSpec } from "../xlat/spec.js";
import { forwarding, proxyNd } from "./classic.js";
import type { EnginePlan, FastPathPlan, Placement, Probe } from "./engine.js";
import { tunDevice } from "./tun-device.js";

/** Seconds for which an address outlives a daemon that was killed; renewed long before. */
const addressLifetime = 60;

/** More addresses on a device than this cost the host a multicast group and a renewal each: those are for proxy-ND. */
const mostAddresses = 256;

/** Really loads the programs: whether a kernel's verifier takes them is not to be told otherwise. */
export async function probePrograms(os: OsDriver): Promise<Probe> {
  const name = "clat-probe";
  try {
    await os.prepareAll([
      { do: "link.add", name, link: { kind: "tun", offloads: true } },
      attach(name, "clat_egress", name, "egress"),
    ]);
    return { ok: true };
  } catch (error) {
    if (!(error instanceof OsError)) throw error;
    const { message, log } = error;
    return { ok: false, reason: message, ...(log === undefined ? {} : { log }) };
  }
}

/** @param how who translates: the programs what they can, or the translator everything */
export function planPrograms(
  placement: Placement,
  spec: TranslationSpec,
  how: Pick<FastPathPlan, "leadsOnly"> = {},
): EnginePlan {
  const { clatDev, clatV6, uplink, uplinks = [uplink], nextHop } = placement;
  return {
    effects: [
      ...tunDevice(placement),
      attach(clatDev, "clat_egress", clatDev, "egress"),
      attach(clatDev, "clat_ingress", clatDev, "ingress"),
      ...uplinks.flatMap((dev) => [
        attach(clatDev, "uplink_ingress", dev, "ingress"),
        // Only with the host's own address can the host's packets be taken for the CLAT's.
        ...(clatV6.shared ? [attach(clatDev, "uplink_egress", dev, "egress")] : []),
      ]),
      // After the programs: a packet that comes for it first would find nobody and be refused by the host.
      ...neighbours(placement),
    ],
    translator: {
      dev: clatDev,
      spec,
      fastPath: {
        ...how,
        uplink,
        uplinks,
        ...(nextHop === undefined ? {} : { nextHop }),
        ...(clatV6.shared ? { sharedV6: clatV6.address } : {}),
      },
    },
  };
}

function attach(object: string, program: FastPathProgram, dev: string, hook: "ingress" | "egress"): Effect {
  return { do: "bpf.attach", object, program, dev, hook };
}

/**
 * Packets that are routed to this host need nothing: the programs take them as they come in. For addresses that neighbours
 * ask for the kernel answers, since the uplink has them; it looks for duplicates, too. They are deprecated, so that nobody
 * takes one as a source, and they run out, so that a daemon that was killed leaves none behind.
 */
function neighbours(placement: Placement): readonly Effect[] {
  const { uplink, clatV6, proxyNd: wanted, alsoProxied = [] } = placement;
  if (alsoProxied.length > mostAddresses) return [...forwarding(placement), ...proxyNd(placement)];
  const addresses = [...(wanted && !clatV6.shared ? [clatV6.address] : []), ...alsoProxied];
  return addresses.map((address) => ({
    do: "address.add",
    dev: uplink,
    address: `${address}/128`,
    deprecated: true,
    lifetime: addressLifetime,
  }));
}
