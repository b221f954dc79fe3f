// clatd leaves as it came, however it ends, and finds its way through a network that comes, goes and changes.

import { beforeEach, describe, expect, it } from "vitest";
import { startLab } from "../../../lab/lab.js";
import { engineObstacle, ownEngines, withEngine } from "../../support/engines.js";
import { labObstacle } from "../../support/obstacle.js";
import { stopwatch } from "../../support/stopwatch.js";
import {
  active,
  clatd,
  differenceTo,
  ipv4Answers,
  ipv4Works,
  restored,
  settled,
  spawnClatd,
  status,
  until,
} from "../../support/whole-lab.js";

const topology = "464xlat-builtin";
const withoutClatd = { clatd: false } as const;

describe.each(ownEngines)("clatd with engine=%s", (engine) => {
  const obstacle = labObstacle ?? engineObstacle(engine);
  beforeEach(({ skip }) => {
    if (obstacle !== undefined) skip(obstacle);
  });
  const key = `engine=${engine}`;

  describe("the host is as it was before", () => {
    it.each(["SIGTERM", "SIGINT"] as const)("after %s, exit code 0", async (signal) => {
      await using lab = await startLab(topology, withoutClatd);
      const before = await settled(lab);
      await using daemon = await spawnClatd(lab, key);
      await active(lab);
      expect(await ipv4Works(lab)).toBe(true);
      expect(await differenceTo(lab, before)).not.toEqual([]);
      await daemon.kill(signal);
      expect(await daemon.exited).toBe(0);
      expect(await differenceTo(lab, before)).toEqual([]);
    });

    const plumbings = engine === "userspace" ? (["auto", "classic"] as const) : (["auto"] as const);
    it.each(plumbings)("after SIGKILL, start and stop, plumbing=%s", async (plumbing) => {
      const keys = [key, `plumbing=${plumbing}`];
      await using lab = await startLab(topology, withoutClatd);
      const before = await settled(lab);
      await using killed = await spawnClatd(lab, ...keys);
      await active(lab);
      await killed.kill("SIGKILL");
      await killed.exited;
      // Nothing but the device and the programs' links stood on the host, and those go with the process.
      if (plumbing === "classic") expect(await differenceTo(lab, before)).not.toEqual([]);
      else await restored(lab, before);
      await using next = await spawnClatd(lab, ...keys);
      await active(lab);
      expect(await ipv4Works(lab)).toBe(true);
      await next.kill("SIGTERM");
      expect(await next.exited).toBe(0);
      expect(await differenceTo(lab, before)).toEqual([]);
    });

    it("after SIGKILL and clatd cleanup", async () => {
      await using lab = await startLab(topology, withoutClatd);
      const before = await settled(lab);
      await using killed = await spawnClatd(lab, key);
      await active(lab);
      await killed.kill("SIGKILL");
      await killed.exited;
      expect(await clatd(lab, "cleanup", key)).toMatchObject({ code: 0 });
      await restored(lab, before);
    });

    it("after clatd plan, which touches nothing", async () => {
      await using lab = await startLab(topology, withoutClatd);
      const before = await settled(lab);
      // It waits three seconds for the DNS64, which may have other things to do.
      await until(
        () => clatd(lab, "plan", key),
        ({ code, stdout }) => code === 0 && stdout.includes("ip route add default dev clat"),
      );
      expect(await differenceTo(lab, before)).toEqual([]);
    });
  });

  describe("the network", () => {
    it("may come after clatd, which waits, says why, and is active within 2 s of the DNS64's answering", async () => {
      await using lab = await startLab(topology, withoutClatd);
      await lab.service("dns").stop();
      await using daemon = await spawnClatd(lab, key);
      const waiting = await until(
        () => status(lab),
        (now) => now?.state === "waiting" && now.reason === "no-pref64",
      );
      expect(waiting?.text).toMatch(/PREF64|DNS64/);
      await lab.service("dns").start();
      const answering = stopwatch();
      await daemon.line(/^clatd active /);
      expect(answering()).toBeLessThan(2000);
      expect(await ipv4Works(lab)).toBe(true);
    });

    it("may go and come back with another prefix: IPv4 works again within 3 s, without a restart", async () => {
      await using lab = await startLab(topology, { edit: withEngine(engine) });
      const first = await active(lab);
      await lab.setLink("host", "eth0", false);
      await until(
        () => status(lab),
        (now) => now?.state === "waiting",
      );
      await lab.renumber("router", "eth0", "2001:db8:77::/64");
      await lab.setLink("host", "eth0", true);
      const back = stopwatch();
      await ipv4Answers(lab);
      expect(back()).toBeLessThan(3000);
      expect(await ipv4Works(lab)).toBe(true);
      const second = await active(lab);
      expect(second?.pid).toBe(first?.pid);
      expect(second?.active?.v6).toMatch(/^2001:db8:77:/);
    });

    const everyEngines = [
      ["the IPv4 default route", "ip route del default dev clat"],
      ["the device", "ip link del clat"],
    ] as const;
    const plumbing = [
      ["the rule", "ip -6 rule del pref 1"],
      ["the nft table", "nft delete table ip6 clatd-clat"],
    ] as const;
    it.each([...everyEngines, ...(engine === "userspace" ? plumbing : [])])(
      "may lose %s to somebody; it comes back",
      async (_what, command) => {
        const keys = engine === "userspace" ? ["plumbing=classic"] : [];
        await using lab = await startLab(topology, { edit: withEngine(engine, ...keys) });
        await active(lab);
        expect(await lab.exec("host", command)).toMatchObject({ code: 0 });
        await until(
          () => ipv4Works(lab),
          (works) => works,
        );
      },
    );
  });
});

describe("once=yes", () => {
  beforeEach(({ skip }) => {
    if (labObstacle !== undefined) skip(labObstacle);
  });

  it("ends where there is no PLAT, as the Perl program does", async () => {
    await using lab = await startLab(topology, withoutClatd);
    await lab.service("dns").stop();
    await settled(lab);
    expect(await clatd(lab, "once=yes")).toMatchObject({ code: 1 });
  });
});
