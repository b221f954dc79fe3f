// The world in random order. Whatever it does, the daemon ends in a host that looks as if it had never been there.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Simulation, simulated } from "../../../src/simulation/simulation.js";
import { configOf } from "../plan/facts-of.js";

const native = { family: 4, destination: "default", dev: "eth0", via: "192.0.2.1", table: 254 } as const;

/** Done to both: the host with the daemon, and its twin without. */
const world: Readonly<Record<string, (simulation: Simulation) => void>> = {
  "brings the first prefix": ({ router }) => router.bring(simulated.prefix),
  "brings the other prefix": ({ router }) => router.bring(simulated.otherPrefix),
  "takes the first prefix": ({ router }) => router.take(simulated.prefix),
  "takes the other prefix": ({ router }) => router.take(simulated.otherPrefix),
  "pulls the uplink down": ({ router }) => router.setLink(false),
  "puts the uplink up": ({ router }) => router.setLink(true),
  "silences the PLAT": ({ plat }) => {
    plat.up = false;
  },
  "wakes the PLAT": ({ plat }) => {
    plat.up = true;
  },
  "moves the PLAT": ({ plat }) => {
    plat.pref64 = "2001:db8:6464::/96";
  },
  "closes the PLAT": ({ plat }) => {
    plat.pref64 = undefined;
  },
  "opens the PLAT": ({ plat }) => {
    plat.pref64 = simulated.pref64;
  },
  "adds native IPv4": (simulation) => setNative(simulation, true),
  "removes native IPv4": (simulation) => setNative(simulation, false),
};

function setNative({ kernel, outside }: Simulation, on: boolean): void {
  const ns = kernel.netns("");
  const has = ns.addresses.some(({ address }) => address === "192.0.2.10");
  if (on && !has) {
    outside.addAddress({ dev: "eth0", address: "192.0.2.10/24" });
    if (ns.links.get("eth0")?.up === true) outside.addRoute(native);
  }
  if (on || !has) return;
  outside.removeAddress("eth0", "192.0.2.10/24");
  if (ns.routes.some(({ via }) => via === native.via)) outside.removeRoute(native);
}

/** Done to the host with the daemon alone. */
const mischief: Readonly<Record<string, (simulation: Simulation) => Promise<void> | void>> = {
  "deletes the TUN": ({ outside, kernel }) => {
    if (kernel.netns("").links.has("clat")) outside.removeDevice("clat");
  },
  "deletes the rule": ({ outside }) => outside.removeRule({ family: 6, priority: 1, fwmark: 0xc1a7, table: 0xc1a7 }),
  "deletes the nft table": ({ outside }) => outside.removeNft("ip6", "clatd-clat"),
  "kills and starts": (simulation) => {
    simulation.kill();
    simulation.start();
  },
  "kills and cleans up": async (simulation) => {
    simulation.kill();
    await simulation.cleanUp();
    simulation.start();
  },
  restarts: async (simulation) => {
    await simulation.stop();
    simulation.start();
  },
};

const move = fc.record({
  what: fc.constantFrom(...Object.keys(world), ...Object.keys(mischief)),
  ms: fc.constantFrom(0, 60, 700, 3000, 40_000),
});

async function settleDown(simulation: Simulation): Promise<void> {
  await simulation.pass(5000);
}

describe.each(["userspace", "ebpf"] as const)("engine=%s", (engine) => {
  describe("Simulation: states in random order", () => {
    it("always ends as if the daemon had never been there", async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(move, { maxLength: 14 }), async (moves) => {
          const config = configOf(`engine=${engine}`);
          const host = new Simulation({ config });
          const twin = new Simulation({ config });
          host.start();
          for (const { what, ms } of moves) {
            world[what]?.(host);
            world[what]?.(twin);
            await mischief[what]?.(host);
            await host.pass(ms);
            await twin.pass(ms);
          }
          await settleDown(host);
          expect(await host.stop()).toBe(0);
          await settleDown(twin);
          expect((await host.state()).snapshot).toEqual((await twin.state()).snapshot);
          expect((await host.state()).journal).toBeUndefined();
        }),
        { numRuns: Number(process.env["WALKS"] ?? 60), seed: 464 },
      );
    });

    it("is active whenever the network allows it, and an application's packet gets its answer", async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(move, { maxLength: 10 }), async (moves) => {
          const host = new Simulation({ config: configOf(`engine=${engine}`) });
          host.start();
          for (const { what, ms } of moves) {
            world[what]?.(host);
            await mischief[what]?.(host);
            await host.pass(ms);
          }
          for (const what of ["removes native IPv4", "opens the PLAT", "wakes the PLAT", "puts the uplink up"])
            world[what]?.(host);
          world["brings the first prefix"]?.(host);
          // Until the TTL of what the DNS64 said before is over.
          await host.pass(300_000);
          await host.until("active", 0);
          expect(await host.application.request({ protocol: "udp" })).toMatchObject({ ok: true });
        }),
        { numRuns: Number(process.env["WALKS"] ?? 60), seed: 464 },
      );
    });
  });
});
