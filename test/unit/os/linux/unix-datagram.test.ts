// datagramsTo(): datagrams to a real socket, with a file and without (unix(7)).

import { describe, expect, it } from "vitest";
import { datagramsTo, socketAddress } from "../../../../src/os/linux/unix-datagram.js";
import { NotifySocket } from "../../../support/notify-socket.js";

describe("datagramsTo()", () => {
  it.each([false, true])("send() hands over whole messages, one by one; abstract: %s", async (abstract) => {
    await using socket = await NotifySocket.open(abstract);
    const sender = datagramsTo(socket.path);
    expect(sender?.send("READY=1\nSTATUS=grün")).toBe(true);
    expect(sender?.send("WATCHDOG=1")).toBe(true);
    sender?.close();
    expect(socket.messages).toEqual(["READY=1\nSTATUS=grün", "WATCHDOG=1"]);
  });

  it("send() says where nobody listens, and does not wait for who does not read", async () => {
    expect(datagramsTo("/nonexistent/notify")?.send("READY=1")).toBe(false);
    await using socket = await NotifySocket.open();
    const sender = datagramsTo(socket.path);
    const sent = Array.from({ length: 5000 }, () => sender?.send("x".repeat(1000)));
    sender?.close();
    expect(sent[0]).toBe(true);
    expect(sent.at(-1)).toBe(false);
  });
});

describe("socketAddress()", () => {
  it("is the family and the path, with a zero behind it or, without a file, before it", () => {
    expect([...(socketAddress("/a") ?? [])]).toEqual([1, 0, 0x2f, 0x61, 0]);
    expect([...(socketAddress("@a") ?? [])]).toEqual([1, 0, 0, 0x61]);
  });

  it.each(["", "relative", "@", `/${"x".repeat(108)}`, "vsock:2:1"])("is nothing for %j", (path) => {
    expect(socketAddress(path)).toBeUndefined();
  });
});
