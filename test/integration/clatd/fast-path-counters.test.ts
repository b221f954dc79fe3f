// The counters of both halves of the engine ebpf, against what nft counts on the way.

import { beforeEach, describe, expect, it, vi } from "vitest";
import { type Lab, startLab } from "../../../lab/lab.js";
import type { CounterValues, DirectionCounters } from "../../../src/xlat/counters.js";
import { engineObstacle, withEngine } from "../../support/engines.js";
import { labObstacle } from "../../support/obstacle.js";
import { active, attempt, http, run, serverV4, status } from "../../support/whole-lab.js";

const obstacle = labObstacle ?? engineObstacle("ebpf");
beforeEach(({ skip }) => {
  if (obstacle !== undefined) skip(obstacle);
});

const topology = "464xlat-builtin";

describe("its counters", () => {
  it("of both halves together: every packet that goes in comes out, or is a drop with a reason", async () => {
    await using lab = await startLab(topology, { edit: withEngine("ebpf") });
    const v6 = (await active(lab))?.active?.v6;
    const counting = `
table inet counting {
  counter out4 { }
  counter in4 { }
  chain output { type filter hook output priority -400; oifname "clat" counter name out4; }
  chain prerouting { type filter hook prerouting priority -400; iifname "clat" counter name in4; }
}`;
    const onTheWay = `
table inet counting {
  counter up { }
  counter down { }
  chain prerouting { type filter hook prerouting priority -400; iifname "eth0" ip6 saddr ${v6} ip6 daddr 2001:db8:64::/96 counter name up; }
  chain postrouting { type filter hook postrouting priority 400; oifname "eth0" ip6 daddr ${v6} ip6 saddr != 2001:db8:53::/64 icmpv6 type != { nd-neighbor-solicit, nd-neighbor-advert } counter name down; oifname "eth0" ip6 daddr ${v6} ip6 saddr 2001:db8:64::/96 meta l4proto != ipv6-icmp counter name down; }
}`;
    expect(await lab.exec("host", "nft -f -", { input: counting })).toMatchObject({ code: 0 });
    expect(await lab.exec("router", "nft -f -", { input: onTheWay })).toMatchObject({ code: 0 });
    const before = (await status(lab))?.counters;
    // Plain ones, and ones that only the translator in user space can do; none in fragments, which are counted one by one.
    expect(
      await attempt(lab, { kind: "udp-echo", to: serverV4, sizes: [0, 1, 700, 1200, 1400], zeroChecksum: false }),
    ).toMatchObject({ ok: true });
    expect(await attempt(lab, { kind: "udp-echo", to: serverV4, sizes: [100], zeroChecksum: true })).toMatchObject({
      ok: true,
    });
    expect(await attempt(lab, { kind: "ping", to: serverV4, size: 56, count: 20 })).toMatchObject({ ok: true });
    expect(await attempt(lab, { ...http })).toMatchObject({ ok: true });
    // A source route (RFC 791), and packets that run out of hops here: drops.
    await lab.exec("host", `ping -c 3 -i 0.05 -W 0.2 -t 1 ${serverV4}`);
    await lab.exec("host", `ping -c 2 -i 0.05 -W 0.2 240.0.0.1`);
    // They are read one after the other, and the last packets of a connection may still be on their way.
    await vi.waitFor(
      async () => {
        const grown = difference(before, (await status(lab))?.counters);
        const [out4, in4] = [await counted(lab, "host", "out4"), await counted(lab, "host", "in4")];
        const [up, down] = [await counted(lab, "router", "up"), await counted(lab, "router", "down")];
        expect(sum(grown.v4ToV6)).toBeGreaterThan(0);
        expect({ ...grown.v4ToV6, drops: sum(grown.v4ToV6) }).toMatchObject({ packets: out4, drops: out4 - up });
        // Errors that the translator makes itself come in on the device beside what it translates.
        const made = grown.v4ToV6.drops["hop-limit"] ?? sum(grown.v4ToV6);
        expect(grown.v6ToV4.packets).toBe(down);
        expect(in4).toBe(down - sum(grown.v6ToV4) + made);
      },
      { timeout: 30_000 },
    );
  });
});

async function counted(lab: Lab, node: string, name: string): Promise<number> {
  return Number(/packets (\d+)/.exec(await run(lab, `nft list counter inet counting ${name}`, node))?.[1]);
}

function sum(direction: DirectionCounters | undefined): number {
  return Object.values(direction?.drops ?? {}).reduce((all, count) => all + count, 0);
}

function difference(before: CounterValues | undefined, after: CounterValues | undefined): CounterValues {
  const of = (direction: "v4ToV6" | "v6ToV4"): DirectionCounters => {
    const [was, is] = [before?.[direction], after?.[direction]];
    const drops = Object.entries(is?.drops ?? {}).map(([reason, count]): [string, number] => [
      reason,
      count - (was?.drops[reason] ?? 0),
    ]);
    return {
      packets: (is?.packets ?? 0) - (was?.packets ?? 0),
      octets: (is?.octets ?? 0) - (was?.octets ?? 0),
      drops: Object.fromEntries(drops.filter(([, count]) => count > 0)),
    };
  };
  return { v4ToV6: of("v4ToV6"), v6ToV4: of("v6ToV4") };
}
