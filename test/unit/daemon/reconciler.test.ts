// The reconciler's dealings with its parts, on the model kernel. Its whole course is under test/unit/simulation.

import { describe, expect, it } from "vitest";
import type { DaemonParts } from "../../../src/daemon/daemon.js";
import type { RunningTranslator } from "../../../src/engine/engine.js";
import { OsError } from "../../../src/os/driver.js";
import { Simulation, simulated } from "../../../src/simulation/simulation.js";
import { configOf } from "../plan/facts-of.js";
import { story } from "../simulation/stage.js";

async function onNetwork(settings: readonly string[], parts: (parts: DaemonParts) => DaemonParts): Promise<Simulation> {
  const simulation = new Simulation({ config: configOf("engine=userspace", "plumbing=classic", ...settings), parts });
  simulation.router.bring(simulated.prefix);
  await simulation.pass(2000);
  return simulation;
}

const daemonLines = (simulation: Simulation): string[] =>
  story(simulation).filter((line) => /^clatd (error|warning|active|waiting|stopping)/.test(line));

describe("Reconciler: the translator", () => {
  /** Hands out the translators that were started, and lets tests end them. */
  function handle(): { parts: (parts: DaemonParts) => DaemonParts; ends: ((error: Error) => void)[]; stops: number[] } {
    const ends: ((error: Error) => void)[] = [];
    const stops: number[] = [];
    const parts = (given: DaemonParts): DaemonParts => ({
      ...given,
      translators: {
        start: async (dev, spec) => {
          const inner = await given.translators.start(dev, spec);
          let end = (_error: Error): void => {};
          const ended = Promise.race([inner.ended, new Promise<Error>((resolve) => (end = resolve))]);
          const number = ends.push(end);
          const running: RunningTranslator = {
            ...inner,
            ended,
            stop: () => {
              stops.push(number);
              return inner.stop();
            },
          };
          return running;
        },
      },
    });
    return { parts, ends, stops };
  }

  it("ends by itself: everything is reverted, and there is another attempt", async () => {
    const { parts, ends, stops } = handle();
    const simulation = await onNetwork([], parts);
    const before = await simulation.state();
    simulation.start();
    await simulation.until("active");
    ends[0]?.(new Error("the worker has crashed"));
    await simulation.until("failed");
    expect(await simulation.state()).toEqual(before);
    expect(simulation.status()?.text).toBe("The translator on clat has ended: the worker has crashed");
    await simulation.until("active", 2000);
    expect([ends.length, stops]).toEqual([2, [1]]);
    expect(await simulation.application.request({ protocol: "udp" })).toMatchObject({ ok: true });
    expect(await simulation.stop()).toBe(0);
    expect(stops).toEqual([1, 2]);
  });

  it("counts until it has stopped: what it translates after it was asked to is not forgotten", async () => {
    const none = { packets: 0, octets: 0, drops: {} };
    const simulation = await onNetwork([], (given) => ({
      ...given,
      translators: {
        start: async (dev, spec) => {
          const inner = await given.translators.start(dev, spec);
          let packets = 5;
          return {
            ...inner,
            counters: () => ({ v4ToV6: { packets, octets: 100 * packets, drops: {} }, v6ToV4: none }),
            stop: () => {
              packets += 2;
              return inner.stop();
            },
          };
        },
      },
    }));
    simulation.start();
    await simulation.until("active");
    expect(simulation.status()?.counters?.v4ToV6.packets).toBe(5);
    simulation.outside.removeDevice("clat");
    await simulation.pass(1000);
    expect(simulation.status()?.state).toBe("active");
    expect(simulation.status()?.counters?.v4ToV6).toEqual({ packets: 5 + 2 + 5, octets: 1200, drops: {} });
  });

  it("ends over and over: the attempts come at growing distances", async () => {
    const { parts, ends } = handle();
    const simulation = await onNetwork([], parts);
    simulation.start();
    for (let round = 0; round < 5; round++) {
      await simulation.until("active", 20_000);
      ends.at(-1)?.(new Error("again"));
      await simulation.until("failed");
    }
    const waits = daemonLines(simulation).flatMap((line) => /again=(\d+s)/.exec(line)?.[1] ?? []);
    expect(waits).toEqual(["1s", "2s", "4s", "8s", "16s"]);
  });

  it("ends since its TUN was deleted: no failure, both come back", async () => {
    const { parts, ends } = handle();
    const simulation = await onNetwork([], parts);
    simulation.start();
    await simulation.until("active");
    simulation.outside.removeDevice("clat");
    await simulation.pass(200);
    expect(ends.length).toBe(2);
    expect(simulation.status()?.lastError).toBeUndefined();
    expect(await simulation.application.request({ protocol: "udp" })).toMatchObject({ ok: true });
  });

  it("refuses its specification: everything is reverted, and the reason is told", async () => {
    const simulation = await onNetwork([], (parts) => ({
      ...parts,
      translators: { start: () => Promise.reject(new Error("Cannot translate on clat: no such thing")) },
    }));
    const before = await simulation.state();
    simulation.start();
    await simulation.until("failed");
    expect(simulation.status()).toMatchObject({ text: "Cannot translate on clat: no such thing", effects: 0 });
    expect(await simulation.state()).toEqual(before);
  });
});

