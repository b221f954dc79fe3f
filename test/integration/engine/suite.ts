// The engine suite: a trial for each capability, on every engine that this machine has. Where a gap is claimed, the trial must
// fail, so that the table of capabilities says neither too much nor too little.

import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type Capability, capabilities, capabilityNames, gaps } from "../../../src/engine/capabilities.js";
import type { Engine, Placement } from "../../../src/engine/engine.js";
import { formatAddress, parseIpv4 } from "../../../src/net/address.js";
import { embed, PREF64_LENGTHS, parsePref64 } from "../../../src/net/rfc6052.js";
import type { Effect } from "../../../src/os/effect.js";
import { LinuxOs } from "../../../src/os/linux/linux-os.js";
import type { NetSnapshot } from "../../../src/os/snapshot.js";
import { whyNot } from "../os/holder.js";
import { translatorsOf } from "./engines.js";
import { hostV6, type Network, network, onHost, placementFor, serverV4, serverV6, specFor } from "./network.js";
import { type Raised, raise } from "./raise.js";
import { answers, clatTrials, pingArrivesFromThere, pingsFromThere } from "./trials.js";

/** One that this machine does not have is one skipped test. */
export async function engineSuite(engines: readonly Engine[]): Promise<void> {
  const obstacle = await whyNot();
  for (const engine of engines) {
    const probe = obstacle === undefined ? await engine.probe(new LinuxOs()) : { ok: false, reason: obstacle };
    describe(`the ${engine.name} engine${engine.way === undefined ? "" : ` ${engine.way}`}`, () => {
      if (probe.ok === false) it("runs here", ({ skip }) => skip(probe.reason));
      else trials(engine);
    });
  }
}

function trials(engine: Engine): void {
  const tried = new Set<Capability>();
  const trial = (capability: Capability, run: () => Promise<void>): void => {
    tried.add(capability);
    tryOut(engine, capability, () => {
      net.patience = gaps[engine.name][capability] === undefined ? 10 : 2;
      return run();
    });
  };
  let net: Network;
  let before: NetSnapshot;

  beforeAll(async () => {
    net = await network();
    before = await net.os.snapshot("host");
  });

  afterAll(async () => {
    await net?.[Symbol.asyncDispose]();
  });

  /** The engine at work, for as long as `use` takes; then the host is as it was. */
  const using_ = async (placement: Placement, change: Change, use: () => Promise<void>): Promise<void> => {
    const raised = await raiseOn(net, engine, placement, change);
    try {
      await use();
    } finally {
      await raised.end();
    }
    expect(await net.os.snapshot("host")).toEqual(before);
  };

  describe("with the host's address", () => {
    let raised: Raised | undefined;

    beforeAll(async () => {
      raised = await raiseOn(net, engine, placementFor(true), {});
    });
    afterAll(async () => {
      await raised?.end();
    });

    for (const [capability, run] of clatTrials) trial(capability, () => run(net));

    it("leaves the host as it was", async () => {
      await raised?.end();
      raised = undefined;
      expect(await net.os.snapshot("host")).toEqual(before);
    });
  });

  const own = placementFor(false);

  trial("own", () =>
    using_(own, {}, async () => {
      await answersSoon(net);
      expect(await net.client("udp", serverV4, 7, "1000")).toEqual({ 1000: "whole" });
      await pingsFromThere(net, serverV6, own.clatV6.address);
    }),
  );

  trial("pref64-lengths", async () => {
    for (const length of PREF64_LENGTHS) {
      const pref64 = `${elsewhere}/${length}`;
      tell(pref64);
      await using_(placementFor(true), { pref64s: [pref64], also: reachable(pref64) }, async () => {
        await answers(net, serverV4);
        expect(await net.client("connect", serverV4, 81), pref64).toEqual({ error: "ECONNREFUSED" });
      });
    }
  });

  trial("pref64-several", () => {
    const second = `${elsewhere}/96`;
    const change = { pref64s: [...specFor(own).pref64s, second], also: reachable(second) };
    return using_(own, change, async () => {
      await answersSoon(net);
      await pingArrivesFromThere(net, embedded(second), own.clatV6.address);
    });
  });

  /** The service 192.0.2.1 has one of these addresses, which the router leads here. */
  const services: readonly (readonly [Capability, v4: string, v6: string, address: string])[] = [
    ["eam-hosts", "192.0.2.1/32", "2001:db8:1:1::1/128", "2001:db8:1:1::1"],
    ["eam-prefixes", "192.0.2.0/29", "2001:db8:1:1::/125", "2001:db8:1:1::1"],
    ["eam-unequal", "192.0.2.0/29", "2001:db8:1:1::/64", "2001:db8:1:1:2000::"],
  ];
  for (const [capability, v4, v6, address] of services) {
    const change: Change = {
      eams: [...specFor(own).eams, { v4, v6 }],
      also: [
        { do: "address.add", dev: own.clatDev, address: "192.0.2.1/32" },
        routed("router", "2001:db8:1:1::/64", hostV6, "down"),
      ],
    };
    trial(capability, () =>
      using_({ ...own, also: [v6] }, change, async () => {
        await answersSoon(net);
        await pingsFromThere(net, serverV6, address);
      }),
    );
  }

  it("leaves native IPv6 working after every step, forwards and back", async () => {
    const placement = placementFor(true);
    const nativeWorks = async (): Promise<boolean> => (await net.ping("host", serverV6)).code === 0;
    const applied = await net.os.prepareAll(onHost(engine.plan(placement, specFor(placement)).effects));
    for (const one of applied) {
      await net.os.perform(one);
      expect(await nativeWorks(), `after doing ${JSON.stringify(one.effect)}`).toBe(true);
    }
    for (const one of applied.toReversed()) {
      await net.os.revert(one);
      expect(await nativeWorks(), `after undoing ${JSON.stringify(one.effect)}`).toBe(true);
    }
    expect(await net.os.snapshot("host")).toEqual(before);
  });

  it("is tried for each capability", () => {
    expect([...tried].toSorted()).toEqual(capabilityNames.toSorted());
  });
}

