// An uplink that takes no super-packets, so that the kernel cuts them before it: what the translator has written loses its owner
// on the way there, once each, and nothing else.

import { readFileSync } from "node:fs";
import { beforeEach, describe, expect, it } from "vitest";
import { encodeFastPath } from "../../../src/engine/ebpf/encode.js";
import { ledUserspaceEngine } from "../../../src/engine/userspace/plan.js";
import { FastPath } from "../../../src/os/linux/bpf/fast-path.js";
import { linkFacts } from "../../../src/os/linux/bpf/link-facts.js";
import { buildEcho6 } from "../../../src/wire/build.js";
import { translatorsOf } from "../engine/engines.js";
import { hostV6, ipv4Side, network, onHost, placementFor, serverV4, serverV6, specFor } from "../engine/network.js";
import { whyNot } from "../os/holder.js";
import { whyNoFastPath } from "./obstacle.js";

const obstacle = (await whyNot()) ?? whyNoFastPath();
const placement = placementFor(true);
const spec = specFor(placement);

describe("an uplink before which super-packets are cut", () => {
  beforeEach(({ skip }) => {
    if (obstacle !== undefined) skip(obstacle);
  });

  it("linkFacts() knows it from others", async () => {
    await using net = await network();
    const facts = () => linkFacts("eth0", net.place.netnsFile("host"));
    expect(facts()).toMatchObject({ header: "ethernet", tso: true });
    await net.apply({ do: "link.set", name: "eth0", features: { tso: false }, in: "host" });
    expect(facts()).toMatchObject({ header: "ethernet", tso: false });
  });

  it("is sent each packet of the userspace engine once", async () => {
    await using net = await network();
    await net.apply({ do: "link.set", name: "eth0", features: { tso: false }, in: "host" });
    const { effects, translator } = ledUserspaceEngine.plan(placement, spec);
    if (translator === undefined) throw new Error("The plan has no translator");
    await net.apply(...onHost([...effects, ...ipv4Side(placement)]));
    const running = await translatorsOf(net).start(translator.dev, translator.spec, translator.fastPath);
    await using _ = { [Symbol.asyncDispose]: () => running.stop() };
    const size = 20_000_000;
    expect(await net.client("put", serverV4, size)).toEqual({ same: true });
    const fewest = size / placement.uplinkMtu;
    // Super-packets came to the translator, and segments went to the wire.
    expect(running.counters().v4ToV6.packets).toBeLessThan(fewest);
    const { output } = await net.run("host", "ip", "-s", "-j", "link", "show", "eth0");
    const [link] = JSON.parse(output) as [{ stats64: { tx: { packets: number } } }];
    const { packets } = link.stats64.tx;
    expect(packets).toBeGreaterThan(fewest);
    // What is lost is sent again, yes; but not all of it twice.
    expect(packets).toBeLessThan(1.8 * fewest);
  });

  const constants = new Map(
    [
      ...readFileSync(new URL("../../../src/engine/ebpf/packet.bpf.h", import.meta.url), "utf8").matchAll(
        /^#define (\w+) (0x[0-9a-f]+)$/gm,
      ),
    ].map(([, name = "", value]) => [name, Number(value)]),
  );
  const ofClat = constants.get("OF_CLAT_SIGN") ?? 0;
  const owned = constants.get("OWNED_SIGN") ?? 0;
  const passed = -1;
  const sentElsewhere = 7;

  it.each([
    ["a super-packet of the translator", [ofClat, owned], true, sentElsewhere],
    ["the same, where nobody cuts it", [ofClat, owned], false, passed],
    ["another packet of the CLAT", [ofClat, 0], true, passed],
    ["a packet of the host that says the same of itself", [0, owned], true, passed],
  ])("uplink_egress replaces by a copy: %s", (_, controlBlock, uplinkCuts, code) => {
    using path = FastPath.load();
    // What is sent comes back on lo, for an address that nobody has there.
    const lo = { ifindex: 1, l2: 14 } as const;
    const plan = { leadsOnly: true, uplink: "lo", uplinks: ["lo"], sharedV6: hostV6 } as const;
    path.configure(encodeFastPath(spec, plan, { clat: lo, uplink: lo, uplinkCuts, uplinks: [lo] }));
    const echo = { kind: "request", identifier: 9, sequence: 9, payload: new Uint8Array(1000) } as const;
    const packet = buildEcho6({ source: hostV6, destination: serverV6, ...echo });
    const framed = Buffer.concat([Buffer.from("86dd".padStart(28, "0"), "hex"), packet]);
    expect(path.testRun("uplink_egress", framed, { controlBlock }).code).toBe(code);
  });
});
