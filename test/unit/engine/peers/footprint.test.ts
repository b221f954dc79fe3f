// What the engines of others change on a host, line by line, and that a crash after any of it leaves the host's IPv6 working.

import { describe, expect, it } from "vitest";
import type { Engine } from "../../../../src/engine/engine.js";
import { joolEngine } from "../../../../src/engine/jool/plan.js";
import { nat46Engine } from "../../../../src/engine/nat46/plan.js";
import { taygaEngine } from "../../../../src/engine/tayga/plan.js";
import { FakeOs } from "../../../../src/os/fake/fake-os.js";
import type { FakeKernel } from "../../../../src/os/fake/kernel.js";
import { hostV6, hostWithModules, ownPlacement, sharedPlacement, specFor } from "./world.js";

const engines: readonly Engine[] = [taygaEngine({ command: "tayga", dir: "/run/clatd" }), nat46Engine, joolEngine];
const placements = [
  { mode: "shared", placement: sharedPlacement },
  { mode: "own", placement: ownPlacement },
] as const;

const cases = engines.flatMap((engine) => placements.map((one) => ({ name: engine.name, engine, ...one })));

describe.each(cases)("$name with the $mode address", ({ engine, name, mode, placement }) => {
  const { effects } = engine.plan(placement, specFor(placement));

  it("changes this on the host, and takes it back", async () => {
    const { os, kernel } = await hostWithModules();
    const before = await os.snapshot();
    const filesBefore = [...kernel.files.keys()];
    const applied = await os.prepareAll(effects);
    await os.performAll(applied);
    const done = [...os.transcript];
    for (const one of applied.toReversed()) await os.revert(one);
    expect(await os.snapshot()).toEqual(before);
    expect([...kernel.files.keys()]).toEqual(filesBefore);
    const undone = os.transcript.slice(done.length);
    const text = `${["# does", ...done, "# undoes", ...undone].join("\n")}\n`;
    await expect(text).toMatchFileSnapshot(`golden/${name}-${mode}.txt`);
  });

  it("leaves IPv6 working when it is killed after any step, and another process takes it back", async () => {
    for (let steps = 1; steps <= effects.length; steps++) {
      const { os, kernel } = await hostWithModules();
      const before = await os.snapshot();
      const applied = await os.prepareAll(effects);
      await os.performAll(applied.slice(0, steps));
      os.kill();
      const next = new FakeOs({ kernel });
      const what = `killed after ${JSON.stringify(effects[steps - 1])}`;
      expect(ipv6Works(next), what).toBe(true);
      await next.revertEach(applied.toReversed());
      expect(await next.snapshot(), what).toEqual(before);
    }
  });
});

/** The host's own packets go out, and those to its address stay. */
function ipv6Works(os: FakeOs): boolean {
  const out = os.routeOf({ destination: "2001:db8:ffff::1", source: hostV6 });
  const back = os.routeOf({ destination: hostV6, source: "2001:db8:ffff::1", iif: "eth0" });
  return out?.dev === "eth0" && back?.dev === "lo" && localTableIsLookedUp(os.kernel);
}

function localTableIsLookedUp(kernel: FakeKernel): boolean {
  return kernel.netns("").rules.some(({ family, table }) => family === 6 && table === 255);
}
