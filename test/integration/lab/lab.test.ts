// Labs on a real kernel: up, down, what they leave, and what their parts do. Without clatd.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { beforeEach, describe, expect, it } from "vitest";
import { type Lab, startLab } from "../../../lab/lab.js";
import { programs } from "../../../lab/programs.js";
import { readTopology } from "../../../lab/schema/read-topology.js";
import { labObstacle } from "../../support/obstacle.js";
import { stopwatch } from "../../support/stopwatch.js";
import { companions, hostState, isThere, until, untilAsBefore } from "./host-state.js";

const small = readTopology(
  "small.yml",
  `
name: small
title: A host behind a router
nodes:
  host: { kind: host }
  router: { kind: router, ra: { rdnss: dns, mtu: 1400, pref64: 64:ff9b::/96 } }
  dns: { kind: dns64, pref64: 2001:db8:64::/96, zone: { www.example.com: [198.51.100.2], six.example.com: server } }
  server: { kind: server }
links:
  - router:eth0 -- host:eth0, 2001:db8:1::/64
  - router:eth1 -- dns:eth0, 2001:db8:53::/64
  - router:eth2 -- server:eth0, 2001:db8:80::/64, 192.0.2.0/24
`,
);

const answers = async (lab: Lab, command: string): Promise<boolean | string> => {
  const { code, stdout, stderr } = await lab.exec("host", command, { timeout: 30_000 });
  return code === 0 || `${code}: ${stdout}${stderr}`;
};
const probe = (kind: string, request: object): string[] => [
  programs.node,
  `${programs.dist}/lab/probe/probe.js`,
  kind,
  JSON.stringify(request),
];
const addresses = async (lab: Lab, node: string): Promise<string[]> =>
  (await lab.snapshot(node)).addresses
    .filter(({ scope }) => scope === "global")
    .map(({ address, length }) => `${address}/${length}`);

beforeEach(({ skip }) => {
  if (labObstacle !== undefined) skip(labObstacle);
});

