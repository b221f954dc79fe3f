// What every IPv4 application may do through a CLAT, while native IPv6 goes on: tests of an engine that has been raised once
// for all of them, for a `describe`.

import { expect, it, onTestFinished } from "vitest";
import type { Effect } from "../../../src/os/effect.js";
import { hostV6, type Network, serverV4, serverV6, translatorV4 } from "./network.js";

/** Between the router and the server, which the host does not see. */
export const narrowLink: readonly Effect[] = [
  { do: "link.set", name: "up", mtu: 1280, in: "router" },
  { do: "link.set", name: "eth0", mtu: 1280, in: "server" },
];

const sizes = [0, 1, 1200, 1452, 1453, 1472, 1473, 4000, 9000, 65507];
const allWhole = Object.fromEntries(sizes.map((size) => [size, "whole"]));

/** @param network there when the tests run */
export function carriesTraffic(network: () => Network): void {
  it("carries TCP both ways, every octet", async () => {
    const net = network();
    expect(await net.client("get", serverV4, 20_000_000)).toEqual({ same: true });
    expect(await net.client("put", serverV4, 20_000_000)).toEqual({ same: true });
  });

  it("carries UDP of every size both ways", async () => {
    expect(await network().client("udp", serverV4, 7, sizes.join())).toEqual(allWhole);
  });

  it("carries UDP without a checksum (RFC 7915 §4.5)", async () => {
    expect(await network().client("udp", serverV4, 7, "100", "unchecked")).toEqual({ 100: "whole" });
  });

  it("lets the server's refusals through (RFC 7915 §5.2)", async () => {
    expect(await network().client("udp", serverV4, 9, "10")).toEqual({ 10: "ECONNREFUSED" });
    expect(await network().client("connect", serverV4, 81)).toEqual({ error: "ECONNREFUSED" });
  });

  it("answers ping, the server's and the translator's own", async () => {
    const net = network();
    expect(await net.ping("host", "-s", "1400", serverV4)).toMatchObject({ code: 0 });
    expect(await net.ping("host", "-s", "4000", serverV4)).toMatchObject({ code: 0 });
    expect(await net.ping("host", translatorV4)).toMatchObject({ code: 0 });
  });

  it("tells of every hop, the host's own included (RFC 7915 §4.4)", async () => {
    const net = network();
    // 1: this host, 2: the router.
    for (const ttl of [1, 2]) {
      const { output } = await net.ping("host", "-t", `${ttl}`, serverV4);
      expect(output, `hop ${ttl}`).toContain("Time to live exceeded");
    }
    expect(await net.ping("host", "-t", "3", serverV4)).toMatchObject({ code: 0 });
  });

  it("carries native IPv6 at the same time", async () => {
    const net = network();
    const native = net.client("get", serverV6, 20_000_000);
    const translated = net.client("put", serverV4, 20_000_000);
    expect(await Promise.all([native, translated])).toEqual([{ same: true }, { same: true }]);
    expect(await net.client("udp", serverV6, 7, sizes.join())).toEqual(allWhole);
    expect(await net.ping("host", serverV6)).toMatchObject({ code: 0 });
    expect(await net.ping("router", hostV6)).toMatchObject({ code: 0 });
  });

  it("learns a smaller MTU on the way (RFC 7915 §5.2)", async () => {
    const net = network();
    const narrow = await net.apply(...narrowLink);
    onTestFinished(() => net.revert(narrow));
    expect(await net.client("put", serverV4, 1_000_000)).toEqual({ same: true });
    expect(await net.client("get", serverV4, 1_000_000)).toEqual({ same: true });
    expect(await net.client("udp", serverV4, 7, "1200,4000")).toEqual({ 1200: "whole", 4000: "whole" });
  });
}