describe("Reconciler: scripts", () => {
  type Run = { line: string; environment: Readonly<Record<string, string>>; effects: number };

  function shell(fails: (line: string) => boolean = () => false) {
    const runs: Run[] = [];
    let simulation: Simulation | undefined;
    const parts = (given: DaemonParts): DaemonParts => ({
      ...given,
      runScript: async (line, environment) => {
        runs.push({ line, environment, effects: simulation?.status()?.effects ?? 0 });
        if (fails(line)) throw new Error("exit code 3");
      },
    });
    return { runs, parts, watch: (one: Simulation) => (simulation = one) };
  }

  const settings = ["script-up=up $clat_dev", "script-down=down"];

  it("script-up runs last before translation, script-down before the clean-up, with what clatd found out", async () => {
    const { runs, parts, watch } = shell();
    const simulation = watch(await onNetwork(settings, parts));
    simulation.start();
    await simulation.until("active");
    expect(await simulation.stop()).toBe(0);
    expect(runs.map(({ line }) => line)).toEqual(["up $clat_dev", "down"]);
    expect(runs.every(({ effects }) => effects > 10)).toBe(true);
    expect(runs[0]?.environment).toMatchObject({
      clat_dev: "clat",
      plat_prefix: "2001:db8:64::/96",
      plat_dev: "eth0",
      clat_v6_addr: "2001:db8:1:0:5054:ff:fe00:1",
    });
    expect(runs[1]?.environment).toEqual(runs[0]?.environment);
  });

  it("script-up takes long and clatd is to end: it is cut short, script-down is run and everything is reverted", async () => {
    const runs: string[] = [];
    const simulation = await onNetwork(settings, (given) => ({
      ...given,
      runScript: (line, _environment, signal) => {
        runs.push(line);
        if (line === "down") return Promise.resolve();
        return new Promise((_resolve, reject) => {
          signal?.addEventListener("abort", () => reject(new Error("killed by SIGTERM")));
        });
      },
    }));
    const before = await simulation.state();
    simulation.start();
    await simulation.waitFor("script-up to run", () => runs.length > 0, 5000);
    expect(await simulation.stop()).toBe(0);
    expect(await simulation.state()).toEqual(before);
    expect(runs).toEqual(["up $clat_dev", "down"]);
    expect(daemonLines(simulation).filter((line) => line.startsWith("clatd error"))).toEqual([]);
  });

  it("script-up fails: that is fatal, script-down is run and everything is reverted", async () => {
    const { runs, parts } = shell((line) => line.startsWith("up"));
    const simulation = await onNetwork(settings, parts);
    const before = await simulation.state();
    simulation.start();
    expect(await simulation.exit()).toBe(1);
    expect(await simulation.state()).toEqual(before);
    expect(runs.map(({ line }) => line)).toEqual(["up $clat_dev", "down"]);
    expect(daemonLines(simulation)[0]).toMatch(/script-up failed: exit code 3; append "\|\| true"/);
    expect(daemonLines(simulation).join("\n")).not.toMatch(/tries again|again=/);
  });

  it("script-down fails: cleans up all the same, and the exit code says so", async () => {
    const { parts } = shell((line) => line === "down");
    const simulation = await onNetwork(settings, parts);
    const before = await simulation.state();
    simulation.start();
    await simulation.until("active");
    expect(await simulation.stop()).toBe(1);
    expect(await simulation.state()).toEqual(before);
  });

  it("another address does not run them again; a TUN that comes back does", async () => {
    const { runs, parts } = shell();
    const simulation = await onNetwork(settings, parts);
    simulation.start();
    await simulation.until("active");
    simulation.router.bring(simulated.otherPrefix);
    await simulation.pass(2000);
    simulation.router.take(simulated.prefix);
    await simulation.pass(2000);
    expect(runs.length).toBe(1);
    simulation.outside.removeDevice("clat");
    await simulation.pass(1000);
    expect(runs.map(({ line }) => line)).toEqual(["up $clat_dev", "down", "up $clat_dev"]);
  });
});

