// The shipped scripts for OpenRC, ifupdown and NetworkManager on a Debian that has them: they are really run by those, and
// clatd comes, goes and watches as they say.

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { StatusRecord } from "../../../src/daemon/status.js";
import { labObstacle } from "../../support/obstacle.js";
import { until } from "../../support/whole-lab.js";
import { missing, unreachable } from "../packages/needed.js";
import { type DebianHost, debianHost } from "./debian-host.js";

let obstacle = labObstacle ?? missing("debootstrap") ?? unreachable();
let host: DebianHost;

beforeAll(async () => {
  if (obstacle !== undefined) return;
  const made = await debianHost().catch((error: Error) => {
    if (!/debootstrap/.test(error.message)) throw error;
    obstacle = `Debian cannot be fetched: ${error.message.split("\n")[0]}`;
  });
  if (made !== undefined) host = made;
}, 900_000);
afterAll(() => host?.[Symbol.asyncDispose]());
beforeEach(({ skip }) => {
  if (obstacle !== undefined) skip(obstacle);
});

/** Milliseconds: a start of clatd on a machine that has much else to do. */
const patience = 60_000;
const uplink = "2001:db8:1::2/64";

async function status(): Promise<StatusRecord | undefined> {
  const { code, output } = await host.try("clatd status -j");
  return code === 0 ? (JSON.parse(output) as StatusRecord) : undefined;
}

function is(state: StatusRecord["state"], but: number | undefined = undefined): Promise<StatusRecord | undefined> {
  return until(status, (now) => now?.state === state && now.pid !== but, patience);
}

/** On its way there it may wait for other reasons: a network goes bit by bit. */
function waitsFor(reason: StatusRecord["reason"]): Promise<StatusRecord | undefined> {
  return until(status, (now) => now?.state === "waiting" && now.reason === reason, patience);
}

/** All that clatd could have left: on the network, in its folder, and processes. */
function traces(): Promise<string> {
  const folder = "{ ls -A /run/clatd 2>/dev/null || true; }";
  const processes = "{ pgrep -l 'node|supervise-daemo' || true; }";
  return host.sh(`ip -o link | cut -d: -f2; ip -4 route; ip -6 rule; nft list ruleset; ${folder}; ${processes}`);
}

/** A process that has ended is seen until process 1 has heard of it. */
const untilAsBefore = (before: string): Promise<string> => until(traces, (now) => now === before, patience);

const setKeys = (...keys: string[]): Promise<string> =>
  host.sh(`printf '%s\\n' ${["plat-prefix=2001:db8:64::/96", ...keys].join(" ")} > /etc/clatd.conf`);

describe("OpenRC", () => {
  const service = (word: string): Promise<string> => host.sh(`rc-service clatd ${word} 2>&1`);
  let before: string;

  beforeEach(async () => {
    await host.sh(
      `ip link set eth0 up; ip address add ${uplink} dev eth0 nodad; ip route add default via fe80::1 dev eth0`,
    );
    before = await traces();
  });
  afterEach(async () => {
    if (obstacle !== undefined) return;
    // Where a test has failed, the next one finds what it needs all the same.
    await host.try("rc-service clatd.two stop; rc-service clatd stop");
    await setKeys();
    await host.sh("ip address flush dev eth0 scope global; ip link set eth0 down");
  });

  it("starts clatd, begins it again when it dies, takes new keys, and leaves nothing when it stops", async () => {
    expect((await host.try("rc-service clatd status")).code).toBe(3);
    await service("start");
    const first = await is("active");
    expect(await service("status")).toContain("started");
    expect(await host.sh("ip -4 route show default")).toMatch(/^default dev clat .*metric 2048/);
    expect(await host.sh("cat /var/log/clatd.log")).toMatch(/ active pref64=2001:db8:64::\/96/);

    await host.sh(`kill -KILL ${first?.pid}`);
    const second = await is("active", first?.pid);
    await setKeys("v4-defaultroute-metric=77");
    await service("reload");
    const route = (): Promise<string> => host.sh("ip -4 route show default");
    await until(route, (text) => text.includes("metric 77"), patience);
    expect((await status())?.pid).toBe(second?.pid);
    await setKeys("v4-defaultroute-metric=minus");
    expect(await host.try("rc-service clatd reload 2>&1")).toMatchObject({
      code: 1,
      output: expect.stringMatching(/v4-defaultroute-metric(.|\n)*the one before stays/),
    });
    await setKeys();
    await service("restart");
    await is("active", second?.pid);

    await service("stop");
    expect((await host.try("rc-service clatd status")).code).toBe(3);
    await untilAsBefore(before);
  }, 300_000);

  it("does not end a clatd by a reload right after the start, where there is no file to look over either", async () => {
    await host.sh("rm /etc/clatd.conf; rc-service clatd start 2>&1; rc-service clatd reload 2>&1");
    // One that has been ended and begun again has taken none.
    await until(status, (now) => now?.reloads.taken === 1, patience);
    await service("stop");
    expect(await traces()).toBe(before);
  }, 300_000);

  it("does not start clatd with a wrong configuration, and says what is wrong", async () => {
    await setKeys("clat-dev=");
    expect(await host.try("rc-service clatd start 2>&1")).toMatchObject({
      code: 1,
      output: expect.stringContaining("/etc/clatd.conf:2: error: "),
    });
    await untilAsBefore(before);
  }, 300_000);

  it("has an instance for each link to the script, with a file of its own", async () => {
    const keys = ["clat-dev=two", "clat-v4-addr=192.0.0.5", "clat-v6-addr=derived", "v4-defaultroute-metric=4096"];
    await host.sh("mkdir -p /etc/clatd && ln -sf /etc/init.d/clatd /etc/init.d/clatd.two");
    await host.sh(`printf '%s\\n' plat-prefix=2001:db8:64::/96 ${keys.join(" ")} > /etc/clatd/two.conf`);
    await service("start");
    await is("active");
    await host.sh("rc-service clatd.two start 2>&1");
    const second = async (): Promise<string> => (await host.try("clatd status -j two")).output;
    await until(second, (text) => text.includes('"state": "active"'), patience);
    expect((await host.sh("ip -4 route show default")).split("\n")).toMatchObject([
      expect.stringMatching(/^default dev clat .*metric 2048/),
      expect.stringMatching(/^default dev two .*metric 4096/),
    ]);
    await host.sh("rc-service clatd.two stop 2>&1");
    await service("stop");
    await untilAsBefore(before);
  }, 300_000);
});

