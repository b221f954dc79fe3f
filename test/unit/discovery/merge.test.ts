// mergeReports() and fixedSource().

import { describe, expect, it } from "vitest";
import { fixedSource } from "../../../src/discovery/fixed.js";
import { mergeReports, originOrder } from "../../../src/discovery/merge.js";
import type { Pref64Origin, Pref64Report } from "../../../src/discovery/source.js";

const found = (origin: Pref64Origin): Pref64Report => ({
  origin,
  found: true,
  prefixes: [`2001:db8:${origin.length}::/96`],
});
const none = (origin: Pref64Origin): Pref64Report => ({ origin, found: false, reason: `${origin} knows none` });

function merge(origins: readonly Pref64Origin[], ...reports: Pref64Report[]) {
  return mergeReports(origins, new Map(reports.map((report) => [report.origin, report])));
}

describe("mergeReports()", () => {
  it("takes the strongest that has found one: static, ra, networkd, dns64, fallback", () => {
    expect(originOrder).toEqual(["static", "ra", "networkd", "dns64", "fallback"]);
    for (const [index, origin] of originOrder.entries()) {
      const weaker = originOrder.slice(index).map(found);
      const stronger = originOrder.slice(0, index).map(none);
      expect(merge(originOrder, ...weaker.toReversed(), ...stronger)).toEqual(found(origin));
    }
  });

  it("does not wait for a stronger source, but for a fallback", () => {
    expect(merge(["ra", "dns64"], found("dns64"))).toEqual(found("dns64"));
    expect(merge(["dns64", "fallback"], found("fallback"))).toBeUndefined();
    expect(merge(["dns64", "fallback"], found("fallback"), none("dns64"))).toEqual(found("fallback"));
    expect(merge(["fallback"], found("fallback"))).toEqual(found("fallback"));
  });

  it("gives all reasons where none has found one", () => {
    expect(merge(["ra", "dns64"], none("dns64"), none("ra"))).toEqual({
      origin: "ra",
      found: false,
      reason: "ra knows none; dns64 knows none",
    });
  });

  it("does not say that there is none before all have spoken", () => {
    expect(merge(["networkd", "dns64"], none("networkd"))).toBeUndefined();
    expect(merge(["networkd", "dns64"], none("dns64"))).toBeUndefined();
    expect(merge(["networkd", "dns64"], none("networkd"), found("dns64"))).toEqual(found("dns64"));
  });

  it("knows nothing while nobody has spoken", () => {
    expect(merge(["dns64"])).toBeUndefined();
    expect(merge([])).toBeUndefined();
  });

  it("passes over sources that are not watched any more", () => {
    expect(merge(["dns64"], found("static"), none("dns64"))).toEqual(none("dns64"));
  });
});

describe("fixedSource()", () => {
  it("says its prefix once, and ends with the signal", async () => {
    const controller = new AbortController();
    const reports: Pref64Report[] = [];
    for await (const report of fixedSource("static", "64:ff9b::/96").watch(controller.signal)) {
      reports.push(report);
      setImmediate(() => controller.abort());
    }
    expect(reports).toEqual([{ origin: "static", found: true, prefixes: ["64:ff9b::/96"] }]);
  });

  it("says nothing after the signal", async () => {
    for await (const report of fixedSource("fallback", "64:ff9b::/96").watch(AbortSignal.abort())) {
      expect.fail(`it said ${JSON.stringify(report)}`);
    }
  });
});
