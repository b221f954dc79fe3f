// What preparing asks (os/prepare.ts), answered out of the model.

import { cannot } from "../describe.js";
import { OsError } from "../driver.js";
import { isRoute } from "../identity.js";
import type { PrepareSource } from "../prepare.js";
import type { NetSnapshot } from "../snapshot.js";
import { ufwWords } from "../ufw-words.js";
import type { FakeKernel } from "./kernel.js";
import { findLink } from "./link-state.js";
import type { FakeNetns } from "./state.js";

/** How the driver that asks sees the kernel: absent, the namespace is its own. */
export interface Sight {
  ns(netns: string | undefined): FakeNetns;
  snapshot(netns: string | undefined): Promise<NetSnapshot>;
}

export function sourceIn(kernel: FakeKernel, sight: Sight): PrepareSource {
  return {
    snapshot: (netns) => sight.snapshot(netns),
    sysctl: async (key, netns) => sight.ns(netns).sysctls.get(key),
    netnsExists: async (name) => kernel.hasNetns(name),
    fileExists: async (path) => kernel.files.has(path),
    programExists: async (program) => !kernel.missingPrograms.has(program),
    tunObstacle: async () => (kernel.tun ? undefined : "/dev/net/tun does not exist; load the module"),
    nftObstacle: async () => (kernel.missingPrograms.has("nft") ? "nft is not installed" : undefined),
    joolObstacle: async () =>
      kernel.files.has("/sys/module/jool_siit") ? undefined : "the kernel has no module jool_siit",
    features: async (dev, names, netns) => {
      const { features } = findLink(sight.ns(netns), dev);
      return Object.fromEntries(
        names.map((name) => {
          const on = features.get(name);
          if (on !== undefined) return [name, on];
          throw new OsError("unsupported", `Cannot read feature "${name}" of link "${dev}": ethtool does not know it`);
        }),
      );
    },
    ufwOwner: async (effect) => {
      const comment = sight.ns(effect.in).ufw?.get(ufwWords(effect).join(" "));
      return comment === undefined ? undefined : comment === effect.comment ? "ours" : "theirs";
    },
    withheld: async (route, netns) => {
      const found = sight.ns(netns).routes.find((one) => isRoute(one, route));
      return found === undefined ? {} : { route: { ...found } };
    },
    program: async (effect) => {
      const { bpf } = kernel;
      if (bpf.attach !== "refused") return {};
      const log = bpf.log === undefined ? {} : { log: bpf.log };
      throw new OsError("unsupported", cannot(effect, bpf.why), log);
    },
  };
}