/** Away from the networks of the tests (RFC 9637); each length of it is a PREF64. */
const elsewhere = "3fff:64::";

function embedded(pref64: string): string {
  const [prefix, v4] = [parsePref64(pref64), parseIpv4(serverV4)];
  if (prefix === undefined || v4 === undefined) throw new Error(`${pref64} is no PREF64`);
  return formatAddress(embed(prefix, v4));
}

/** The server has its address of that PREF64 too. */
function reachable(pref64: string): readonly Effect[] {
  return [
    { do: "address.add", dev: "lo", address: `${embedded(pref64)}/128`, nodad: true, in: "server" },
    routed("router", pref64, "2001:db8:2::2", "up"),
  ];
}

function routed(netns: string, destination: string, via: string, dev: string): Effect {
  return { do: "route.add", route: { family: 6, destination, via, dev, table: 254 }, in: netns };
}

interface Change {
  readonly pref64s?: readonly string[];
  readonly eams?: readonly { readonly v4: string; readonly v6: string }[];
  readonly also?: readonly Effect[];
}

function raiseOn(net: Network, engine: Engine, placement: Placement, { also, ...change }: Change): Promise<Raised> {
  const spec = { ...specFor(placement), ...change };
  const translators = translatorsOf(net);
  return raise({ net, engine, placement, spec, translators, ...(also === undefined ? {} : { also }) });
}

/** The first neighbour solicitation for an address by proxy is answered after up to 0.8 s (RFC 4861 §7.2.8). */
async function answersSoon(net: Network): Promise<void> {
  await vi.waitFor(() => answers(net, serverV4), { timeout: 6000 * net.patience });
}

/** A slow machine without a terminal hears that something goes on (`npm run test:vm`). */
function tell(text: string): void {
  if (process.env["CLATD_VM"] !== undefined) process.stdout.write(`${text}\n`);
}

function tryOut(engine: Engine, capability: Capability, body: () => Promise<void>): void {
  const run = async (): Promise<void> => {
    tell(`${engine.name}: ${capability}`);
    try {
      await body();
      tell(`${engine.name}: ${capability}: yes`);
    } catch (error) {
      tell(`${engine.name}: ${capability}: no: ${error instanceof Error ? error.message : String(error)}`);
      throw error;
    }
  };
  const gap = gaps[engine.name][capability];
  const name = `${capabilities[capability]} (${capability})`;
  if (gap === undefined) it(name, run);
  else {
    it(`not: ${name}: ${gap}`, async () => {
      await expect(run(), "it can, so the gap is to be struck out").rejects.toThrow();
    });
  }
}
