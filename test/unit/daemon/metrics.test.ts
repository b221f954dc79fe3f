// metricsText(): the status in Prometheus's text format, read back by a strict reader.

import { mkdtemp, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openControl } from "../../../src/daemon/control.js";
import { readStatus } from "../../../src/daemon/control-client.js";
import { metricsText } from "../../../src/daemon/metrics.js";
import type { StatusRecord } from "../../../src/daemon/status.js";
import { reasons } from "../../../src/xlat/reasons.js";
import { readExposition, type Sample } from "../../support/exposition.js";
import { activeRecord, waitingRecord } from "../../support/status-records.js";

const use = { cpu: 1.25, resident: 60_000_000 };

function samples(status: StatusRecord, name: string): readonly Sample[] {
  return readExposition(metricsText(status, use)).get(name)?.samples ?? [];
}

describe("metricsText()", () => {
  it("is in the format, with a name, a help and a type for each metric", () => {
    const types = [...readExposition(metricsText(activeRecord, use)).values()].map(
      ({ name, type }) => `${name} ${type}`,
    );
    expect(types).toEqual([
      "clatd_info gauge",
      "clatd_active gauge",
      "clatd_state gauge",
      "clatd_state_changed_timestamp_seconds gauge",
      "clatd_packets_total counter",
      "clatd_bytes_total counter",
      "clatd_dropped_packets_total counter",
      "clatd_engine_restarts_total counter",
      "clatd_reloads_total counter",
      "clatd_effects gauge",
      "clatd_mtu_bytes gauge",
      "process_start_time_seconds gauge",
      "process_cpu_seconds_total counter",
      "process_resident_memory_bytes gauge",
    ]);
  });

  it("has the counters by direction, and drops by reason", () => {
    expect(samples(activeRecord, "clatd_packets_total")).toEqual([
      { name: "clatd_packets_total", labels: { direction: "v4_to_v6" }, value: 1 },
      { name: "clatd_packets_total", labels: { direction: "v6_to_v4" }, value: 2000 },
    ]);
    expect(samples(activeRecord, "clatd_bytes_total").map(({ value }) => value)).toEqual([84, 3_000_000]);
    expect(samples(activeRecord, "clatd_dropped_packets_total")[0]).toEqual({
      name: "clatd_dropped_packets_total",
      labels: { direction: "v6_to_v4", reason: "illegal-source" },
      value: 3,
    });
  });

  it("has what came out of another program that translates, and no zeros in the place of what is not known", () => {
    const { counters: _none, ...rest } = activeRecord;
    const translated = { v4ToV6: { packets: 5, octets: 740 }, v6ToV4: { packets: 4, octets: 512 } };
    const record = { ...rest, translated };
    expect(samples(record, "clatd_translated_packets_total")).toEqual([
      { name: "clatd_translated_packets_total", labels: { direction: "v4_to_v6" }, value: 5 },
      { name: "clatd_translated_packets_total", labels: { direction: "v6_to_v4" }, value: 4 },
    ]);
    expect(samples(record, "clatd_translated_bytes_total").map(({ value }) => value)).toEqual([740, 512]);
    expect(samples(record, "clatd_packets_total")).toEqual([]);
    expect(samples(record, "clatd_dropped_packets_total")).toEqual([]);
  });

  it("tells every reason that there is", () => {
    const drops = Object.fromEntries(reasons.map(({ name }, index) => [name, index + 1]));
    const counters = { v4ToV6: { packets: 1, octets: 1, drops }, v6ToV4: { packets: 1, octets: 1, drops } };
    expect(samples({ ...activeRecord, counters }, "clatd_dropped_packets_total")).toHaveLength(2 * reasons.length);
  });

  it("has the series of the counters from the start on", () => {
    expect(samples(waitingRecord, "clatd_packets_total").map(({ value }) => value)).toEqual([0, 0]);
    expect(samples(waitingRecord, "clatd_mtu_bytes")).toEqual([]);
  });

  it("has the state, since when, and what runs", () => {
    expect(samples(waitingRecord, "clatd_active")[0]?.value).toBe(0);
    expect(samples(activeRecord, "clatd_active")[0]?.value).toBe(1);
    expect(samples(waitingRecord, "clatd_state").filter(({ value }) => value === 1)).toMatchObject([
      { labels: { state: "waiting" } },
    ]);
    expect(samples(activeRecord, "clatd_state_changed_timestamp_seconds")[0]?.value).toBe(1_770_091_506.789);
    expect(samples(activeRecord, "process_start_time_seconds")[0]?.value).toBe(1_769_904_000);
    expect(samples(activeRecord, "process_cpu_seconds_total")[0]?.value).toBe(1.25);
    expect(samples(activeRecord, "clatd_info")[0]?.labels).toEqual({
      version: "0.1.0",
      clat_dev: "clat",
      engine: "userspace",
      pref64: "64:ff9b::/96",
      origin: "dns64",
      uplink: "eth0",
      v4: "192.0.0.1",
      v6: "2001:db8:1::5",
    });
  });

  it("has what only some records have", () => {
    const relay = { mappings: 12, behind: [] };
    const lastError = { text: "t", hint: "", at: "2026-02-03T04:05:06.000Z", seconds: 1 };
    const active = activeRecord.active === undefined ? {} : { active: { ...activeRecord.active, relay } };
    const full = { ...activeRecord, ...active, lastError, restarts: 3, reloads: { taken: 2, refused: 1 } };
    expect(samples(full, "clatd_mappings")[0]?.value).toBe(12);
    expect(samples(full, "clatd_last_error_timestamp_seconds")[0]?.value).toBe(1_770_091_506);
    expect(samples(full, "clatd_engine_restarts_total")[0]?.value).toBe(3);
    expect(samples(full, "clatd_reloads_total").map(({ value }) => value)).toEqual([2, 1]);
  });

  it("writes odd characters in labels as the format has them", () => {
    const clatDev = 'a"b\\c\nd';
    expect(samples({ ...waitingRecord, clatDev }, "clatd_info")[0]?.labels["clat_dev"]).toBe(clatDev);
  });
});

