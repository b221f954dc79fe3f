// The kernel module nat46 (its modules' README) as effects: a device that translates by rules, and the classic plumbing. A rule
// has a local side, one pair of addresses, and a remote one, the PREF64.

import { parseEam } from "../../net/eam.js";
import { formatPrefix } from "../../net/prefix.js";
import { type OsDriver, OsError } from "../../os/driver.js";
import type { Effect } from "../../os/effect.js";
import type { TranslationSpec } from "../../xlat/spec.js";
import { classicPlumbing } from "../classic.js";
import type { Engine, EnginePlan, Placement, Probe } from "../engine.js";
import { forwardingDoubt } from "../forwarding-doubt.js";
import { withoutLinkLocal } from "../tun-device.js";

/** Octets: it neither fragments nor tells of the 20 octets that an IPv6 header has more, and every IPv6 path takes 1280. */
const routeMtu = 1260;

export const nat46Engine: Engine = {
  name: "nat46",
  async probe(os: OsDriver): Promise<Probe> {
    try {
      await os.prepare({ do: "nat46.device", name: "clat-probe", rules: [] });
    } catch (error) {
      if (!(error instanceof OsError)) throw error;
      return { ok: false, reason: error.why ?? error.message };
    }
    return forwardingDoubt(await os.snapshot());
  },
  plan(placement: Placement, spec: TranslationSpec): EnginePlan {
    const { clatDev } = placement;
    const { rules, notes } = rulesOf(spec);
    return {
      effects: [
        { do: "nat46.device", name: clatDev, rules },
        withoutLinkLocal(clatDev),
        { do: "link.set", name: clatDev, up: true },
        ...classicPlumbing(placement, spec.pref64s),
      ] satisfies readonly Effect[],
      ipv4RouteMtu: routeMtu,
      notes,
    };
  },
};

/** Style NONE "always fails, unless you configure a /32 IPv4 prefix and a /128 IPv6 prefix". */
function rulesOf(spec: TranslationSpec): { rules: string[]; notes: string[] } {
  const [pref64 = "", ...others] = spec.pref64s;
  const eams = spec.eams.map((text, index) => parseEam(text, index));
  const pairs = eams.filter(({ v4, v6 }) => v4.length === 32 && v6.length === 128);
  const rules = pairs.map(
    ({ v4, v6 }) =>
      `local.v4 ${formatPrefix(v4)} local.v6 ${formatPrefix(v6)} local.style NONE ` +
      `remote.v4 0.0.0.0/0 remote.v6 ${pref64} remote.style RFC6052`,
  );
  const left = eams.filter((eam) => !pairs.includes(eam));
  return {
    rules,
    notes: [
      ...(others.length === 0 ? [] : [`nat46 gets one PREF64, ${pref64}; it does not translate ${others.join(", ")}`]),
      ...left.map(
        ({ v4, v6 }) => `nat46 maps single addresses only: ${formatPrefix(v4)} to ${formatPrefix(v6)} is left out`,
      ),
    ],
  };
}
