// Whom to ask: resolv.conf(5) and dns64-servers.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fixedServers, parseResolvConf, resolvConfServers } from "../../../src/discovery/resolv-conf.js";

const addresses = (text: string): string[] => parseResolvConf(text).map(({ address }) => address);

describe("parseResolvConf()", () => {
  it("takes the nameserver lines in their order, the first three, each once", () => {
    const text = [
      "# nameserver 192.0.2.1",
      "; nameserver 192.0.2.2",
      "search example.org",
      "nameserver 2001:db8::53",
      "nameserver\tfe80::1%eth0",
      "  nameserver   127.0.0.53  ",
      "nameserver 2001:db8::53",
      "nameserver 192.0.2.4",
      "options edns0",
    ].join("\n");
    expect(addresses(text)).toEqual(["2001:db8::53", "fe80::1%eth0", "127.0.0.53"]);
  });

  it("passes over what is no address", () => {
    expect(addresses("nameserver dns.example\nnameserver\nnameserver 999.1.1.1\nnameservers 192.0.2.1\r\n")).toEqual(
      [],
    );
  });

  it("takes the line ends of other systems", () => {
    expect(addresses("nameserver 192.0.2.1\r\nnameserver 192.0.2.2\r\n")).toEqual(["192.0.2.1", "192.0.2.2"]);
  });

  it("takes any text", () => {
    const line = fc.oneof(
      fc.string(),
      fc.string().map((text) => `nameserver ${text}`),
      fc.ipV6().map((text) => `nameserver ${text}`),
    );
    fc.assert(fc.property(fc.array(line), (lines) => parseResolvConf(lines.join("\n")).length <= 3));
  });
});

describe("resolvConfServers()", () => {
  it("reads the file anew each time", async () => {
    let text = "";
    const servers = resolvConfServers(async () => text);
    expect(await servers()).toEqual({ ok: false, reason: "/etc/resolv.conf names no server" });
    text = "nameserver 192.0.2.53";
    expect(await servers()).toEqual({ ok: true, servers: [{ address: "192.0.2.53", port: 53 }] });
  });

  it.each([
    [Object.assign(new Error("ENOENT: no such file"), { code: "ENOENT" }), "cannot read /r: there is none yet"],
    [new Error("EIO: broken"), "cannot read /r: EIO: broken"],
  ])("says why it cannot", async (error, reason) => {
    const servers = resolvConfServers(() => Promise.reject(error), "/r");
    expect(await servers()).toEqual({ ok: false, reason });
  });
});

describe("fixedServers()", () => {
  it("are those of the configuration, on port 53", async () => {
    expect(await fixedServers(["2001:db8::53"])()).toEqual({
      ok: true,
      servers: [{ address: "2001:db8::53", port: 53 }],
    });
  });
});
