import { describe, expect, it } from "vitest";
import { Backoff } from "../../../src/daemon/backoff.js";

describe("Backoff", () => {
  const clockAt = (time: { now: number }) => ({ now: () => time.now, sleep: () => Promise.resolve() });

  it("failed() waits twice as long each time, a minute at most", () => {
    const backoff = new Backoff(clockAt({ now: 0 }));
    const waits = Array.from({ length: 8 }, () => backoff.failed("x"));
    expect(waits).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]);
  });

  it("failed() begins anew where the CLAT has been up for a minute, not where it was up for a moment", () => {
    const time = { now: 0 };
    const backoff = new Backoff(clockAt(time));
    backoff.failed("x");
    backoff.failed("x");
    backoff.succeeded();
    time.now += 1000;
    backoff.succeeded();
    expect(backoff.failed("x")).toBe(4000);
    backoff.succeeded();
    time.now += 60_000;
    expect(backoff.failed("x")).toBe(1000);
  });

  it("failure holds until the next attempt is due, or one has succeeded", () => {
    const time = { now: 0 };
    const backoff = new Backoff(clockAt(time));
    expect(backoff.failure).toBeUndefined();
    backoff.failed("Cannot add it");
    time.now = 400;
    expect(backoff.failure).toEqual({ text: "Cannot add it", again: 600 });
    time.now = 1000;
    expect(backoff.failure).toBeUndefined();
  });
});
