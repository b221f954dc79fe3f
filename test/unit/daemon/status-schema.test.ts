// The schema of `clatd status -j`: real records are as it says, without a field that it does not name.

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { statusVersion } from "../../../src/daemon/status.js";
import { statusJsonSchema, statusSchema, statusSchemaVersion } from "../../../src/daemon/status-schema.js";
import { Simulation, simulated } from "../../../src/simulation/simulation.js";
import { activeRecord, waitingRecord } from "../../support/status-records.js";
import { configOf } from "../plan/facts-of.js";

/** Refuses fields that are not in the schema, on every level. */
const strict = z.fromJSONSchema(
  JSON.parse(JSON.stringify(z.toJSONSchema(statusSchema))) as Parameters<typeof z.fromJSONSchema>[0],
);

describe("statusSchema", () => {
  it("is what docs/status.schema.json says (npm run docs writes it)", () => {
    expect(JSON.parse(readFileSync("docs/status.schema.json", "utf8"))).toEqual(statusJsonSchema());
  });

  it("has a description for each field", () => {
    const bare: string[] = [];
    const look = (name: string, node: unknown): void => {
      if (typeof node !== "object" || node === null) return;
      const { description, properties, type, const: fixed } = node as Record<string, unknown>;
      if (description === undefined && (type !== undefined || fixed !== undefined) && name !== "state") bare.push(name);
      for (const [key, child] of Object.entries(properties ?? {})) look(key, child);
    };
    look("status", statusJsonSchema());
    expect(bare).toEqual([]);
  });

  it("has the version that records carry", () => expect(statusVersion).toBe(statusSchemaVersion));

  it("refuses what it does not know, so that the tests below could fail", () => {
    expect(strict.safeParse({ ...waitingRecord, mood: "fine" }).success).toBe(false);
    expect(strict.safeParse({ ...waitingRecord, state: "asleep" }).success).toBe(false);
    expect(strict.safeParse({ ...waitingRecord, since: "yesterday" }).success).toBe(false);
  });

  it("takes the records of a whole course: start, waiting, active with packets, a failure, the end", async () => {
    const simulation = new Simulation({ config: configOf("engine=userspace", "plumbing=classic") });
    const seen = new Set<string>();
    const check = (): void => {
      const record: unknown = JSON.parse(JSON.stringify(simulation.status()));
      expect(strict.safeParse(record)).toMatchObject({ success: true });
      seen.add(`${simulation.status()?.state} ${simulation.status()?.reason ?? ""}`);
    };
    simulation.start({ faults: [{ fault: "fail", nth: 1 }] });
    await simulation.until("no-pref64");
    check();
    simulation.router.bring(simulated.prefix);
    await simulation.until("failed");
    check();
    await simulation.until("active");
    await simulation.application.request({ protocol: "udp" });
    check();
    expect(simulation.status()?.counters?.v4ToV6.packets).toBeGreaterThan(0);
    await simulation.stop();
    check();
    expect([...seen]).toEqual(["waiting no-pref64", "waiting failed", "active ", "stopping "]);
  });

  it("takes the records that other tests go by", () => {
    for (const record of [activeRecord, waitingRecord])
      expect(strict.safeParse(record)).toMatchObject({ success: true });
  });
});
