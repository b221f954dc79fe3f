// A host, or a container, without /dev/net/tun: the engines that stand on a TUN say so before anything is done.

import { expect, it } from "vitest";
import { ownEngines } from "../../../src/engine/own-engines.js";
import { taygaEngine } from "../../../src/engine/tayga/plan.js";
import { FakeOs } from "../../../src/os/fake/fake-os.js";

const engines = [...ownEngines("auto"), taygaEngine({ command: "tayga", dir: "/run/clatd" })];

it.each(engines.map((engine) => [`${engine.name} ${engine.way ?? ""}`, engine] as const))(
  "probe() of %s is no where there is no /dev/net/tun",
  async (_name, engine) => {
    const os = new FakeOs();
    expect(await engine.probe(os)).toEqual({ ok: true });
    os.kernel.tun = false;
    expect(await engine.probe(os)).toMatchObject({
      ok: false,
      reason: expect.stringMatching(/"clat-probe": \/dev\/net\/tun does not exist; load the module/),
    });
    expect(os.transcript).toEqual([]);
  },
);