describe("startLab()", () => {
  it("leaves the host as it was, and no process", async () => {
    const before = await hostState();
    const lab = await startLab(small);
    const processes = await companions(lab.pid);
    expect(processes.length).toBeGreaterThan(8);
    await lab[Symbol.asyncDispose]();
    for (const pid of processes) await until(`process ${pid} has gone`, async () => !(await isThere(pid)));
    await untilAsBefore(before);
  });

  it("cannot be seen from the host while it is up", async () => {
    const before = await hostState();
    await using _lab = await startLab(small);
    await untilAsBefore(before);
  });

  it("gives the host its address, its route and its MTU by Router Advertisement (RFC 4861 §6.3.4, RFC 4862 §5.5.3)", async () => {
    await using lab = await startLab(small);
    await until("an address by SLAAC", async () => {
      const own = await addresses(lab, "host");
      return own.some((address) => address.startsWith("2001:db8:1:0:")) || own.join();
    });
    const { routes } = await lab.snapshot("host");
    expect(routes.filter(({ destination, family }) => destination === "default" && family === 6)).toMatchObject([
      { protocol: "ra", dev: "eth0" },
    ]);
    expect((await lab.exec("host", "cat /proc/sys/net/ipv6/conf/eth0/mtu")).stdout).toBe("1400");
  });

  it("gives each node its own resolver, /run and /sys", async () => {
    await using lab = await startLab(small);
    expect((await lab.exec("host", "cat /etc/resolv.conf")).stdout).toContain("nameserver 2001:db8:53::2");
    expect((await lab.exec("server", "cat /etc/resolv.conf")).stdout).toBe("# no resolver");
    expect((await lab.exec("host", "ls /sys/class/net")).stdout.split("\n")).toEqual(["eth0", "lo"]);
    await lab.exec("host", "touch /run/mine");
    expect((await lab.exec("host", "ls /run/mine")).code).toBe(0);
    expect((await lab.exec("server", "ls /run/mine")).code).not.toBe(0);
  });

  it("two labs with the same addresses do not see each other", async () => {
    await using first = await startLab(small);
    await using second = await startLab(small);
    await second.service("server").stop();
    const get = probe("http", { url: "http://[2001:db8:80::2]/", download: 0, upload: 0, streams: 1, timeout: 1000 });
    const ok = async (lab: Lab): Promise<boolean> => JSON.parse((await lab.exec("host", get)).stdout).ok === true;
    await until("the first lab's server answers", () => ok(first));
    expect(await ok(second)).toBe(false);
  });

  it("renumbers: the router's address, what it advertises, and the host takes it up", async () => {
    await using lab = await startLab(small);
    await until("the first address", async () => (await addresses(lab, "host")).length > 0);
    await lab.setLink("host", "eth0", false);
    expect(await addresses(lab, "host")).toEqual([]);
    await lab.renumber("router", "eth0", "2001:db8:99::/64");
    await lab.setLink("host", "eth0", true);
    await until("an address of the other prefix and of no more", async () => {
      const own = await addresses(lab, "host");
      return (own.length === 1 && own[0]?.startsWith("2001:db8:99:0:") === true) || own.join();
    });
    await until("a way to the router by it", () => answers(lab, "ping -c1 -W1 2001:db8:99::1"));
  });

  it("renumbers a link that stays up: the old address is told off (RFC 4862 §5.5.3 e)", async () => {
    await using lab = await startLab(small);
    const own = async (): Promise<string[]> =>
      (await lab.snapshot("host")).addresses
        .filter(({ scope, family }) => scope === "global" && family === 6)
        .map(({ address, deprecated }) => `${address.split(":")[2]} ${deprecated ? "deprecated" : "preferred"}`)
        .sort();
    const are = async (...wanted: readonly string[]): Promise<boolean | string> => {
      const seen = (await own()).join();
      return seen === wanted.join() || seen;
    };
    await until("the first address", () => are("1 preferred"));
    await lab.renumber("router", "eth0", "2001:db8:99::/64");
    await until("the second in its place", () => are("1 deprecated", "99 preferred"));
    await lab.renumber("router", "eth0", "2001:db8:1::/64");
    await until("the first in its place again", () => are("1 preferred", "99 deprecated"));
  });

  it("a router that stops is no default router any more (RFC 4861 §6.2.5), and is one again when it starts", async () => {
    await using lab = await startLab(small);
    const hasDefault = async (): Promise<boolean> =>
      (await lab.snapshot("host")).routes.some(({ destination, family }) => destination === "default" && family === 6);
    await until("a default route", hasDefault);
    await lab.service("router").stop();
    await until("no default route", async () => !(await hasDefault()));
    await lab.service("router").start();
    await until("a default route again", hasDefault);
  });

  it("answers a router solicitation at once: a link that comes back has its address within a second", async () => {
    await using lab = await startLab(small);
    // So that it cannot be an unsolicited one.
    await lab.updateRa("router", "eth0", (ra) => ({ ...ra, interval: 600 }));
    await until("the first address", async () => (await addresses(lab, "host")).length > 0);
    await lab.setLink("host", "eth0", false);
    await lab.setLink("host", "eth0", true);
    const up = stopwatch();
    await until("an address", async () => (await addresses(lab, "host")).length > 0);
    expect(up()).toBeLessThan(1000);
  });

  it("DNS64 stops, starts and takes another zone while it runs", async () => {
    await using lab = await startLab(small);
    const ask = async (query: string, within = 10_000): Promise<string> =>
      JSON.parse((await lab.exec("host", probe("dns", { query, type: "AAAA", timeout: within }))).stdout)
        .detail as string;
    await until("an answer", async () => (await ask("www.example.com")) === "2001:db8:64::c633:6402");
    expect(await ask("six.example.com")).toBe("2001:db8:80::2");
    await lab.service("dns").stop();
    expect(await ask("www.example.com", 1000)).not.toContain("2001:db8");
    await lab.service("dns").start();
    expect(await ask("www.example.com")).toBe("2001:db8:64::c633:6402");
    await lab.service("dns").update((zone) => ({ ...(zone as object), pref64: "64:ff9b::/96" }));
    await until("the other prefix", async () => (await ask("www.example.com")) === "64:ff9b::c633:6402");
  });

  it("DNS64 answers over TCP as well, several questions one after the other (RFC 1035 §4.2.2, RFC 7766 §6.2.1.1)", async () => {
    await using lab = await startLab(small);
    // Both questions at once, cut in the middle of the second one's length.
    const script = `
      import { connect } from "node:net";
      import dns from ${JSON.stringify(createRequire(import.meta.url).resolve("dns-packet"))};
      const questions = ["www.example.com", "ipv4only.arpa"].map((name, id) =>
        dns.streamEncode({ type: "query", id, questions: [{ type: "AAAA", name }] }));
      const octets = Buffer.concat(questions);
      const cut = questions[0].length + 1;
      const socket = connect(53, "2001:db8:53::2", () => socket.write(octets.subarray(0, cut)));
      socket.setNoDelay();
      let got = Buffer.alloc(0);
      let answers = 0;
      socket.on("data", (data) => {
        got = Buffer.concat([got, data]);
        while (got.length >= 2 && got.length >= 2 + got.readUInt16BE(0)) {
          const { id, answers: records } = dns.streamDecode(got.subarray(0, 2 + got.readUInt16BE(0)));
          got = got.subarray(2 + got.readUInt16BE(0));
          console.log(id + ": " + records.map(({ data }) => data).join(" "));
          answers += 1;
          if (answers === 1) socket.write(octets.subarray(cut));
          else socket.end();
        }
      });
    `;
    await until("the way to the DNS64", () => answers(lab, "ping -c1 -W1 2001:db8:53::2"));
    const asked = await lab.exec("host", [programs.node, "--input-type=module", "-e", script], { timeout: 60_000 });
    expect(asked).toEqual({
      code: 0,
      stdout: "0: 2001:db8:64::c633:6402\n1: 2001:db8:64::c000:aa 2001:db8:64::c000:ab",
      stderr: "",
    });
  });

  it("the server serves downloads and uploads with their sha256, several at once, and UDP of every size", async () => {
    await using lab = await startLab(small);
    await until("the way to the server", () => answers(lab, "ping -c1 -W1 2001:db8:80::2"));
    const http = await lab.exec(
      "host",
      probe("http", { url: "http://[2001:db8:80::2]/", download: 3e6, upload: 3e6, streams: 4, timeout: 60_000 }),
    );
    expect(JSON.parse(http.stdout)).toMatchObject({
      ok: true,
      detail: expect.stringMatching(/^24 MB in .*sha256 equal/),
    });
    const sizes = [0, 1, 1200, 1452, 1473, 4000, 9000, 65_000];
    const udp = await lab.exec(
      "host",
      probe("udp-echo", { to: "2001:db8:80::2", port: 7, sizes, zeroChecksum: false, timeout: 10_000 }),
    );
    expect(JSON.parse(udp.stdout)).toEqual({ ok: true, detail: `${sizes.join(", ")} octets` });
  });

  it("the FTP server outlives a client that breaks off its data connection", async () => {
    const served = {
      ...small,
      nodes: small.nodes.map((node) => (node.kind === "server" ? { ...node, services: ["ftp" as const] } : node)),
    };
    await using lab = await startLab(served);
    // Resets the connection as soon as it is there, before the file is asked for.
    const script = `
      import { connect } from "node:net";
      const control = connect(21, "192.0.2.2").setEncoding("utf8");
      const said = [];
      control.on("data", (text) => {
        said.push(text.slice(0, 3));
        const [, high, low] = /,(\\d+),(\\d+)\\)/.exec(text) ?? [];
        if (text.startsWith("220")) control.write("PASV\\r\\n");
        if (high !== undefined) {
          const data = connect(high * 256 + Number(low), "192.0.2.2", () => {
            data.resetAndDestroy();
            control.write("RETR file\\r\\n");
          });
        }
        if (text.includes("226 ")) control.end("QUIT\\r\\n");
      });
      control.on("close", () => console.log(said.join(" ")));
    `;
    const client = [programs.node, "--input-type=module", "-e", script];
    for (const time of ["once", "twice"]) {
      const { stdout, stderr } = await lab.exec("server", client, { timeout: 60_000 });
      expect(stdout, `${time}: ${stderr}`).toContain("220");
    }
    expect(lab.service("server").running).toBe(true);
  });

  it("exec() tells exit code and output, and ends what takes too long", async () => {
    await using lab = await startLab(small, { clatd: false });
    expect(await lab.exec("host", "echo out; echo err >&2; exit 3")).toEqual({ code: 3, stdout: "out", stderr: "err" });
    expect(await lab.exec("host", ["cat"], { input: "given" })).toMatchObject({ code: 0, stdout: "given" });
    expect((await lab.exec("host", "sleep 60", { timeout: 200 })).code).toBe(124);
    const gone = { signal: AbortSignal.abort(), timeout: 60_000 };
    expect((await lab.exec("host", "sleep 61", gone)).code).toBe(128);
    const commands = async () => (await lab.exec("host", "cat /proc/[0-9]*/cmdline | tr '\\0' ' '")).stdout;
    expect(await commands()).toContain("sleep infinity");
    // It dies with nsenter, which was killed: soon, not before.
    await until("it has ended", async () => !/sleep 6[01]/.test(await commands()));
    await expect(lab.exec("hots", "true")).rejects.toThrow(
      'Cannot run anything in "hots": there is no such node; there are host, router, dns, server',
    );
  });

  it("spawn() hears lines, and a signal reaches the command itself", async () => {
    await using lab = await startLab(small);
    await using child = lab.spawn("host", [
      "sh",
      "-c",
      "trap 'echo caught; exit 7' TERM; echo ready; while :; do sleep 0.05; done",
    ]);
    await child.line("ready");
    await child.kill("SIGTERM");
    expect(await child.exited).toBe(7);
    expect(child.output).toBe("ready\ncaught");
  });

  it("says what a service has said when it does not come up, and leaves nothing", async () => {
    const before = await hostState();
    // Nobody can serve on an address that the node does not have.
    const broken = {
      ...small,
      nodes: small.nodes.map((node) =>
        node.kind === "router" ? { ...node, ra: node.ra.map((ra) => ({ ...ra, dev: "eth9" })) } : node,
      ),
    };
    await expect(startLab(broken)).rejects.toThrow(/Cannot start process "router\/ra" in router: .*no such device/s);
    await untilAsBefore(before);
  });
});

