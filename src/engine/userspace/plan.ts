// The userspace engine as effects: a TUN, what leads IPv6 through it, and a translator of this process on it. The IPv4
// address and the IPv4 routes are not the engine's: the plan adds the same ones to every engine. There are two ways to
// lead IPv6: programs in the kernel, which take packets past the host's forwarding, and the classic plumbing where those
// can't be loaded or are not wanted.

import { type OsDriver, OsError } from "../../os/driver.js";
import type { TranslationSpec } from "../../xlat/spec.js";
import { planPrograms, probePrograms } from "../bpf-plumbing.js";
import { classicPlumbing } from "../classic.js";
import type { Engine, EnginePlan, Placement, Probe } from "../engine.js";
import { tunDevice } from "../tun-device.js";

export const ledUserspaceEngine: Engine = {
  name: "userspace",
  way: "led by BPF",
  probe: probePrograms,
  plan: (placement, spec) => planPrograms(placement, spec, { leadsOnly: true }),
};

export const classicUserspaceEngine: Engine = {
  name: "userspace",
  way: "with classic plumbing",
  async probe(os: OsDriver): Promise<Probe> {
    try {
      await os.prepare({ do: "link.add", name: "clat-probe", link: { kind: "tun", offloads: true } });
      return { ok: true };
    } catch (error) {
      if (!(error instanceof OsError)) throw error;
      return error.code === "failed" ? { ok: "unknown", reason: error.message } : { ok: false, reason: error.message };
    }
  },
  plan(placement: Placement, spec: TranslationSpec): EnginePlan {
    return {
      effects: [...tunDevice(placement), ...classicPlumbing(placement, spec.pref64s)],
      // What it makes goes through the host's forwarding, either way.
      translator: { dev: placement.clatDev, spec: { ...spec, kernelTakesHop: true } },
    };
  },
};
