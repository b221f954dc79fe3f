// Two clatds on one host (clatd@.service): neither takes the other's default route for IPv4 of the host's own.

import { beforeEach, describe, expect, it } from "vitest";
import { type Lab, startLab } from "../../../lab/lab.js";
import type { NodeProcess } from "../../../lab/nodes.js";
import type { StatusRecord } from "../../../src/daemon/status.js";
import { engineObstacle, ownEngines } from "../../support/engines.js";
import { labObstacle } from "../../support/obstacle.js";
import { clatd, differenceTo, ipv4Works, run, settled, spawnClatd, until } from "../../support/whole-lab.js";

const topology = "464xlat-builtin";
const second = ["clat-dev=two", "clat-v4-addr=192.0.0.5", "clat-v6-addr=derived"];

async function statusOf(lab: Lab, clatDev: string): Promise<StatusRecord | undefined> {
  const { code, stdout } = await clatd(lab, "status", "-j", clatDev);
  return code === 0 ? (JSON.parse(stdout) as StatusRecord) : undefined;
}

/** The status of one of them in that state, with that reason. */
function is(lab: Lab, clatDev: string, state: string, reason?: string): Promise<StatusRecord | undefined> {
  return until(
    () => statusOf(lab, clatDev),
    (now) => now?.state === state && now.reason === reason,
    60_000,
  );
}

describe.each(ownEngines)("two clatds with engine=%s", (engine) => {
  const obstacle = labObstacle ?? engineObstacle(engine);
  beforeEach(({ skip }) => {
    if (obstacle !== undefined) skip(obstacle);
  });
  const key = `engine=${engine}`;

  it("are active beside each other with a metric each, and both wait for IPv4 of the host's own to go", async () => {
    await using lab = await startLab(topology, { clatd: false });
    const before = await settled(lab);
    await using one = await spawnClatd(lab, key);
    const first = await is(lab, "clat", "active");
    // The kernel has one place for a default route of that metric.
    await using two = await spawnClatd(lab, key, ...second);
    const waiting = await is(lab, "two", "waiting", "route-taken");
    expect(waiting?.text).toMatch(/on clat with metric 2048.*v4-defaultroute-metric.*v4-defaultroute-enable=no/);
    expect(await statusOf(lab, "clat")).toMatchObject({ state: "active", since: first?.since });

    await end(one);
    await is(lab, "two", "active");
    expect(await ipv4Works(lab)).toBe(true);
    await using again = await spawnClatd(lab, key, "v4-defaultroute-metric=1024");
    await is(lab, "clat", "active");
    expect(await run(lab, "ip -4 route show default")).toMatch(
      /^default dev clat .*metric 1024.*\ndefault dev two .*metric 2048/,
    );
    expect(await ipv4Works(lab)).toBe(true);
    expect((await statusOf(lab, "two"))?.state).toBe("active");

    await run(lab, "ip link add native0 type veth peer name native1");
    await run(lab, "ip link set native1 up");
    await run(lab, "ip link set native0 up");
    await run(lab, "ip address add 192.0.2.2/24 dev native0");
    await run(lab, "ip route add default via 192.0.2.1 dev native0");
    await is(lab, "clat", "waiting", "native-ipv4");
    await is(lab, "two", "waiting", "native-ipv4");
    await run(lab, "ip link del native0");
    await is(lab, "clat", "active");
    await is(lab, "two", "active");

    await end(again);
    await end(two);
    expect(await differenceTo(lab, before)).toEqual([]);
  }, 300_000);
});

async function end(daemon: NodeProcess): Promise<void> {
  await daemon.kill("SIGTERM");
  expect(await daemon.exited).toBe(0);
}
