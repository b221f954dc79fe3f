// What `clatd status` knows of the packets that TAYGA translates: the kernel's counters of its device, and no more.

import { expect, it } from "vitest";
import { startLab } from "../../../lab/lab.js";
import { programExists } from "../../../src/os/linux/find-program.js";
import { readExposition } from "../../support/exposition.js";
import { labObstacle } from "../../support/obstacle.js";
import { active, attempt, clatd, run, serverV4, settled, spawnClatd, status, until } from "../../support/whole-lab.js";

const missing = (await programExists("", "tayga")) ? undefined : "tayga is not installed (package tayga)";
const count = 5;
/** Of an ICMP echo with 100 octets of data. */
const [v4Octets, v6Octets] = [128, 148] as const;

it("status, its JSON and the metrics have what came out of TAYGA, by direction, and say that drops are not known", async ({
  skip,
}) => {
  if (labObstacle !== undefined) skip(labObstacle);
  if (missing !== undefined) skip(missing);
  await using lab = await startLab("464xlat-builtin", { clatd: false });
  await settled(lab);
  await using _daemon = await spawnClatd(lab, "engine=tayga");
  expect((await active(lab))?.translated).toEqual({
    v4ToV6: { packets: 0, octets: 0 },
    v6ToV4: { packets: 0, octets: 0 },
  });
  expect(await attempt(lab, { kind: "ping", to: serverV4, size: 100, count })).toMatchObject({ ok: true });
  const record = await until(
    () => status(lab),
    (now) => (now?.translated?.v6ToV4.packets ?? 0) >= count,
    30_000,
  );
  expect(record?.counters).toBeUndefined();
  expect(record?.translated).toEqual({
    v4ToV6: { packets: count, octets: count * v6Octets },
    v6ToV4: { packets: count, octets: count * v4Octets },
  });
  const { stdout } = await clatd(lab, "status");
  expect(stdout).toContain("transfer: 740 B in 5 packets sent, 640 B in 5 packets received, as translated");
  expect(stdout).toContain("dropped: not known: tayga does not tell");

  const text = await run(lab, "curl -sS --unix-socket /run/clatd/*/clat.sock http://clatd/metrics");
  // The output comes without its last line end.
  const families = readExposition(`${text}\n`);
  expect(families.get("clatd_translated_bytes_total")?.samples.map(({ value }) => value)).toEqual([740, 640]);
  expect([...families.keys()].filter((name) => /packets|bytes_total/.test(name))).toEqual([
    "clatd_translated_packets_total",
    "clatd_translated_bytes_total",
  ]);
}, 240_000);
