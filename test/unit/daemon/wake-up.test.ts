import { describe, expect, it } from "vitest";
import { WakeUp } from "../../../src/daemon/wake-up.js";
import { VirtualClock } from "../../../src/os/fake/virtual-clock.js";
import { passUntil } from "../../../src/simulation/passing-time.js";

describe("WakeUp", () => {
  it("wait() comes back at once where it has rung before, once for all rings", async () => {
    const clock = new VirtualClock();
    const bell = new WakeUp();
    bell.ring();
    bell.ring();
    expect(await bell.wait(clock, 1000, new AbortController().signal)).toBe(true);
    expect(bell.take()).toBe(false);
  });

  it("wait() comes back with the ring", async () => {
    const clock = new VirtualClock();
    const bell = new WakeUp();
    let rung: boolean | undefined;
    void bell.wait(clock, 1000, new AbortController().signal).then((result) => {
      rung = result;
    });
    void clock.sleep(400).then(() => bell.ring());
    expect(await passUntil(clock, () => rung !== undefined, 5000)).toBe(true);
    expect([rung, clock.now()]).toEqual([true, 400]);
  });

  it("wait() comes back when the time is over, or the signal aborts", async () => {
    const clock = new VirtualClock();
    const stop = new AbortController();
    const ends: string[] = [];
    void new WakeUp().wait(clock, 1000, stop.signal).then((rung) => ends.push(`${clock.now()} ${rung}`));
    void new WakeUp().wait(clock, 9000, stop.signal).then((rung) => ends.push(`${clock.now()} ${rung}`));
    void clock.sleep(3000).then(() => stop.abort());
    await passUntil(clock, () => ends.length === 2, 20_000);
    expect(ends).toEqual(["1000 false", "3000 false"]);
    expect(await new WakeUp().wait(clock, 9000, stop.signal)).toBe(false);
  });
});
