// The TAYGA engine as effects: its configuration file, TAYGA itself, and the classic plumbing (tayga(8)).
//
// TAYGA makes its TUN when it starts, and the device goes with it. A persistent one (`tayga --mktun`) would keep its routes
// over a restart, but would also be there, a default route into nowhere, after a SIGKILL of clatd and TAYGA.

import { type OsDriver, OsError } from "../../os/driver.js";
import type { Effect } from "../../os/effect.js";
import type { TranslationSpec } from "../../xlat/spec.js";
import { classicPlumbing } from "../classic.js";
import type { Engine, EnginePlan, Placement, Probe } from "../engine.js";
import { forwardingDoubt } from "../forwarding-doubt.js";
import { withoutLinkLocal } from "../tun-device.js";
import { taygaConf } from "./conf.js";

export interface TaygaOptions {
  /** A path, or a name to look up in $PATH. */
  readonly command: string;
  /** Where the configuration goes and stays; absent: a file in `dir`, taken away at the end. */
  readonly conffile?: string;
  /** For files that go with the daemon. */
  readonly dir: string;
}

/**
 * Octets. TAYGA 0.9.2 sends no IPv6 packet above 1280 without being told that the path takes it (`ipv6_offlink_mtu`, compiled
 * in); IPv4 packets of this size come out as such.
 */
const routeMtu = 1260;

export function taygaEngine({ command, conffile, dir }: TaygaOptions): Engine {
  const start = (dev: string, path: string): Effect => ({
    do: "process.start",
    name: `tayga ${dev}`,
    // -d: it says why it ends on its standard output, where it would only tell the system's log otherwise.
    command: [command, "--config", path, "--nodetach", "-d"],
    link: dev,
    reads: [path],
  });
  return {
    name: "tayga",
    async probe(os: OsDriver): Promise<Probe> {
      try {
        await os.prepare({ do: "link.add", name: "clat-probe", link: { kind: "tun", offloads: false } });
        await os.prepare(start("clat-probe", "/dev/null"));
      } catch (error) {
        if (!(error instanceof OsError)) throw error;
        return { ok: false, reason: error.code === "missing" ? missing(command, error) : error.message };
      }
      return forwardingDoubt(await os.snapshot());
    },
    plan(placement: Placement, spec: TranslationSpec): EnginePlan {
      const { clatDev } = placement;
      const path = conffile ?? `${dir}/tayga-${clatDev}.conf`;
      const { text, notes } = taygaConf(clatDev, spec);
      return {
        effects: [
          { do: "file.write", path, text, ...(conffile === undefined ? {} : { keep: true }) },
          start(clatDev, path),
          withoutLinkLocal(clatDev),
          { do: "link.set", name: clatDev, up: true },
          ...classicPlumbing(placement, spec.pref64s),
        ],
        ipv4RouteMtu: routeMtu,
        notes,
      };
    },
  };
}

function missing(command: string, error: OsError): string {
  return error.effect?.do === "link.add"
    ? error.message
    : `${command} is not installed (package tayga); cmd-tayga says where it is`;
}
