// An IPv6-only host whose clatd runs without any configuration, against a PLAT and a DNS64 that are not our own code.

import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Lab, startLab } from "../../../lab/lab.js";
import { engineObstacle, ownEngines, withEngine } from "../../support/engines.js";
import { labObstacle } from "../../support/obstacle.js";
import { active, attempt, http, serverV4, status, withMtu } from "../../support/whole-lab.js";

const MB = 1_000_000;
const byName = { ...http, url: "http://v4only.example.com/", family: 6 } as const;

const cases = ["464xlat", "464xlat-builtin"].flatMap((topology) => ownEngines.map((engine) => ({ topology, engine })));

describe.each(cases)("clatd in $topology with engine=$engine", ({ topology, engine }) => {
  const obstacle = labObstacle ?? engineObstacle(engine);
  let lab: Lab;

  beforeAll(async () => {
    if (obstacle !== undefined) return;
    lab = await startLab(topology, { edit: withEngine(engine) });
    await active(lab);
  });
  beforeEach(({ skip }) => {
    if (obstacle !== undefined) skip(obstacle);
  });
  afterAll(() => lab?.[Symbol.asyncDispose]());

  it("serves curl, AF_INET programs and ping, and traceroute sees the hops", async () => {
    const curl = await lab.exec("host", ["curl", "-sS", "--max-time", "30", `http://${serverV4}/`]);
    expect(curl).toMatchObject({ code: 0, stdout: expect.stringContaining('"family":4') });
    expect(await attempt(lab, { kind: "tcp", to: serverV4, port: 80 })).toMatchObject({ ok: true });
    expect(await attempt(lab, { kind: "ping", to: serverV4, size: 56, count: 3 })).toMatchObject({ ok: true });
    expect(await attempt(lab, { kind: "traceroute", to: serverV4, hops: ["192.0.0.2"], atLeast: 4 })).toMatchObject({
      ok: true,
    });
  });

  it("shares its IPv6 address with native IPv6 to the PREF64, both ways and at once", async () => {
    const found = await status(lab);
    const own = (await lab.snapshot("host")).addresses.map(({ address }) => address);
    expect(own).toContain(found?.active?.v6);
    const both = await Promise.all([
      attempt(lab, { ...http, download: 10 * MB, upload: 10 * MB }),
      attempt(lab, { ...byName, download: 10 * MB, upload: 10 * MB }),
    ]);
    expect(both).toMatchObject([{ ok: true }, { ok: true }]);
  });

  it("carries 100 MB each way unchanged", async () => {
    expect(await attempt(lab, { ...http, download: 100 * MB })).toMatchObject({ ok: true });
    expect(await attempt(lab, { ...http, upload: 100 * MB })).toMatchObject({ ok: true });
  });

  it("carries eight streams at once", async () => {
    expect(await attempt(lab, { ...http, download: 4 * MB, upload: 4 * MB, streams: 8 })).toMatchObject({ ok: true });
  });

  const sizes = [0, 1, 1200, 1452, 1473, 4000, 9000, 65507];
  it.each([false, true])(
    `carries datagrams of ${sizes.join(", ")} octets both ways; without a checksum: %s`,
    async (zeroChecksum) => {
      // Fragments without a checksum must be put together to be translated (RFC 7915 §4.5), which TAYGA as PLAT does not do.
      const possible = sizes.filter((size) => !zeroChecksum || size <= 1452 || topology === "464xlat-builtin");
      expect(await attempt(lab, { kind: "udp-echo", to: serverV4, sizes: possible, zeroChecksum })).toMatchObject({
        ok: true,
      });
    },
  );

  it("answers a ping of 4000 octets", async ({ skip }) => {
    if (topology === "464xlat") skip("TAYGA as PLAT loses fragmented ICMP");
    expect(await attempt(lab, { kind: "ping", to: serverV4, size: 4000, count: 3 })).toMatchObject({ ok: true });
  });

  it("has counted packets both ways, and drops none of them for a fault of its own", async () => {
    const { counters } = (await status(lab)) ?? {};
    expect(counters?.v4ToV6.packets).toBeGreaterThan(1000);
    expect(counters?.v6ToV4.packets).toBeGreaterThan(1000);
  });
});

const narrow = ownEngines.flatMap((engine) =>
  (
    [
      ["host", "router"],
      ["router", "plat"],
    ] as const
  ).map(([first, second]) => ({ first, second, engine })),
);

describe.each(narrow)("an IPv6 link of 1280 octets between $first and $second, engine=$engine", (link) => {
  const { first, second, engine } = link;
  const obstacle = labObstacle ?? engineObstacle(engine);
  beforeEach(({ skip }) => {
    if (obstacle !== undefined) skip(obstacle);
  });

  it("carries 1 MB each way: no black hole", async () => {
    await using lab = await startLab("464xlat", {
      edit: (topology) => withEngine(engine)(withMtu(first, second, 1280)(topology)),
    });
    await active(lab);
    expect(await attempt(lab, { ...http, download: MB })).toMatchObject({ ok: true });
    expect(await attempt(lab, { ...http, upload: MB })).toMatchObject({ ok: true });
    expect(
      await attempt(lab, { kind: "udp-echo", to: serverV4, sizes: [1200, 1473, 4000], zeroChecksum: false }),
    ).toMatchObject({ ok: true });
  });
});
