// The engine ebpf on the real kernel: what it changes on the host and what it leaves, what cannot hurt it, and whose packets
// are whose where the host has the CLAT's address as well. That it translates rightly: main-path.test.ts, test/integration/lab.

import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Lab, startLab } from "../../../lab/lab.js";
import { programs } from "../../../lab/programs.js";
import type { Interface, Topology } from "../../../lab/topology.js";
import { engineObstacle, withEngine } from "../../support/engines.js";
import { labObstacle } from "../../support/obstacle.js";
import { tunCable } from "../../support/tun-cable.js";
import {
  active,
  attempt,
  differenceTo,
  http,
  restored,
  run,
  serverV4,
  settled,
  spawnClatd,
  status,
  until,
} from "../../support/whole-lab.js";

const obstacle = labObstacle ?? engineObstacle("ebpf");
beforeEach(({ skip }) => {
  if (obstacle !== undefined) skip(obstacle);
});

const topology = "464xlat-builtin";
const serverV6 = "2001:db8:64::c633:6402";
const MB = 1_000_000;
const engine = "engine=ebpf";

/** The links of programs that a process holds and that are on a device. */
async function linksOf(lab: Lab, pid: number | undefined): Promise<readonly string[]> {
  // Other descriptors of a running process come and go while they are read.
  const facts = await run(lab, ["sh", "-c", `grep -hs -A3 link_id: /proc/${pid}/fdinfo/*; true`]);
  const links = [...facts.matchAll(/link_id:\s*(\d+)[\s\S]*?ifindex:\s*(\d+)/g)];
  return links.flatMap(([, id = "", ifindex]) => (ifindex === "0" ? [] : [id]));
}

/** TCP both ways, UDP of every kind, ping. */
async function works(lab: Lab): Promise<void> {
  expect(await attempt(lab, { kind: "ping", to: serverV4, size: 56, count: 3 })).toMatchObject({ ok: true });
  expect(await attempt(lab, { ...http, download: MB, upload: MB })).toMatchObject({ ok: true });
  const sizes = [0, 1, 1200, 1473, 4000];
  expect(await attempt(lab, { kind: "udp-echo", to: serverV4, sizes, zeroChecksum: false })).toMatchObject({
    ok: true,
  });
}

describe("what it changes on the host", () => {
  it.each([
    ["shared", []],
    ["derived", ["clat-v6-addr=derived"]],
    ["given", ["clat-v6-addr=2001:db8:1::c1a7"]],
  ])("with a %s address: its device with IPv4, and at most one deprecated IPv6 address", async (how, keys) => {
    await using lab = await startLab(topology, { clatd: false });
    const before = await settled(lab);
    await using daemon = await spawnClatd(lab, engine, ...keys);
    await active(lab);
    await works(lab);
    const difference = await differenceTo(lab, before);
    const others = difference.filter((line) => !line.includes('"clat"') && !line.includes(".clat."));
    expect(others.map((line) => line.slice(0, 14))).toEqual(
      how === "shared" ? [] : ["+ addresses: {", '+ routes: {"de'],
    );
    if (how !== "shared") {
      expect(others[0]).toContain('"deprecated":true');
      expect(others[0]).toContain('"dev":"eth0"');
      expect(others[1]).toContain('"type":"local"');
    }
    expect(difference.filter((line) => /^. (rules|proxies|nft)/.test(line))).toEqual([]);
    await daemon.kill("SIGTERM");
    expect(await daemon.exited).toBe(0);
    expect(await differenceTo(lab, before)).toEqual([]);
  });

  it("SIGKILL leaves nothing but the address, and that until its lifetime ends", async () => {
    await using lab = await startLab(topology, { clatd: false });
    const before = await settled(lab);
    await using daemon = await spawnClatd(lab, engine, "clat-v6-addr=derived");
    const found = await active(lab);
    const ids = await linksOf(lab, found?.pid);
    expect(ids).toHaveLength(3);
    await daemon.kill("SIGKILL");
    await daemon.exited;
    for (const id of ids) {
      await until(
        async () => (await lab.exec("host", `bpftool link show id ${id}`)).code,
        (code) => code !== 0,
      );
    }
    const left = await until(
      () => differenceTo(lab, before),
      (now) => now.length <= 2,
    );
    expect(left).toHaveLength(2);
    expect(left[0]).toContain(`"address":"${found?.active?.v6}"`);
    const shown = await run(lab, `ip -6 address show to ${found?.active?.v6}`);
    const valid = Number(/valid_lft (\d+)sec/.exec(shown)?.[1]);
    expect(valid).toBeGreaterThan(0);
    expect(valid).toBeLessThanOrEqual(60);
    // A minute in two seconds.
    await run(lab, `ip -6 address change ${found?.active?.v6}/128 dev eth0 valid_lft 1 preferred_lft 0 noprefixroute`);
    await restored(lab, before);
  });

  it("the address is renewed, and answers a neighbour that asks whether it is still there", async () => {
    await using lab = await startLab(topology, { edit: withEngine("ebpf", "clat-v6-addr=derived") });
    const v6 = (await active(lab))?.active?.v6;
    const lifetime = async (): Promise<number> =>
      Number(/valid_lft (\d+)sec/.exec(await run(lab, `ip -6 address show to ${v6}`))?.[1] ?? 0);
    // As if 35 seconds had gone by; once more where clatd renews it in that very moment.
    const aged = `ip -6 address change ${v6}/128 dev eth0 valid_lft 25 preferred_lft 0 noprefixroute`;
    await until(
      async () => {
        await run(lab, aged);
        return lifetime();
      },
      (seconds) => seconds <= 25,
    );
    await works(lab);
    // A probe goes to the address itself (RFC 4861 §7.3.3).
    await run(lab, `ip -6 neighbour replace ${v6} dev eth0 nud probe lladdr ${await mac(lab)}`, "router");
    await until(
      () => run(lab, `ip -6 neighbour show ${v6}`, "router"),
      (text) => text.includes("REACHABLE"),
    );
    await until(lifetime, (seconds) => seconds > 40);
  });
});

