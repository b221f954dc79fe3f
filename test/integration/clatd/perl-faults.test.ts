// The faults of the Perl clatd, each as a test that this one does better. On real packets.

import { beforeEach, describe, expect, it } from "vitest";
import { type Lab, startLab } from "../../../lab/lab.js";
import { missingPrograms, programs } from "../../../lab/programs.js";
import type { Topology } from "../../../lab/topology.js";
import { labObstacle } from "../../support/obstacle.js";
import {
  active,
  clatd,
  differenceTo,
  ipv4Works,
  restored,
  settled,
  spawnClatd,
  status,
  until,
} from "../../support/whole-lab.js";

const topology = "464xlat-builtin";
const withoutClatd = { clatd: false } as const;
const pref64 = "2001:db8:64::/96";

beforeEach(({ skip }) => {
  if (labObstacle !== undefined) skip(labObstacle);
});

/** The network's PREF64 is another one, in its PLAT, its DNS64 and its Router Advertisements. */
const withPref64 = (other: string) => (given: Topology) =>
  JSON.parse(JSON.stringify(given).replaceAll(pref64, other)) as Topology;

async function sh(lab: Lab, line: string): Promise<string> {
  const { code, stdout, stderr } = await lab.exec("host", ["sh", "-c", line]);
  if (code !== 0) throw new Error(`${line}: exit code ${code}: ${stderr}`);
  return stdout.trim();
}

describe("the Perl clatd rejects /40 prefixes", () => {
  const other = "2001:db8:4600::/40";

  it("this one finds and uses one", async () => {
    await using lab = await startLab(topology, { edit: withPref64(other) });
    expect((await active(lab))?.active).toMatchObject({ pref64: other });
    expect(await ipv4Works(lab)).toBe(true);
  });

  it("this one takes one from its configuration", async () => {
    await using lab = await startLab(topology, { ...withoutClatd, edit: withPref64(other) });
    await using _daemon = await spawnClatd(lab, `plat-prefix=${other}`);
    expect((await active(lab))?.active).toMatchObject({ pref64: other, origin: "static" });
    expect(await ipv4Works(lab)).toBe(true);
  });
});

describe("the Perl clatd stops at an AAAA record without a well-known address", () => {
  /** Answers every question with two AAAA records: one that means nothing (RFC 7050 §3), and one that does. */
  const server = `
    const socket = require("node:dgram").createSocket("udp6");
    const record = (address) => Buffer.concat([Buffer.from("c00c001c00010000012c0010", "hex"), Buffer.from(address, "hex")]);
    socket.on("message", (query, from) => {
      const answer = Buffer.concat([query.subarray(0, 12 + 15 + 4), record("20010db8000000000000000000000bad"), record("20010db80064000000000000c00000aa")]);
      answer.writeUInt16BE(0x8180, 2);
      answer.writeUInt16BE(2, 6);
      answer.writeUInt16BE(0, 10);
      socket.send(answer, from.port, from.address);
    });
    socket.bind(53, "::1", () => console.log("listening"));
  `;

  it("this one passes over it and takes the next", async () => {
    await using lab = await startLab(topology, withoutClatd);
    await settled(lab);
    await using dns = lab.spawn("host", [programs.node, "-e", server]);
    await dns.line("listening");
    await using _daemon = await spawnClatd(lab, "dns64-servers=::1");
    expect((await active(lab))?.active).toMatchObject({ pref64, origin: "dns64" });
    expect(await ipv4Works(lab)).toBe(true);
  });
});

describe("the Perl clatd ignores SIGTERM to its own process", () => {
  it("this one ends in order when only its own process gets it", async () => {
    await using lab = await startLab(topology, withoutClatd);
    const before = await settled(lab);
    await using daemon = await spawnClatd(lab);
    const pid = (await active(lab))?.pid;
    await sh(lab, `kill -TERM ${pid}`);
    expect(await daemon.exited).toBe(0);
    expect(await differenceTo(lab, before)).toEqual([]);
  });
});

describe("the Perl clatd ends, with 0, when TAYGA dies", () => {
  it("this one starts it again, and IPv4 works again", async ({ skip }) => {
    const missing = missingPrograms(["tayga"]);
    if (missing !== undefined) skip(missing);
    await using lab = await startLab(topology, withoutClatd);
    await settled(lab);
    await using daemon = await spawnClatd(lab, "engine=tayga");
    const before = await active(lab);
    // There is no other one in the lab: its PLAT is not TAYGA.
    await sh(lab, "kill -KILL $(pidof tayga)");
    const again = await until(
      () => status(lab),
      (now) => now?.state === "active" && now.since !== before?.since,
    );
    expect(again?.restarts).toBe(1);
    expect(await ipv4Works(lab)).toBe(true);
    await daemon.kill("SIGTERM");
    expect(await daemon.exited).toBe(0);
  });
});

describe.each(["auto", "userspace plumbing=classic", "tayga"])(
  "after a SIGKILL the Perl clatd is in its own way for ever; engine=%s",
  (name) => {
    const engine = `engine=${name}`.split(" ");
    beforeEach(({ skip }) => {
      const missing = name === "tayga" ? missingPrograms(["tayga"]) : undefined;
      if (missing !== undefined) skip(missing);
    });

    it("no dead default route is left, IPv6 works, the next one starts each time, and in the end all is as before", async () => {
      await using lab = await startLab(topology, withoutClatd);
      const before = await settled(lab);
      for (let round = 1; round <= 2; round++) {
        await using killed = await spawnClatd(lab, ...engine);
        await active(lab);
        expect(await ipv4Works(lab)).toBe(true);
        await killed.kill("SIGKILL");
        await killed.exited;
        // The device goes with its process.
        await until(
          () => sh(lab, "ip -4 route show default"),
          (routes) => routes === "",
        );
        const v6 = await lab.exec("host", "curl -6 -sS --max-time 30 http://v4only.example.com/");
        expect(v6).toMatchObject({ code: 0 });
      }
      // Rules, forwarding and accept_ra: by a daemon that ends in order, or by a command.
      if (name === "auto") {
        await using last = await spawnClatd(lab, ...engine);
        await active(lab);
        await last.kill("SIGTERM");
        expect(await last.exited).toBe(0);
      } else expect(await clatd(lab, "cleanup")).toMatchObject({ code: 0 });
      await restored(lab, before);
    });
  },
);
