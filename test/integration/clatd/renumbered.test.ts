// The network gets another prefix while everything is up: the old one is told off, and clatd moves to the new one.

import { beforeEach, describe, expect, it } from "vitest";
import { startLab } from "../../../lab/lab.js";
import { engineObstacle, ownEngines, withEngine } from "../../support/engines.js";
import { labObstacle } from "../../support/obstacle.js";
import { stopwatch } from "../../support/stopwatch.js";
import { active, ipv4Answers, ipv4Works } from "../../support/whole-lab.js";

describe.each(ownEngines)("a link that is renumbered while it is up, engine=%s", (engine) => {
  const obstacle = labObstacle ?? engineObstacle(engine);
  beforeEach(({ skip }) => {
    if (obstacle !== undefined) skip(obstacle);
  });

  it("has IPv4 again within 3 s, without a restart", async () => {
    await using lab = await startLab("464xlat-builtin", { edit: withEngine(engine) });
    const first = await active(lab);
    await lab.renumber("router", "eth0", "2001:db8:77::/64");
    const told = stopwatch();
    await ipv4Answers(lab);
    expect(told()).toBeLessThan(3000);
    expect(await ipv4Works(lab)).toBe(true);
    const second = await active(lab);
    expect(second?.pid).toBe(first?.pid);
    expect(second?.active?.v6).toMatch(/^2001:db8:77:/);
  });
});