async function mac(lab: Lab): Promise<string> {
  return (await run(lab, "cat /sys/class/net/eth0/address")).trim();
}

describe("what cannot hurt it", () => {
  const forwardDrop = (family: string): string =>
    `table ${family} strict {
  chain forward { type filter hook forward priority filter; policy drop; }
}`;
  // As its Engine makes them through iptables-nft: nothing is forwarded but to and from its own bridge.
  const docker = `
table ip filter {
  chain DOCKER-USER { return; }
  chain DOCKER-ISOLATION { iifname "docker0" oifname != "docker0" counter return; return; }
  chain FORWARD {
    type filter hook forward priority filter; policy drop;
    jump DOCKER-USER
    jump DOCKER-ISOLATION
    oifname "docker0" ct state related,established accept
    iifname "docker0" oifname != "docker0" accept
  }
}
table ip nat {
  chain POSTROUTING {
    type nat hook postrouting priority srcnat; policy accept;
    ip saddr 172.17.0.0/16 oifname != "docker0" masquerade
  }
}
table ip6 filter {
  chain FORWARD { type filter hook forward priority filter; policy drop; }
}
`;
  const strictInput = `
table inet strict {
  chain input {
    type filter hook input priority filter; policy drop;
    iif lo accept
    ct state established,related accept
    meta l4proto ipv6-icmp icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert, nd-router-advert } accept
  }
}`;

  it.each([
    ["a FORWARD policy of drop, in ip, ip6 and inet", ["ip", "ip6", "inet"].map(forwardDrop).join("\n")],
    ["a Docker host's ruleset", docker],
    ["an INPUT policy of drop that lets only answers in", strictInput],
  ])("%s, with rp_filter=1", async (_what, ruleset) => {
    await using lab = await startLab(topology, { clatd: false });
    await settled(lab);
    const { code, stderr } = await lab.exec("host", "nft -f -", { input: ruleset });
    expect([code, stderr]).toEqual([0, ""]);
    for (const dev of ["all", "default"]) await run(lab, `sysctl -qw net.ipv4.conf.${dev}.rp_filter=1`);
    await using _daemon = await spawnClatd(lab, engine);
    await active(lab);
    await works(lab);
  });

  it("a container's packets, forwarded and masqueraded as Docker does it", async () => {
    await using lab = await startLab(topology, { clatd: false });
    await settled(lab);
    expect(await lab.exec("host", "nft -f -", { input: docker })).toMatchObject({ code: 0 });
    await using _container = lab.spawn("host", ["unshare", "--net", "sleep", "1000"]);
    const inside = await until(
      async () => (await run(lab, ["sh", "-c", "pgrep -fx 'sleep 1000' || true"])).trim(),
      (text) => text !== "",
    );
    for (const line of [
      "ip link add docker0 type bridge",
      "ip address add 172.17.0.1/16 dev docker0",
      "ip link set docker0 up",
      `ip link add veth0 type veth peer name eth0 netns ${inside}`,
      "ip link set veth0 master docker0 up",
      "sysctl -qw net.ipv4.ip_forward=1",
    ]) {
      await run(lab, line);
    }
    const within = ["nsenter", "-t", inside, "-n"];
    for (const line of [
      "ip address add 172.17.0.2/16 dev eth0",
      "ip link set eth0 up",
      "ip route add default via 172.17.0.1",
    ]) {
      await run(lab, [...within, ...line.split(" ")]);
    }
    await using _daemon = await spawnClatd(lab, engine);
    await active(lab);
    expect(await run(lab, [...within, "ping", "-c", "2", "-l", "2", "-i", "10", serverV4])).toContain("2 received");
    const url = `http://${serverV4}/bytes/10000000`;
    const got = await run(lab, [
      ...within,
      "curl",
      "-sS",
      "--max-time",
      "30",
      "-o",
      "/dev/null",
      "-w",
      "%{size_download}",
      url,
    ]);
    expect(got).toBe("10000000");
    await works(lab);
  });

  it("somebody's own filters on the same hook", async () => {
    await using lab = await startLab(topology, { clatd: false });
    await settled(lab);
    await run(lab, "tc qdisc add dev eth0 clsact");
    await run(lab, "tc filter add dev eth0 ingress protocol ipv6 pref 7 u32 match u32 0 0 flowid 1:1");
    await using daemon = await spawnClatd(lab, engine);
    await active(lab);
    await works(lab);
    await daemon.kill("SIGTERM");
    await daemon.exited;
    expect(await run(lab, "tc filter show dev eth0 ingress")).toContain("pref 7");
  });
});

