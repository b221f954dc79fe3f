// A load over loopback, to a socket that takes what its buffer holds: a steady one ends when it should, whatever the machine does.

import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { sendLoad } from "../../../../lab/bench/tester/load.js";
import { close, connectedUdp } from "../../../../lab/bench/tester/sockets.js";
import { isWhole } from "../../../../lab/bench/udp.js";

let receiver: Socket;
let fd: number;

beforeEach(async () => {
  receiver = createSocket("udp4");
  receiver.bind(0, "127.0.0.1");
  await once(receiver, "listening");
  fd = connectedUdp({ address: "127.0.0.1", port: receiver.address().port });
});
afterEach(() => {
  close(fd);
  receiver.close();
});

describe("sendLoad()", () => {
  it("sends as many datagrams as the rate and the time make", () => {
    expect(sendLoad(fd, { size: 64, rate: 1000, seconds: 0.02 }).sent).toBe(20);
  });

  it("gives up a rate beyond it a tenth of the time too late, which fails the trial", () => {
    const planned = 0.05;
    const { sent, seconds } = sendLoad(fd, { size: 64, rate: 1e9, seconds: planned });
    expect(sent).toBeLessThan(1e9 * planned);
    expect(isWhole({ sent, received: sent, seconds }, planned)).toBe(false);
  });

  it("counts each datagram of a train", () => {
    expect(sendLoad(fd, { size: 64, seconds: 0.001, train: 8 }).sent % 8).toBe(0);
  });
});
