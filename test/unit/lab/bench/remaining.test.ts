import { describe, expect, it } from "vitest";
import { durationText, Remaining } from "../../../../lab/bench/remaining.js";

describe("Remaining", () => {
  it("is what was planned until something has been done", () => {
    const remaining = new Remaining();
    remaining.plan(60);
    remaining.plan(40);
    expect(remaining.seconds).toBe(100);
  });

  it("corrects the rest by how long things took", () => {
    const remaining = new Remaining();
    remaining.plan(100);
    remaining.did(10, 20);
    expect(remaining.seconds).toBe(180);
    remaining.did(30, 20);
    expect(remaining.seconds).toBe(60);
  });

  it("learns nothing of what was spared", () => {
    const remaining = new Remaining();
    remaining.plan(100);
    remaining.did(50);
    expect(remaining.seconds).toBe(50);
  });

  it("is never less than nothing", () => {
    const remaining = new Remaining();
    remaining.did(5, 5);
    expect(remaining.seconds).toBe(0);
  });
});

describe("durationText()", () => {
  it.each([
    [0, "0 s"],
    [39.2, "40 s"],
    [100, "2 min"],
    [3600, "60 min"],
    [7200, "2.0 h"],
    [101_000, "28.1 h"],
    [400_000, "4.6 days"],
  ])("of %d seconds is %s", (seconds, text) => expect(durationText(seconds)).toBe(text));
});