describe("an address that the host has as well", () => {
  let lab: Lab;
  let v6 = "";
  beforeAll(async () => {
    if (obstacle !== undefined) return;
    lab = await startLab(topology, { edit: withEngine("ebpf") });
    v6 = (await active(lab))?.active?.v6 ?? "";
  });
  afterAll(() => lab?.[Symbol.asyncDispose]());

  it("serves IPv6 sockets to the PREF64 and IPv4 sockets through the CLAT at once, from the same ports", async () => {
    const script = fileURLToPath(new URL("colliding-sockets.mjs", import.meta.url));
    const said = await run(lab, [programs.node, script, serverV4, serverV6, "192.0.0.1", v6]);
    const all = { 4: 4_000_000, 6: 4_000_000 };
    const echoes = { 4: 200, 6: 200 };
    expect(JSON.parse(said)).toEqual({
      tcp: all,
      tcpHostFirst: all,
      tcpClatFirst: all,
      udp: echoes,
      udpHostFirst: echoes,
      unconnected: echoes,
      unconnectedHostFirst: echoes,
    });
  });

  it("serves ping of both families at once; of one identifier, both see the answers of both", async () => {
    const ping = (family: 4 | 6, to: string, ...words: string[]): Promise<string> =>
      // After the last one ping waits for an interval, whatever -W says.
      run(lab, ["ping", `-${family}`, ...words, "-c", "3", "-i", "3", to]);
    const both = (...words: string[]): Promise<string[]> =>
      Promise.all([ping(4, serverV4, ...words), ping(6, serverV6, ...words)]);
    for (const text of await both()) expect(text).toMatch(/3 packets transmitted, 3 received, 0% packet loss/);
    for (const text of await both("-e", "4242")) {
      const [, sent, received] = /(\d+) packets transmitted, (\d+) received/.exec(text) ?? [];
      expect(Number(received)).toBeGreaterThanOrEqual(Number(sent));
    }
  });
});

describe("somebody who takes its programs off", () => {
  it("finds them back", async () => {
    await using lab = await startLab(topology, { edit: withEngine("ebpf") });
    const pid = (await active(lab))?.pid;
    const idsOf = (): Promise<readonly string[]> => linksOf(lab, pid);
    const before = await idsOf();
    expect(before).toHaveLength(4);
    await run(lab, `bpftool link detach id ${before[2]}`);
    // One that comes back has another number.
    expect(await idsOf()).not.toContain(before[2]);
    // Nobody tells of that; any change of the network makes clatd look.
    await run(lab, "ip address add 192.0.2.77/32 dev lo");
    await until(idsOf, (ids) => ids.length === 4 && !ids.includes(before[2] ?? ""));
    await works(lab);
  });
});

