// What `clatd status` shows: one record, plain JSON, with a version so that programs may rely on its fields.

import type { Applied } from "../os/driver.js";
import type { Desired, WaitReason } from "../plan/desired.js";
import type { CounterValues } from "../xlat/counters.js";

export const statusVersion = 1;

export interface StatusRecord {
  readonly version: typeof statusVersion;
  readonly pid: number;
  readonly clatDev: string;
  readonly state: Desired["state"];
  /** Seconds in this state. */
  readonly seconds: number;
  /** Why it is in this state, a sentence. */
  readonly text: string;
  /** While waiting. */
  readonly reason?: WaitReason;
  /** While active. */
  readonly active?: ActiveStatus;
  /** Absent where no translator runs in the daemon. */
  readonly counters?: CounterValues;
  /** How many effects on the system are in place. */
  readonly effects: number;
  readonly lastError?: LastError;
}

interface ActiveStatus {
  readonly pref64: string;
  readonly origin: string;
  readonly uplink: string;
  readonly v4: string;
  readonly v6: string;
  readonly engine: { readonly name: string; readonly why: string };
  /** Octets. */
  readonly mtu: { readonly v4: number; readonly v6: number };
  /** Of an Edge Relay: how many mappings, and the devices with service addresses behind them. */
  readonly relay?: { readonly mappings: number; readonly behind: readonly string[] };
}

interface LastError {
  readonly text: string;
  readonly hint: string;
  /** Seconds since it happened. */
  readonly seconds: number;
}

/** What the daemon remembers about its own course. Times are those of its clock, in milliseconds. */
export interface Course {
  readonly desired: Desired;
  readonly since: number;
  readonly lastError?: { readonly text: string; readonly hint: string; readonly at: number };
}

export interface StatusParts {
  readonly pid: number;
  readonly clatDev: string;
  readonly engineWhy: string;
  readonly applied: readonly Applied[];
  readonly counters?: CounterValues;
}

export function statusOf(course: Course, now: number, parts: StatusParts): StatusRecord {
  const { desired, lastError } = course;
  const seconds = (since: number): number => Math.round((now - since) / 100) / 10;
  return {
    version: statusVersion,
    pid: parts.pid,
    clatDev: parts.clatDev,
    state: desired.state,
    seconds: seconds(course.since),
    text: sentence(desired),
    ...(desired.state === "waiting" ? { reason: desired.reason } : {}),
    ...(desired.state === "active" ? { active: activeStatus(desired, parts.engineWhy) } : {}),
    ...(parts.counters === undefined ? {} : { counters: parts.counters }),
    effects: parts.applied.length,
    ...(lastError === undefined
      ? {}
      : { lastError: { text: lastError.text, hint: lastError.hint, seconds: seconds(lastError.at) } }),
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
  const { pref64, origin, uplink, clatV4, clatV6, engine, mtu, relay } = desired;
  const record = { pref64, origin, uplink, v4: clatV4, v6: clatV6, engine: { name: engine, why }, mtu };
  return relay === undefined ? record : { ...record, relay };
}
