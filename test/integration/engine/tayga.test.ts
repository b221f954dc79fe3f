// TAYGA as the daemon's engine, in a whole lab: at work, killed and begun again, and what is left when both are killed.

import { beforeEach, describe, expect, it } from "vitest";
import { type Lab, startLab } from "../../../lab/lab.js";
import { programExists } from "../../../src/os/linux/find-program.js";
import { labObstacle } from "../../support/obstacle.js";
import { active, clatd, differenceTo, ipv4Works, settled, spawnClatd, status, until } from "../../support/whole-lab.js";

const topology = "464xlat-builtin";
const missing = (await programExists("", "tayga")) ? undefined : "tayga is not installed (package tayga)";

beforeEach(({ skip }) => {
  if (labObstacle !== undefined) skip(labObstacle);
  if (missing !== undefined) skip(missing);
});

describe("clatd engine=tayga", () => {
  it("carries IPv4, and leaves the host as it was", async () => {
    await using lab = await startLab(topology, { clatd: false });
    const before = await settled(lab);
    await using daemon = await spawnClatd(lab, "engine=tayga");
    expect(await active(lab)).toMatchObject({
      restarts: 0,
      active: { engine: { name: "tayga" }, mtu: { v4: 1260 } },
    });
    expect(await ipv4Works(lab)).toBe(true);
    await daemon.kill("SIGTERM");
    expect(await daemon.exited).toBe(0);
    expect(await differenceTo(lab, before)).toEqual([]);
  });

  it("begins TAYGA again when it dies, counts that, and says why", async () => {
    await using lab = await startLab(topology, { clatd: false });
    await settled(lab);
    await using _daemon = await spawnClatd(lab, "engine=tayga");
    await active(lab);
    for (const restarts of [1, 2]) {
      const before = await status(lab);
      await killTayga(lab);
      const again = await until(
        () => status(lab),
        (now) => now?.restarts === restarts && now.state === "active" && now.since !== before?.since,
      );
      expect(again?.lastError?.text).toMatch(/^The process "tayga clat" has ended: signal SIGKILL/);
      expect(await ipv4Works(lab)).toBe(true);
    }
  });

  it("leaves IPv6 working, no device and no process after SIGKILL; `clatd cleanup` does the rest", async () => {
    await using lab = await startLab(topology, { clatd: false });
    const before = await settled(lab);
    await using daemon = await spawnClatd(lab, "engine=tayga");
    await active(lab);
    expect(await taygasIn(lab)).toMatch(/^\d+$/);
    await daemon.kill("SIGKILL");
    await daemon.exited;
    await until(
      () => taygasIn(lab),
      (pids) => pids === "",
    );
    await until(
      async () => (await lab.exec("host", ["ip", "link", "show", "clat"])).code,
      (code) => code !== 0,
    );
    expect(await lab.exec("host", ["ping", "-6", "-c1", "-W10", "2001:db8:1::1"])).toMatchObject({ code: 0 });
    expect(await clatd(lab, "cleanup")).toMatchObject({ code: 0 });
    expect(await differenceTo(lab, before)).toEqual([]);
  });

  it("writes tayga-conffile where it is named, mappings included, and leaves it there", async () => {
    await using lab = await startLab(topology, { clatd: false });
    await settled(lab);
    const path = "/run/my-tayga.conf";
    await lab.exec("host", ["tee", path], { input: "# of an earlier run\n" });
    await using daemon = await spawnClatd(
      lab,
      "engine=tayga",
      `tayga-conffile=${path}`,
      "eam=192.0.2.8/29,2001:db8:a::/125",
    );
    await active(lab);
    await daemon.kill("SIGTERM");
    expect(await daemon.exited).toBe(0);
    const { stdout } = await lab.exec("host", ["cat", path]);
    expect(stdout.trim().split("\n")).toEqual([
      "tun-device clat",
      "ipv4-addr 192.0.0.2",
      "prefix 2001:db8:64::/96",
      "map 192.0.2.8/29 2001:db8:a::/125",
    ]);
  });
});

const forEachTayga = (command: string): string =>
  `for exe in /proc/[0-9]*/exe; do case "$(readlink "$exe")" in */tayga) pid=$(basename "$(dirname "$exe")"); ${command};; esac; done`;

async function killTayga(lab: Lab): Promise<void> {
  expect(await lab.exec("host", ["sh", "-c", forEachTayga('kill -9 "$pid"')])).toMatchObject({ code: 0 });
}

/** Their process ids. */
async function taygasIn(lab: Lab): Promise<string> {
  return (await lab.exec("host", ["sh", "-c", forEachTayga('echo "$pid"')])).stdout.trim();
}