describe("the control socket", () => {
  /** All that it says to these pieces, sent one by one, until it hangs up. */
  async function said(pieces: readonly string[]): Promise<string> {
    const dir = await mkdtemp(join(tmpdir(), "clatd-metrics-"));
    try {
      await using control = await openControl("clat", dir, () => activeRecord);
      const socket = connect(control.path);
      socket.setEncoding("utf8");
      let text = "";
      socket.on("data", (chunk: string) => {
        text += chunk;
      });
      const end = new Promise((resolve) => socket.once("close", resolve));
      for (const piece of pieces) {
        await new Promise((resolve) => socket.write(piece, resolve));
        await new Promise((resolve) => setImmediate(resolve));
      }
      await end;
      // It goes on for others.
      expect((await readStatus(control.path)).ok).toBe(true);
      return text;
    } finally {
      await rm(dir, { recursive: true });
    }
  }

  it.each([
    ["at once", ["GET /metrics HTTP/1.1\r\nhost: clatd\r\n\r\n"]],
    ["letter by letter", [..."GET /metrics HTTP/1.1\r\nhost: clatd\r\n\r\n"]],
    ["by an old client", ["GET /metrics HTTP/1.0\r\n\r\n"]],
    ["with a query", ["GET /metrics?x=1 HTTP/1.1\r\nhost: clatd\r\n\r\n"]],
  ])("answers an HTTP request that comes %s", async (_how, pieces) => {
    const answer = await said(pieces);
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(answer).toMatch(/content-type: text\/plain; version=0\.0\.4; charset=utf-8\r\n/);
  });

  it.each([
    ["GET / HTTP/1.1\r\nhost: clatd\r\n\r\n", "404 Not Found"],
    ["DELETE /metrics HTTP/1.1\r\nhost: clatd\r\n\r\n", "405 Method Not Allowed"],
  ])("refuses %j", async (request, line) => {
    expect(await said([request])).toMatch(new RegExp(`^HTTP/1\\.1 ${line}\r\n`));
  });

  it("answers HEAD without a body, and hangs up on what is no HTTP after all", async () => {
    expect(await said(["HEAD /metrics HTTP/1.1\r\nhost: clatd\r\n\r\n"])).toMatch(
      /^HTTP\/1\.1 200 OK\r\n[\s\S]*\r\n\r\n$/,
    );
    expect(await said(["GET nonsense\r\n\r\n"])).toBe("");
  });
});