describe("Reconciler: once=yes", () => {
  it("exits with 1 where there is no PLAT", async () => {
    const simulation = await onNetwork(["once=yes"], (parts) => parts);
    simulation.plat.pref64 = undefined;
    simulation.start();
    expect(await simulation.exit(5000)).toBe(1);
    expect(daemonLines(simulation)[0]).toMatch(/waiting reason=no-pref64/);
  });

  it("exits with 0 where there is native IPv4", async () => {
    const simulation = await onNetwork(["once=yes"], (parts) => parts);
    simulation.outside.addAddress({ dev: "eth0", address: "192.0.2.10/24" });
    simulation.outside.addRoute({ family: 4, destination: "default", dev: "eth0", via: "192.0.2.1", table: 254 });
    simulation.start();
    expect(await simulation.exit(5000)).toBe(0);
  });

  it("exits with 1 where an effect fails, with everything reverted", async () => {
    const simulation = await onNetwork(["once=yes"], (parts) => parts);
    const before = await simulation.state();
    simulation.start({ faults: [{ fault: "fail", nth: 5 }] });
    expect(await simulation.exit(5000)).toBe(1);
    expect(await simulation.state()).toEqual(before);
  });

  it("waits for the delay of the check, and runs where all is well", async () => {
    const simulation = await onNetwork(["once=yes", "v4-conncheck-delay=7"], (parts) => parts);
    simulation.start();
    await simulation.until("conncheck-delay");
    await simulation.pass(6000);
    expect(simulation.status()?.reason).toBe("conncheck-delay");
    await simulation.until("active", 1500);
  });
});

describe("Reconciler: trouble with the system", () => {
  it("cannot look at it for a while: says so once, touches nothing, and goes on", async () => {
    let blind = false;
    const simulation = await onNetwork([], (parts) => ({
      ...parts,
      os: {
        ...parts.os,
        snapshot: (netns) => (blind ? Promise.reject(new Error("ip: exit code 1")) : parts.os.snapshot(netns)),
      },
    }));
    simulation.start();
    await simulation.until("active");
    const before = await simulation.state();
    blind = true;
    simulation.router.bring(simulated.otherPrefix);
    await simulation.pass(60_000);
    expect(simulation.status()).toMatchObject({
      state: "active",
      lastError: { text: "Cannot look at the system: ip: exit code 1" },
    });
    expect((await simulation.state()).journal).toBe(before.journal);
    blind = false;
    simulation.router.take(simulated.prefix);
    await simulation.pass(3000);
    expect(simulation.status()?.active?.v6).toBe("2001:db8:2:0:5054:ff:fe00:1");
    expect(daemonLines(simulation).filter((line) => line.includes("error"))).toHaveLength(1);
  });

  it.each([
    ["a command that it looks with is not installed", [], new OsError("missing", "Cannot run ip: it is not installed")],
    ["once=yes, and it cannot be looked at", ["once=yes"], new Error("ip: exit code 1")],
  ])("%s: ends with 1, and says why", async (_what, settings, error) => {
    const simulation = await onNetwork(settings, (parts) => ({
      ...parts,
      os: { ...parts.os, snapshot: () => Promise.reject(error) },
    }));
    const before = await simulation.state();
    simulation.start();
    expect(await simulation.exit(5000)).toBe(1);
    expect(daemonLines(simulation)[0]).toContain(`Cannot look at the system: ${error.message}`);
    expect(await simulation.state()).toEqual(before);
  });

  it("loses the system's notifications: begins to watch again", async () => {
    let watches = 0;
    const simulation = await onNetwork([], (parts) => ({
      ...parts,
      os: {
        ...parts.os,
        async *watch(signal) {
          if (++watches === 1) throw new Error("netlink: no buffer space");
          yield* parts.os.watch(signal);
        },
      },
    }));
    simulation.start();
    await simulation.until("active");
    simulation.outside.removeNft("ip6", "clatd-clat");
    await simulation.pass(1500);
    expect(await simulation.application.request({ protocol: "udp" })).toMatchObject({ ok: true });
    expect(daemonLines(simulation)).toContain(
      "clatd warning: Lost the system's notifications: netlink: no buffer space; beginning again",
    );
  });

  it("the journal cannot be written: fails with the reason, and nothing was done", async () => {
    const simulation = await onNetwork([], (parts) => ({
      ...parts,
      openJournal: async () => {
        const journal = await parts.openJournal();
        journal.apply = () => Promise.reject(new Error("Cannot write the journal: no space left on device"));
        return journal;
      },
    }));
    const before = await simulation.state();
    simulation.start();
    await simulation.until("failed");
    expect(simulation.status()?.text).toMatch(/no space left/);
    expect(await simulation.state()).toEqual(before);
  });
});

describe("Reconciler: the log", () => {
  it("a system that never rests is looked at now and then, not all the time, and nothing is logged", async () => {
    let looks = 0;
    const simulation = await onNetwork([], (parts) => ({
      ...parts,
      os: {
        ...parts.os,
        snapshot: (netns) => {
          looks++;
          return parts.os.snapshot(netns);
        },
      },
    }));
    simulation.start();
    await simulation.until("active");
    const lines = simulation.transcript.lines.length;
    looks = 0;
    for (let tenth = 0; tenth < 600; tenth++) {
      simulation.outside.addRoute({
        family: 4,
        destination: `10.0.${tenth >> 8}.${tenth & 255}/32`,
        dev: "eth0",
        table: 7,
      });
      await simulation.pass(100);
    }
    expect(looks).toBeGreaterThan(100);
    expect(looks).toBeLessThan(140);
    expect(simulation.transcript.lines.length).toBe(lines);
  });
});