describe("ifupdown", () => {
  it("starts clatd with the interface that gets IPv6, once; clatd sees for itself that it goes and comes back", async () => {
    const before = await traces();
    const [address, gateway] = [`address ${uplink}`, "gateway fe80::1"];
    const lines = ["iface lo inet loopback", "iface eth0 inet6 static", address, gateway, "dad-attempts 0"];
    await host.sh(`printf '%s\\n' ${lines.map((line) => `'${line}'`).join(" ")} > /etc/network/interfaces`);
    await host.sh("ifup lo 2>&1");
    expect(await status()).toBeUndefined();
    await host.sh("ifup eth0 2>&1");
    const first = await is("active");
    await host.sh("ifdown eth0 2>&1");
    await waitsFor("no-route");
    await host.sh("ifup eth0 2>&1");
    expect((await is("active"))?.pid).toBe(first?.pid);
    await host.sh("ifdown eth0 2>&1; rc-service clatd stop 2>&1; rm /etc/network/interfaces");
    await untilAsBefore(before);
  }, 300_000);
});

describe("NetworkManager", () => {
  beforeAll(async () => {
    if (obstacle !== undefined) return;
    // Veths are devices for it here, since there is no udev that would say otherwise.
    await host.sh(`
      printf '%s\\n' '[main]' plugins=keyfile 'no-auto-default=*' > /etc/NetworkManager/NetworkManager.conf
      printf '%s\\n' '#!/bin/sh' 'echo "$1 $2 $CONNECTIVITY_STATE" >> /run/dispatched' > ${dispatchers}/99-heard
      chmod 755 ${dispatchers}/99-heard
      dbus-daemon --system --fork
      NetworkManager > /var/log/networkmanager.log 2>&1`);
    // Before that it has not seen the device's carrier, and refuses a connection.
    await until(
      async () => (await host.try("nmcli -t -f DEVICE,STATE device")).output.split("\n"),
      (devices) => devices.includes("eth0:disconnected"),
      patience,
    );
    await host.sh(
      `nmcli connection add type ethernet ifname eth0 con-name uplink autoconnect no ipv4.method disabled \
        ipv6.method manual ipv6.addresses ${uplink} ipv6.gateway fe80::1`,
    );
  }, 300_000);

  const dispatchers = "/etc/NetworkManager/dispatcher.d";
  /** What NetworkManager's scripts have been run for: one by one, this one last. A line each: device, event, connectivity. */
  const dispatched = async (): Promise<string[]> =>
    (await host.sh("touch /run/dispatched; cat /run/dispatched")).split("\n");

  /** Until it is so, and clatd's script has been run for it: not in the middle of what the test does next. */
  async function connection(word: "up" | "down"): Promise<void> {
    const count = (lines: string[]): number => lines.filter((line) => line.startsWith(`eth0 ${word} `)).length;
    // clatd's own device is connectivity too, and news of it comes late.
    const isOffline = (lines: string[]): boolean =>
      lines.findLast((line) => line.startsWith(" connectivity-change "))?.endsWith(" NONE") === true;
    const before = count(await dispatched());
    await host.sh(`nmcli --wait 50 connection ${word} uplink 2>&1`);
    await until(dispatched, (lines) => count(lines) > before && (word === "up" || isOffline(lines)), patience);
  }

  it("starts clatd when a connection comes, once; clatd waits without it, and is there again with it", async () => {
    const before = await traces();
    expect(await status()).toBeUndefined();
    await connection("up");
    const first = await is("active");
    await connection("down");
    await waitsFor("no-route");
    await connection("up");
    expect((await is("active"))?.pid).toBe(first?.pid);
    // In this order: scripts that are still to be run for what came do not start it anew.
    await connection("down");
    await host.sh("rc-service clatd stop 2>&1");
    await untilAsBefore(before);
  }, 300_000);

  it("starts a clatd with once=yes, which ends with its connection, with each that comes", async () => {
    await setKeys("once=yes");
    await connection("up");
    const first = await is("active");
    await connection("down");
    await until(
      async () => (await host.try(`kill -0 ${first?.pid} 2>&1`)).code,
      (code) => code !== 0,
      patience,
    );
    await connection("up");
    await is("active", first?.pid);
    // In this order: scripts that are still to be run for what came do not start it anew.
    await connection("down");
    await host.sh("rc-service clatd stop 2>&1");
    await setKeys();
  }, 300_000);

  it("starts nothing for a network that has gone, for clatd's own device, and for what is no matter of clatd's", async () => {
    const script = `${dispatchers}/50-clatd`;
    await host.sh(
      `CONNECTIVITY_STATE=NONE ${script} none connectivity-change; ${script} lo up; ${script} clat up; ${script} eth0 hostname`,
    );
    expect((await host.try("rc-service clatd status")).code).toBe(3);
    await host.sh(`CONNECTIVITY_STATE=LIMITED ${script} none connectivity-change`);
    await is("waiting");
    await host.sh("rc-service clatd stop 2>&1");
  }, 300_000);
});
