// PLAT and DNS64 of either kind, without any CLAT: what native IPv6 reaches through them.

import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Lab, startLab } from "../../../lab/lab.js";
import { missingPrograms, programs } from "../../../lab/programs.js";
import { labObstacle } from "../../support/obstacle.js";
import { until } from "./host-state.js";

const SERVER = "2001:db8:64::c633:6402";
const probe = (kind: string, request: object): string[] => [
  programs.node,
  `${programs.dist}/lab/probe/probe.js`,
  kind,
  JSON.stringify(request),
];

describe.each([
  ["464xlat-builtin", ["nft", "ping", "traceroute"]],
  ["464xlat", ["tayga", "unbound", "nft", "ping", "traceroute"]],
])("%s", (name, packages) => {
  describe("without clatd", () => {
    const obstacle = labObstacle ?? missingPrograms(packages);
    let lab: Lab;
    const run = async (kind: string, request: object): Promise<{ ok: boolean; detail: string }> =>
      JSON.parse((await lab.exec("host", probe(kind, request))).stdout) as { ok: boolean; detail: string };

    beforeAll(async () => {
      if (obstacle !== undefined) return;
      lab = await startLab(name, { clatd: false });
      await until("the way to the server", async () => (await lab.exec("host", `ping -c1 -W1 ${SERVER}`)).code === 0);
    });
    beforeEach(({ skip }) => {
      if (obstacle !== undefined) skip(obstacle);
    });
    afterAll(() => lab?.[Symbol.asyncDispose]());

    it("the host has no IPv4", async () => {
      const { addresses, routes } = await lab.snapshot("host");
      expect(addresses.filter(({ family, dev }) => family === 4 && dev !== "lo")).toEqual([]);
      expect(routes.filter(({ family, destination }) => family === 4 && destination === "default")).toEqual([]);
    });

    it("DNS64 tells the PREF64 (RFC 7050) and makes AAAA records for names with only A records (RFC 6147)", async () => {
      expect(
        await run("dns", { query: "ipv4only.arpa", type: "AAAA", answer: "2001:db8:64::c000:aa", timeout: 10_000 }),
      ).toMatchObject({ ok: true });
      expect(await run("dns", { query: "v4only.example.com", type: "AAAA", timeout: 10_000 })).toEqual({
        ok: true,
        detail: SERVER,
      });
      expect(await run("dns", { query: "nowhere.example.com", type: "AAAA", timeout: 10_000 })).toMatchObject({
        ok: false,
        detail: expect.stringContaining("ENOTFOUND"),
      });
    });

    it("the server sees the PLAT's own IPv4 address", async () => {
      const request = {
        url: "http://v4only.example.com/",
        family: 6,
        download: 2e6,
        upload: 2e6,
        streams: 2,
        seenFrom: "^198\\.51\\.100\\.1$",
        timeout: 60_000,
      };
      expect(await run("http", request)).toMatchObject({ ok: true });
    });

    it("UDP of every size comes back, in fragments too", async () => {
      const sizes = [0, 1, 1200, 1452, 1473, 4000, 9000, 65_000];
      expect(await run("udp-echo", { to: SERVER, port: 7, sizes, zeroChecksum: false, timeout: 10_000 })).toEqual({
        ok: true,
        detail: `${sizes.join(", ")} octets`,
      });
    });

    it("traceroute goes through to the server", async () => {
      const { stdout } = await lab.exec("host", `traceroute -n -q1 -w10 ${SERVER}`);
      expect(stdout).not.toContain("*");
      expect(stdout).toMatch(new RegExp(`  ${SERVER}  [\\d.]+ ms\\s*$`, "u"));
    });

    it("an ICMPv4 error from behind the PLAT reaches the IPv6 host: a smaller MTU there is a Packet Too Big here", async () => {
      for (const [node, dev] of [
        ["plat", "eth1"],
        ["server", "eth0"],
      ] as const)
        expect(await lab.exec(node, `ip link set ${dev} mtu 1300`)).toMatchObject({ code: 0 });
      const { stdout } = await lab.exec("host", `ping -c2 -i0.2 -W10 -M do -s 1352 ${SERVER}`);
      expect(stdout).toMatch(/Packet too big: mtu=1320/);
    });

    it("an unreachable port is told at once", async () => {
      expect(await run("tcp", { to: SERVER, port: 9, timeout: 10_000 })).toMatchObject({
        ok: false,
        detail: expect.stringContaining("ECONNREFUSED"),
      });
    });

    it("works again after the PLAT was stopped and started", async () => {
      const plat = lab.service("plat");
      await plat.stop();
      expect((await lab.exec("host", `ping -c1 -W1 ${SERVER}`)).code).not.toBe(0);
      await plat.start();
      await until("an answer", async () => (await lab.exec("host", `ping -c1 -W1 ${SERVER}`)).code === 0);
    });
  });
});