describe("uplinks", () => {
  /** A second link between the same two, on which the router advertises as well. */
  const withSecondLink = (read: Topology): Topology => {
    const link = read.links.length;
    const prefix = "2001:db8:9::/64";
    const faces: Record<string, Interface> = {
      router: { dev: "eth9", link, addresses: ["2001:db8:9::1/64"], autoconf: false },
      host: { dev: "eth1", link, addresses: [], autoconf: true },
    };
    return {
      ...read,
      links: [
        ...read.links,
        {
          ends: [
            { node: "router", dev: "eth9" },
            { node: "host", dev: "eth1" },
          ],
          prefixes: [prefix],
          mtu: 1500,
        },
      ],
      nodes: read.nodes.map((node) => {
        const face = faces[node.name];
        return face === undefined ? node : { ...node, interfaces: [...node.interfaces, face] };
      }),
    };
  };

  it("several: what leaves by one may come back by another", async () => {
    await using lab = await startLab(topology, { edit: withSecondLink, clatd: false });
    await settled(lab);
    // Another default route: another way in.
    await run(lab, "ip -6 address add 2001:db8:9::2/64 dev eth1 nodad");
    await run(lab, "ip -6 route add default via 2001:db8:9::1 dev eth1 metric 4000");
    await using _daemon = await spawnClatd(lab, engine);
    const v6 = (await active(lab))?.active?.v6;
    await run(lab, `ip -6 route add ${v6}/128 via 2001:db8:9::2 dev eth9`, "router");
    const before = await received(lab, "eth1");
    await works(lab);
    expect((await received(lab, "eth1")) - before).toBeGreaterThan(MB);
    await run(lab, `ip -6 route del ${v6}/128 via 2001:db8:9::2 dev eth9`, "router");
    // The way to the PLAT moves: the fast path moves with it, and the device stays.
    const device = await run(lab, "cat /sys/class/net/clat/ifindex");
    await run(lab, "ip -6 route add default via 2001:db8:9::1 dev eth1 metric 10");
    await until(
      () => status(lab),
      (now) => now?.active?.uplink === "eth1",
    );
    await works(lab);
    expect(await run(lab, "cat /sys/class/net/clat/ifindex")).toBe(device);
  });

  it("one without a link header", async () => {
    await using lab = await startLab(topology, { clatd: false });
    await settled(lab);
    // A cable between two TUNs, in place of a modem (wwan) or a PPP session.
    await using _cable = await tunCable(lab, { node: "host", dev: "wwan0" }, { node: "router", dev: "wwan0" });
    await lab.setLink("host", "eth0", false);
    await run(lab, "ip -6 address add 2001:db8:7::2/64 dev wwan0 nodad");
    await run(lab, "ip -6 route add default dev wwan0");
    await run(lab, "ip -6 address add 2001:db8:7::1/64 dev wwan0 nodad", "router");
    await using daemon = await spawnClatd(lab, engine);
    expect((await active(lab))?.active).toMatchObject({ uplink: "wwan0", v6: "2001:db8:7::2" });
    await works(lab);
    await daemon.kill("SIGTERM");
    expect(await daemon.exited).toBe(0);
    await using _derived = await spawnClatd(lab, engine, "clat-v6-addr=2001:db8:7::c1a7");
    await active(lab);
    await works(lab);
  });
});

async function received(lab: Lab, dev: string): Promise<number> {
  return Number(await run(lab, `cat /sys/class/net/${dev}/statistics/rx_bytes`));
}

describe("beside others", () => {
  it("two CLATs on one uplink, each with its own device and address", async () => {
    await using lab = await startLab(topology, { edit: withEngine("ebpf") });
    await active(lab);
    const second = ["clat-dev=clat2", "clat-v4-addr=192.0.0.5", "clat-v6-addr=2001:db8:1::c1a8"];
    await using other = await spawnClatd(lab, engine, ...second, "v4-defaultroute-enable=no", "v4-conncheck-enable=no");
    await other.line(/^clatd active /);
    await works(lab);
    const curl = (from: string): Promise<string> =>
      run(lab, [
        "curl",
        "-sS",
        "--max-time",
        "60",
        "--interface",
        from,
        `http://${serverV4}/bytes/1000000`,
        "-o",
        "/dev/null",
      ]);
    await run(lab, `ip route add default dev clat2 table 7`);
    await run(lab, `ip rule add from 192.0.0.5 lookup 7`);
    await Promise.all([curl("192.0.0.1"), curl("192.0.0.5")]);
    await other.kill("SIGTERM");
    expect(await other.exited).toBe(0);
    await works(lab);
  });

  it("engine=auto without the right to load BPF: userspace takes over, and status says why", async () => {
    await using lab = await startLab(topology, { clatd: false });
    await settled(lab);
    const without = ["setpriv", "--bounding-set", "-bpf,-perfmon,-sys_admin", "--"];
    await using _daemon = lab.spawn("host", [...without, programs.node, `${programs.dist}/src/cli/clatd.js`]);
    const found = (await active(lab))?.active?.engine;
    expect(found?.name).toBe("userspace");
    expect(found?.why).toMatch(
      /^the best that this host can run, with classic plumbing; not ebpf, userspace led by BPF: Cannot attach/,
    );
    await works(lab);
  });
});
