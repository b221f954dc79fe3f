// Before Linux 6.6 the programs are filters of the uplink, which outlive a daemon that is killed, until the next start or
// `clatd cleanup`. They must not be in the way of anybody meanwhile.

import { fileURLToPath } from "node:url";
import { beforeEach, expect, it } from "vitest";
import { startLab } from "../../lab/lab.js";
import { programs } from "../../lab/programs.js";
import { engineObstacle } from "../support/engines.js";
import { labObstacle } from "../support/obstacle.js";
import { active, clatd, differenceTo, ipv4Works, run, serverV4, settled, spawnClatd } from "../support/whole-lab.js";

const serverV6 = "2001:db8:64::c633:6402";
const obstacle = labObstacle ?? engineObstacle("ebpf");
beforeEach(({ skip }) => {
  if (obstacle !== undefined) skip(obstacle);
});

it("what a killed daemon leaves on the uplink takes nothing from the host; the next start takes it over", async () => {
  await using lab = await startLab("464xlat-builtin", { clatd: false });
  const before = await settled(lab);
  const filters = async (): Promise<number> => {
    const shown = await run(lab, ["sh", "-c", "tc filter show dev eth0 ingress; tc filter show dev eth0 egress"]);
    return shown.match(/ bpf .*handle/g)?.length ?? 0;
  };
  /** A connection and datagrams from fixed ports. */
  const from = (host: string, server: string): Promise<string> =>
    run(lab, [programs.node, fileURLToPath(new URL("fixed-ports.mjs", import.meta.url)), host, server]);

  await using killed = await spawnClatd(lab, "engine=ebpf");
  const v6 = (await active(lab))?.active?.v6 ?? "";
  const usual = await filters();
  expect(usual).toBeGreaterThan(0);
  expect(await from("192.0.0.1", serverV4)).toBe("TCP and UDP");
  await killed.kill("SIGKILL");
  await killed.exited;
  expect(await filters()).toBe(usual);

  // From the ports that flows of the CLAT had a moment ago, and so from all others.
  expect(await from(v6, serverV6)).toBe("TCP and UDP");
  expect(await run(lab, ["ping", "-6", "-c", "2", "-i", "0.2", "-W", "1", serverV6])).toContain(" 0% packet loss");
  expect(await differenceTo(lab, before)).toEqual([]);

  await using next = await spawnClatd(lab, "engine=ebpf");
  await active(lab);
  expect(await ipv4Works(lab)).toBe(true);
  expect(await filters()).toBe(usual);
  await next.kill("SIGKILL");
  await next.exited;
  expect(await clatd(lab, "cleanup", "engine=ebpf")).toMatchObject({ code: 0 });
  expect(await filters()).toBe(0);
  expect(await run(lab, "tc qdisc show dev eth0")).not.toContain("clsact");
  expect(await differenceTo(lab, before)).toEqual([]);
});