/** A process of its own with a lab; resolves with its pid and the lab's. */
async function labProcess(): Promise<{ pid: number; holder: number; ended: Promise<unknown> }> {
  const script = `
    import { startLab } from ${JSON.stringify(`${programs.dist}/lab/lab.js`)};
    const lab = await startLab("464xlat-builtin", { clatd: false });
    console.log(lab.pid);
    setInterval(() => {}, 1000);
  `;
  const child = spawn(programs.node, ["--input-type=module", "-e", script], { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = (await once(createInterface(child.stdout), "line")) as [string];
  return { pid: child.pid ?? 0, holder: Number(line), ended: once(child, "exit") };
}

describe("kill -9 leaves nothing", () => {
  it.each(["of the process that holds the lab", "of the lab's PID 1", "of the one that waits for PID 1"])(
    "%s",
    async (victim) => {
      const before = await hostState();
      const { pid, holder, ended } = await labProcess();
      const processes = await companions(holder);
      expect(processes.length).toBeGreaterThan(8);
      const waiting = Number(readFileSync(`/proc/${holder}/stat`, "latin1").split(") ")[1]?.split(" ")[1]);
      process.kill(victim.includes("holds") ? pid : victim.includes("waits") ? waiting : holder, "SIGKILL");
      // The host's init may take its time to look after the dead.
      for (const each of processes) await until(`process ${each} has gone`, async () => !(await isThere(each)));
      if (!victim.includes("holds")) process.kill(pid, "SIGKILL");
      await ended;
      await untilAsBefore(before);
    },
  );
});
