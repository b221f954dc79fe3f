// The pump on a pair of sockets that keep packets apart as a TUN does, so that it needs no root.

import { closeSync } from "node:fs";
import koffi from "koffi";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { engineReasons } from "../../../../src/engine/userspace/engine-drops.js";
import { Pump } from "../../../../src/engine/userspace/pump.js";
import { addressOf, makeNonBlocking, newWakeFd, read, write } from "../../../../src/os/linux/packet-calls.js";
import { type Frame, newFrame, type Outlet } from "../../../../src/xlat/frame.js";
import type { Translator } from "../../../../src/xlat/translator.js";
import { specFor } from "./spec.js";

const AF_UNIX = 1;
const SOCK_SEQPACKET = 5;
const EBADF = 9;
const socketpair = koffi.load(null).func("int socketpair(int domain, int type, int protocol, _Out_ int *pair)");
const buffer = new Uint8Array(70_000);

/** What the translator saw, and what it does with it. */
function fakeTranslator(act: (frame: Frame, outlet: Outlet, direction: string) => void): Translator {
  return {
    spec: specFor(),
    v4ToV6: (frame, outlet) => act(frame, outlet, "v4ToV6"),
    v6ToV4: (frame, outlet) => act(frame, outlet, "v6ToV4"),
  };
}

describe("Pump", () => {
  let tun: number;
  let host: number;
  let wakeFd: number;
  /** A command waits, so that run() comes back after each burst. */
  const commands = new Int32Array([1]);
  let drops: Float64Array;

  beforeEach(() => {
    const pair = [0, 0];
    expect(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair)).toBe(0);
    [tun = -1, host = -1] = pair;
    makeNonBlocking(tun);
    makeNonBlocking(host);
    wakeFd = newWakeFd();
    drops = new Float64Array(2 * engineReasons.length);
  });

  afterEach(() => {
    for (const fd of [tun, host, wakeFd]) closeSync(fd);
  });

  const pumpFor = (translator: Translator, vnetLength = 10): Pump =>
    new Pump(translator, { fd: tun, wakeFd, vnetLength, commands, drops });

  const send = (hex: string): void => {
    const octets = Buffer.from(hex.replaceAll(" ", ""), "hex");
    buffer.set(octets);
    expect(write(host, addressOf(buffer), octets.length)).toBe(octets.length);
  };

  const receive = (): string | undefined => {
    const length = read(host, addressOf(buffer), buffer.length);
    return length < 0 ? undefined : Buffer.from(buffer.subarray(0, length)).toString("hex");
  };

  const dropsNow = (): Record<string, number> =>
    Object.fromEntries(
      [...drops].flatMap((count, index) => {
        const direction = index < engineReasons.length ? "v4ToV6" : "v6ToV4";
        return count === 0 ? [] : [[`${direction} ${engineReasons[index % engineReasons.length]}`, count]];
      }),
    );

  it("hands packets to the direction of their version and writes what comes out", () => {
    const seen: string[] = [];
    const pump = pumpFor(
      fakeTranslator((frame, outlet, direction) => {
        seen.push(`${direction} ${frame.end - frame.start} ${frame.checksumStart}`);
        frame.start -= 20;
        frame.bytes.fill(0xee, frame.start, frame.start + 20);
        outlet.emit(frame, 6);
      }),
    );
    send("01000000000014000600 45112233");
    send("00000000000000000000 6655");
    expect(pump.run()).toEqual({ stopped: "command" });
    expect(seen).toEqual(["v4ToV6 4 20", "v6ToV4 2 -1"]);
    expect(receive()).toBe(`01000000000014000600${"ee".repeat(20)}45112233`);
    expect(receive()).toBe(`00000000000000000000${"ee".repeat(20)}6655`);
    expect(receive()).toBeUndefined();
  });

  it("reads and writes bare packets where the device has no virtio header", () => {
    const pump = pumpFor(
      fakeTranslator((frame, outlet) => outlet.emit(frame, 4)),
      0,
    );
    send("45112233");
    pump.run();
    expect(receive()).toBe("45112233");
  });

  it("writes frames of the translator's own, several for a packet, none for another", () => {
    const own = newFrame(100);
    const pump = pumpFor(
      fakeTranslator((frame, outlet, direction) => {
        if (direction === "v6ToV4") return;
        own.bytes.set([0x60, 1, 2], own.start);
        own.end = own.start + 3;
        outlet.emit(own, 6);
        outlet.emit(frame, 4);
      }),
    );
    send("00000000000000000000 6655");
    send("00000000000000000000 4544");
    pump.run();
    expect(receive()).toBe("00000000000000000000600102");
    expect(receive()).toBe("000000000000000000004544");
    expect(receive()).toBeUndefined();
    expect(dropsNow()).toEqual({});
  });

  it("counts what the device does not take, and goes on", () => {
    const big = newFrame(60_000);
    big.end = big.start + 60_000;
    const pump = pumpFor(fakeTranslator((_frame, outlet) => outlet.emit(big, 6)));
    for (let i = 0; i < 20; i++) send("00000000000000000000 45");
    pump.run();
    let taken = 0;
    while (receive() !== undefined) taken++;
    expect(taken).toBeGreaterThan(0);
    expect(dropsNow()).toEqual({ "v4ToV6 tun-full": 20 - taken });
  });

  it("survives a translator that throws", () => {
    const pump = pumpFor(
      fakeTranslator((frame, outlet) => {
        if (frame.end - frame.start === 1) throw new Error("a mistake");
        outlet.emit(frame, 6);
      }),
    );
    send("00000000000000000000 60");
    send("00000000000000000000 6001");
    pump.run();
    expect(receive()).toBe("000000000000000000006001");
    expect(dropsNow()).toEqual({ "v6ToV4 translator-failed": 1 });
  });

  it("ignores what is shorter than its virtio header", () => {
    const pump = pumpFor(fakeTranslator((frame, outlet) => outlet.emit(frame, 6)));
    send("0000");
    send("00000000000000000000 6001");
    pump.run();
    pump.run();
    expect(receive()).toBe("000000000000000000006001");
  });

  it("gives back the errno of a read that fails for good", () => {
    const pump = pumpFor(fakeTranslator(() => {}));
    closeSync(tun);
    expect(pump.run()).toEqual({ stopped: "command" });
    commands[0] = 0;
    expect(pump.run()).toEqual({ stopped: "read", errno: EBADF });
    commands[0] = 1;
    tun = newWakeFd();
  });
});
