// What `clatd status` shows: one record, plain JSON, with a version so that programs may rely on its fields, which
// status-schema.ts has one by one.

import type { z } from "zod";
import type { Applied } from "../os/driver.js";
import type { DeviceTraffic } from "../os/traffic.js";
import type { Desired } from "../plan/desired.js";
import type { CounterValues } from "../xlat/counters.js";
import type { statusSchema, statusSchemaVersion } from "./status-schema.js";

export const statusVersion: typeof statusSchemaVersion = 2;

export type StatusRecord = z.infer<typeof statusSchema>;
type ActiveStatus = NonNullable<StatusRecord["active"]>;

/** What the daemon remembers about its own course. Times are those of its clock, in milliseconds. */
export interface Course {
  readonly desired: Desired;
  readonly since: number;
  /** Configurations that were read anew. */
  readonly reloads: { readonly taken: number; readonly refused: number };
  /** The configuration that was read last was refused: why. */
  readonly refused?: string;
  readonly lastError?: { readonly text: string; readonly hint: string; readonly at: number };
}

/** The process that the record is about. */
export interface Incumbent {
  readonly pid: number;
  /** The version of clatd. */
  readonly version: string;
  /** The time of day at a time of the daemon's clock, both in milliseconds (since 1970). */
  timeOfDay(ms: number): number;
}

export interface StatusParts extends Incumbent {
  /** When the daemon started, by its clock. */
  readonly started: number;
  /** How often the engine had ended by itself. */
  readonly restarts: number;
  readonly clatDev: string;
  readonly engineWhy: string;
  readonly applied: readonly Applied[];
  readonly counters?: CounterValues;
  /** What came out of the CLAT's device, where another program translates. */
  readonly translated?: DeviceTraffic;
}

export function statusOf(course: Course, now: number, parts: StatusParts): StatusRecord {
  const { desired, lastError } = course;
  const { translated } = parts;
  const seconds = (since: number): number => Math.round((now - since) / 100) / 10;
  const date = (ms: number): string => new Date(Math.round(parts.timeOfDay(ms))).toISOString();
  return {
    version: statusVersion,
    clatd: parts.version,
    pid: parts.pid,
    clatDev: parts.clatDev,
    state: desired.state,
    since: date(course.since),
    seconds: seconds(course.since),
    started: date(parts.started),
    text: sentence(desired),
    ...(desired.state === "waiting" ? { reason: desired.reason } : {}),
    ...(desired.state === "active" ? { active: activeStatus(desired, parts.engineWhy) } : {}),
    ...(parts.counters === undefined ? {} : { counters: parts.counters }),
    ...(translated === undefined ? {} : { translated: { v4ToV6: translated.v6, v6ToV4: translated.v4 } }),
    restarts: parts.restarts,
    reloads: course.reloads,
    effects: parts.applied.length,
    ...(lastError === undefined
      ? {}
      : {
          lastError: {
            text: lastError.text,
            hint: lastError.hint,
            at: date(lastError.at),
            seconds: seconds(lastError.at),
          },
        }),
  };
}

function sentence(desired: Desired): string {
  switch (desired.state) {
    case "active":
      return `IPv4 goes through ${desired.uplink} to the PLAT at ${desired.pref64}`;
    case "waiting":
      return desired.text;
    case "stopping":
      return "Putting everything back";
  }
}

function activeStatus(desired: Extract<Desired, { state: "active" }>, why: string): ActiveStatus {
  const { pref64, origin, uplink, clatV4, clatV6, engine, mtu, relay, notes } = desired;
  return {
    ...{ pref64, origin, uplink, v4: clatV4, v6: clatV6, engine: { name: engine, why }, mtu },
    ...(relay === undefined ? {} : { relay }),
    ...(notes.length === 0 ? {} : { notes }),
  };
}
