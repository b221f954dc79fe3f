// Each key of clatd.conf does on a real host what the manual page says, and everything is back afterwards. One lab; the
// engine is `userspace`, whose plumbing shows the most.

import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Lab, startLab } from "../../../lab/lab.js";
import { missingPrograms } from "../../../lab/programs.js";
import { keyNames } from "../../../src/config/key-table.js";
import { labObstacle } from "../../support/obstacle.js";
import {
  active,
  attempt,
  clatd,
  differenceTo,
  ipv4Works,
  restored,
  serverV4,
  settled,
  spawnClatd,
  status,
  until,
} from "../../support/whole-lab.js";

const engine = ["engine=userspace", "plumbing=classic"];
const prefix = "plat-prefix=2001:db8:64::/96";

let lab: Lab;
let before: Awaited<ReturnType<typeof settled>>;

beforeAll(async () => {
  if (labObstacle !== undefined) return;
  lab = await startLab("464xlat-builtin", { clatd: false });
  await sh("mkdir -p /run/f");
});
beforeEach(async ({ skip }) => {
  if (labObstacle !== undefined) skip(labObstacle);
  before = await settled(lab);
});
afterAll(() => lab?.[Symbol.asyncDispose]());

/** Runs a line in the host's shell; what it printed. Rejects where it fails. */
async function sh(line: string): Promise<string> {
  const { code, stdout, stderr } = await lab.exec("host", ["sh", "-c", line]);
  if (code !== 0) throw new Error(`${line}: exit code ${code}: ${stderr}`);
  return stdout.trim();
}

/** Writes a program into the host. */
async function program(name: string, text: string): Promise<string> {
  const path = `/run/f/${name}`;
  await lab.exec("host", ["sh", "-c", `cat > ${path} && chmod +x ${path}`], { input: text });
  return path;
}

/** The lines of a file of the host; none where it is not there. */
async function linesOf(path: string): Promise<string[]> {
  const text = await sh(`cat ${path} 2>/dev/null || true`);
  return text === "" ? [] : text.split("\n");
}

/** clatd with these keys from active to its end in order; the host is as it was before, and the exit code as expected. */
async function during(keys: readonly string[], look: () => Promise<void>, code = 0): Promise<void> {
  await using daemon = await spawnClatd(lab, ...keys);
  await active(lab);
  await look();
  await daemon.kill("SIGTERM");
  expect(await daemon.exited).toBe(code);
  expect(await differenceTo(lab, before)).toEqual([]);
}

/** clatd with these keys waits for that reason; then it is told to end. */
async function waiting(keys: readonly string[], reason: string): Promise<string> {
  await using daemon = await spawnClatd(lab, ...keys);
  const seen = await until(
    () => status(lab),
    (now) => now?.reason === reason,
  );
  await daemon.kill("SIGTERM");
  expect(await daemon.exited).toBe(0);
  expect(await differenceTo(lab, before)).toEqual([]);
  return seen?.text ?? "";
}

const native = "192.0.2.1 dev native0";
/** IPv4 of its own, over a device that leads nowhere; the words are a default route's. */
async function withNative(words: string, work: () => Promise<void>): Promise<void> {
  await sh("ip link add native0 type veth peer name native1 && ip link set native1 up && ip link set native0 up");
  await sh(`ip address add 192.0.2.2/24 dev native0 && ip route add default via ${words}`);
  try {
    // The kernel gives each end an address of the link, with a route to it, when it has seen the carrier.
    before = await until(
      () => lab.snapshot("host"),
      ({ links, addresses, routes }) =>
        ["native0", "native1"].every((end) => {
          const own = addresses.find(({ dev, scope, tentative }) => dev === end && scope === "link" && !tentative);
          const isRouted = routes.some(
            ({ type, destination }) => type === "local" && destination === `${own?.address}/128`,
          );
          return links.some(({ name, running }) => name === end && running) && isRouted;
        }),
    );
    await work();
  } finally {
    await sh("ip link del native0");
  }
}

describe("the CLAT's own keys", () => {
  it("clat-dev, clat-v4-addr, ctmark, route-table and the default route's keys name what is made", async () => {
    const keys = [
      "clat-dev=xlat7",
      "clat-v4-addr=192.0.0.5",
      "tayga-v4-addr=192.0.0.6",
      "ctmark=0x77",
      "route-table=4660",
      "v4-defaultroute-metric=77",
      "v4-defaultroute-mtu=1300",
      "v4-defaultroute-advmss=1200",
    ];
    await using daemon = await spawnClatd(lab, ...engine, ...keys);
    await until(
      async () => (await clatd(lab, "status", "-j", "clat-dev=xlat7")).stdout,
      (text) => text.includes('"active"'),
    );
    expect(await sh("ip -4 address show dev xlat7")).toContain("inet 192.0.0.5/32");
    expect(await sh("ip -4 route show default")).toMatch(/^default dev xlat7 .*metric 77 mtu 1300 advmss 1200/);
    expect(await sh("ip -6 rule show pref 1")).toMatch(/fwmark 0x77 lookup 4660/);
    expect(await sh("ip -6 route show table 4660")).toMatch(/dev xlat7/);
    expect(await sh("nft list table ip6 clatd-xlat7")).toMatch(/ct mark set 0x00000077/);
    expect(await ipv4Works(lab)).toBe(true);
    // The translator itself answers, and is the first hop.
    expect(await attempt(lab, { kind: "ping", to: "192.0.0.6", size: 56, count: 2 })).toMatchObject({ ok: true });
    expect(await attempt(lab, { kind: "traceroute", to: serverV4, hops: ["192.0.0.6"], atLeast: 4 })).toMatchObject({
      ok: true,
    });
    await daemon.kill("SIGTERM");
    expect(await daemon.exited).toBe(0);
    expect(await differenceTo(lab, before)).toEqual([]);
  });

  it("clat-v6-addr=derived has an address of its own: proxy-ND, no mark, no rule before the local table", async () => {
    await during([...engine, "clat-v6-addr=derived"], async () => {
      const v6 = (await status(lab))?.active?.v6 ?? "";
      expect(before.addresses.map(({ address }) => address)).not.toContain(v6);
      expect(await sh("ip -6 neighbour show proxy")).toMatch(new RegExp(`^${v6} dev eth0`));
      expect(await sh("nft list tables")).not.toMatch(/clatd/);
      expect(await sh("ip -6 rule show")).toMatch(/^0:\s+from all lookup local/);
      expect(await ipv4Works(lab)).toBe(true);
    });
  });

  it("proxynd-enable=no: nobody answers for the address, which is what was asked for", async () => {
    await during([...engine, "clat-v6-addr=derived", "proxynd-enable=no"], async () => {
      expect(await sh("ip -6 neighbour show proxy")).toBe("");
      expect(await sh("sysctl -n net.ipv6.conf.all.proxy_ndp")).toBe("0");
    });
  });

  it("proxynd-enable=yes with a shared address adds the entry all the same", async () => {
    await during([...engine, "proxynd-enable=yes"], async () => {
      const v6 = (await status(lab))?.active?.v6;
      expect(await sh("ip -6 neighbour show proxy")).toMatch(new RegExp(`^${v6} dev eth0`));
    });
  });

  it("ctmark=0 marks nothing: packets from the PLAT's prefix go to the CLAT", async () => {
    await during([...engine, "ctmark=0"], async () => {
      expect(await sh("nft list tables")).not.toMatch(/clatd/);
      expect(await sh("ip -6 rule show pref 1")).toMatch(/from 2001:db8:64::\/96 to 2001:db8:1:/);
      expect(await ipv4Works(lab)).toBe(true);
    });
  });

  it("forwarding-enable: accept_ra goes from 1 to 2 on the devices that have 1, and all is put back", async () => {
    await sh("ip link add quiet0 type veth peer name quiet1");
    await sh("sysctl -qw net.ipv6.conf.quiet0.accept_ra=0 net.ipv6.conf.quiet1.accept_ra=2");
    before = await lab.snapshot("host");
    await during([...engine], async () => {
      const devices = ["all", "eth0", "quiet0", "quiet1"];
      const shown = devices.map((dev) => sh(`sysctl -n net.ipv6.conf.${dev}.accept_ra`));
      expect(await Promise.all(shown)).toEqual(["1", "2", "0", "2"]);
      expect(await sh("sysctl -n net.ipv6.conf.all.forwarding")).toBe("1");
    });
    await sh("ip link del quiet0");
  });

  it("forwarding-enable=no touches neither forwarding nor accept_ra", async () => {
    await during([...engine, "forwarding-enable=no"], async () => {
      expect(await sh("sysctl -n net.ipv6.conf.all.forwarding")).toBe("0");
      expect(await sh("sysctl -n net.ipv6.conf.eth0.accept_ra")).toBe("1");
    });
  });
});

describe("scripts", () => {
  it("script-up and script-down have every key in their environment, as it is in use", async () => {
    const up = "ip -o route get 198.51.100.2 > /run/f/route; env > /run/f/up";
    await during(
      [
        ...engine,
        `script-up=${up}`,
        "script-down=env > /run/f/down; sysctl -n net.ipv6.conf.all.forwarding > /run/f/forwarding",
      ],
      async () => {
        const v6 = (await status(lab))?.active?.v6;
        const expected = [
          "quiet=0",
          "debug=0",
          "clat_dev=clat",
          "clat_v4_addr=192.0.0.1",
          `clat_v6_addr=${v6}`,
          "ctmark=0xc1a7",
          "plat_prefix=2001:db8:64::/96",
          "plat_dev=eth0",
          "proxynd_enable=no",
          "route_table=0xc1a7",
          "tayga_v4_addr=192.0.0.2",
          "v4_defaultroute_metric=2048",
          "v4_defaultroute_mtu=1480",
          "v4_defaultroute_advmss=1440",
          "engine=userspace",
          "plumbing=classic",
          `script_up=${up}`,
        ];
        const environment = await linesOf("/run/f/up");
        expect(environment).toEqual(expect.arrayContaining(expected));
        for (const name of keyNames) {
          const variable = `${name.replaceAll("-", "_")}=`;
          expect(environment.some((line) => line.startsWith(variable))).toBe(true);
        }
        // It is the last before translation starts: everything else stands.
        expect(await sh("cat /run/f/route")).toMatch(/dev clat src 192\.0\.0\.1/);
      },
    );
    const environment = (lines: string[]) => lines.filter((line) => /^(clat|plat|v4|ctmark|engine)/.test(line)).sort();
    expect(environment(await linesOf("/run/f/down"))).toEqual(environment(await linesOf("/run/f/up")));
    expect(await linesOf("/run/f/forwarding")).toEqual(["1"]);
  });

  it("script-up that fails is fatal: everything is put back, and the exit code says so", async () => {
    const { code, stderr } = await clatd(
      lab,
      ...engine,
      "script-up=exit 3",
      "script-down=echo down > /run/f/after-failure",
    );
    expect(code).toBe(1);
    expect(stderr).toContain('script-up failed: exit code 3; append "|| true"');
    expect(await linesOf("/run/f/after-failure")).toEqual(["down"]);
    expect(await differenceTo(lab, before)).toEqual([]);
  });

  it("script-down that fails: everything is put back all the same, and the exit code says so", async () => {
    // Both are the shell's: substitutions, pipelines, several commands.
    const up = "for word in `echo one two`; do echo $word; done | tr a-z A-Z > /run/f/shell && test -s /run/f/shell";
    const down = "echo down >> /run/f/shell; false";
    await during([...engine, `script-up=${up}`, `script-down=${down}`], async () => {}, 1);
    expect(await linesOf("/run/f/shell")).toEqual(["ONE", "TWO", "down"]);
  });
});

describe("where the PLAT's prefix comes from", () => {
  it("plat-prefix is taken as it is, and nobody is asked", async () => {
    await lab.service("dns").stop();
    try {
      await during([...engine, prefix], async () => {
        expect((await status(lab))?.active).toMatchObject({ origin: "static", pref64: "2001:db8:64::/96" });
        expect(await ipv4Works(lab)).toBe(true);
      });
    } finally {
      await lab.service("dns").start();
    }
  });

  it("plat-fallback-prefix is taken where no other is known, and left for one that comes", async () => {
    await lab.service("dns").stop();
    await using daemon = await spawnClatd(lab, ...engine, "plat-fallback-prefix=2001:db8:64:0:0:1::/96");
    const origin = async () => (await status(lab))?.active?.origin;
    await until(origin, (now) => now === "fallback");
    await lab.service("dns").start();
    await until(origin, (now) => now === "dns64");
    await daemon.kill("SIGTERM");
    expect(await daemon.exited).toBe(0);
  });

  it("dns64-servers are asked in the place of those of resolv.conf", async () => {
    const server = lab.address("dns", 6);
    await sh("cp /etc/resolv.conf /run/f/resolv.conf && : > /etc/resolv.conf");
    try {
      await waiting([...engine], "no-pref64");
      await during([...engine, `dns64-servers=${server}`], async () => {
        expect((await status(lab))?.active?.origin).toBe("dns64");
      });
    } finally {
      await sh("cat /run/f/resolv.conf > /etc/resolv.conf");
    }
  });

  it("cmd-networkctl tells the PREF64 that systemd-networkd has, before DNS64; empty: it is not asked", async () => {
    const octets = "32,1,13,184,0,100,0,0,0,0,0,0,0,0,0,0";
    const text = `{"Interfaces":[{"Name":"lo"},{"Name":"eth0","NDisc":{"PREF64":[{"Prefix":[${octets}],"PrefixLength":96}]}}]}`;
    const networkctl = await program("networkctl", `#!/bin/sh\necho "$@" >> /run/f/networkctl.log\necho '${text}'\n`);
    const origin = async () => (await status(lab))?.active?.origin;
    await during([...engine, `cmd-networkctl=${networkctl}`], async () => {
      await until(origin, (now) => now === "networkd");
      expect(await ipv4Works(lab)).toBe(true);
    });
    expect((await linesOf("/run/f/networkctl.log"))[0]).toBe("--json=short status");
    await sh("rm /run/f/networkctl.log");
    const server = `dns64-servers=${lab.address("dns", 6)}`;
    await during([...engine, "cmd-networkctl="], async () => expect(await origin()).toBe("dns64"));
    // "Setting it skips systemd-networkd": keys.md.
    await during([...engine, `cmd-networkctl=${networkctl}`, server], async () => expect(await origin()).toBe("dns64"));
    expect(await linesOf("/run/f/networkctl.log")).toEqual([]);
  });

  it("plat-dev says which device faces the PLAT, and is waited for", async () => {
    expect(await waiting([...engine, "plat-dev=wwan0"], "no-route")).toMatch(/wwan0 \(plat-dev\) does not exist/);
    await during([...engine, "plat-dev=eth0", "clat-v6-addr=derived"], async () => {
      expect((await status(lab))?.active?.uplink).toBe("eth0");
    });
  });
});

describe("IPv4 of the host's own", () => {
  it("v4-conncheck-enable: clatd waits while there is an IPv4 default route; with no it does not", async () => {
    await withNative(native, async () => {
      expect(await waiting([...engine], "native-ipv4")).toMatch(/"default via 192\.0\.2\.1 dev native0"/);
      await during([...engine, "v4-conncheck-enable=no"], async () => {
        expect(await sh("ip -4 route show default")).toMatch(/via 192\.0\.2\.1 [\s\S]*dev clat .*metric 2048/);
      });
    });
  });

  it("v4-conncheck-delay comes before the check", async () => {
    await waiting([...engine, "v4-conncheck-delay=60"], "conncheck-delay");
    const start = performance.now();
    await during([...engine, "v4-conncheck-delay=2"], async () => {
      expect(performance.now() - start).toBeGreaterThan(2000);
    });
  });

  it("v4-defaultroute-enable=no adds none", async () => {
    await during([...engine, "v4-defaultroute-enable=no"], async () => {
      expect(await sh("ip -4 route show default")).toBe("");
      expect(await sh("ip -4 address show dev clat")).toContain("192.0.0.1/32");
    });
  });

  it("v4-defaultroute-mtu=0: neither MTU nor MSS", async () => {
    await during([...engine, "v4-defaultroute-mtu=0"], async () => {
      expect(await sh("ip -4 route show default")).not.toMatch(/mtu|advmss/);
    });
  });

  it("v4-defaultroute-replace takes the others away, and they come back exactly, also after SIGKILL", async () => {
    const odd = `${native} proto dhcp src 192.0.2.2 metric 100 mtu lock 1400 advmss 1300 initcwnd 20`;
    await withNative(odd, async () => {
      await sh("ip route add default dev native0 scope link metric 5000 proto 99");
      before = await lab.snapshot("host");
      const routes = await sh("ip -4 -details route show default");
      const keys = [...engine, "v4-defaultroute-replace=yes"];
      await during(keys, async () => {
        expect(await sh("ip -4 route show default")).toMatch(/^default dev clat .*$/);
        expect(await ipv4Works(lab)).toBe(true);
      });
      expect(await sh("ip -4 -details route show default")).toBe(routes);
      await during([...keys, "v4-defaultroute-enable=no"], async () => {
        expect(await sh("ip -4 route show default")).toBe("");
      });
      expect(await sh("ip -4 -details route show default")).toBe(routes);
      await using killed = await spawnClatd(lab, ...keys);
      await active(lab);
      await killed.kill("SIGKILL");
      await killed.exited;
      expect(await clatd(lab, "cleanup")).toMatchObject({ code: 0 });
      expect(await sh("ip -4 -details route show default")).toBe(routes);
      await restored(lab, before);
    });
  });
});

describe("once=yes", () => {
  it("ends with 1 where there is no PLAT, with 0 where the host has IPv4, and has touched nothing", async () => {
    await lab.service("dns").stop();
    const { code, stdout } = await clatd(lab, ...engine, "once=yes");
    await lab.service("dns").start();
    expect(code).toBe(1);
    expect(stdout).toMatch(/^clatd waiting reason=no-pref64/m);
    await withNative(native, async () => {
      const found = await clatd(lab, ...engine, prefix, "once=yes");
      expect(found).toMatchObject({ code: 0, stdout: expect.stringMatching(/^clatd waiting reason=native-ipv4/m) });
      expect(await differenceTo(lab, before)).toEqual([]);
    });
  });

  it("runs where there is a PLAT, and ends in order", async () => {
    // With once=yes a DNS64 that is too slow is none.
    await during([...engine, prefix, "once=yes"], async () => expect(await ipv4Works(lab)).toBe(true));
  });
});

describe("programs", () => {
  it("cmd-ip and cmd-nft are the programs that are called", async () => {
    const recorder = (name: string) =>
      program(name, `#!/bin/sh\necho called >> /run/f/${name}.log\nexec ${name} "$@"\n`);
    const [ip, nft] = [await recorder("ip"), await recorder("nft")];
    await during([...engine, `cmd-ip=${ip}`, `cmd-nft=${nft}`], async () => expect(await ipv4Works(lab)).toBe(true));
    expect((await linesOf("/run/f/ip.log")).length).toBeGreaterThan(3);
    expect((await linesOf("/run/f/nft.log")).length).toBeGreaterThan(1);
  });

  it("cmd-tayga is the program that is called", async ({ skip }) => {
    if (missingPrograms(["tayga"]) !== undefined) skip("tayga is not installed");
    const tayga = await program("tayga", '#!/bin/sh\necho called >> /run/f/tayga.log\nexec tayga "$@"\n');
    await during(["engine=tayga", `cmd-tayga=${tayga}`], async () => expect(await ipv4Works(lab)).toBe(true));
    expect(await linesOf("/run/f/tayga.log")).not.toEqual([]);
  });

  it.each([
    ["cmd-ip", "/nowhere/ip", "Cannot run /nowhere/ip: it is not installed"],
    ["cmd-nft", "/nowhere/nft", "/nowhere/nft is not installed (package nftables); cmd-nft says where it is"],
    ["cmd-nft", "", "cmd-nft is empty, so nft is not to be called"],
  ])("%s=%s is told where it is needed, and nothing is touched or left to put back", async (key, path, why) => {
    const { code, stderr } = await clatd(lab, ...engine, prefix, `${key}=${path}`, "once=yes");
    expect(code).toBe(1);
    expect(stderr.trim().split("\n")).toEqual([expect.stringContaining(why)]);
    const { stdout } = await clatd(lab, "cleanup");
    expect(stdout.trim()).toBe("Nothing to put back");
    expect(await differenceTo(lab, before)).toEqual([]);
  });

  it("cmd-nft= and cmd-tayga= do without them", async () => {
    await during([...engine, "cmd-nft=", "cmd-tayga=", "ctmark=0"], async () => {
      expect(await sh("nft list tables")).not.toMatch(/clatd/);
      expect(await ipv4Works(lab)).toBe(true);
    });
    const { code, stderr } = await clatd(lab, "engine=tayga", "cmd-tayga=", prefix, "once=yes");
    expect(code).toBe(1);
    expect(stderr).toContain("cmd-tayga is empty, so TAYGA is not to be called");
  });
});

describe("what clatd says", () => {
  /** Until active, then to its end. */
  async function said(...keys: string[]): Promise<{ out: string[]; errors: string[] }> {
    const words = keys.map((key) => `'${key}'`).join(" ");
    await sh(": > /run/f/out; : > /run/f/errors");
    const node = `exec "$0" "$@" ${words} > /run/f/out 2> /run/f/errors`;
    await using daemon = await lab.spawn("host", ["sh", "-c", node, ...clatdCommand]);
    await active(lab);
    await daemon.kill("SIGTERM");
    await daemon.exited;
    return { out: await linesOf("/run/f/out"), errors: await linesOf("/run/f/errors") };
  }
  const clatdCommand = [process.execPath, new URL("../../../dist/src/cli/clatd.js", import.meta.url).pathname];
  const failing = "script-down=false";

  it("quiet=1 is silent but for warnings and errors, -q -q (quiet=2) altogether", async () => {
    const normal = await said(...engine, failing);
    expect(normal.out.join("\n")).toMatch(/^clatd active pref64=2001:db8:64::\/96/m);
    expect(normal.errors.join("\n")).toMatch(/script-down failed/);
    const quieter = await said(...engine, failing, "quiet=1");
    expect(quieter.out).toEqual([]);
    expect(quieter.errors.join("\n")).toMatch(/script-down failed/);
    expect(await said(...engine, failing, "-q", "-q")).toEqual({ out: [], errors: [] });
  });

  it("what scripts say comes out with clatd's own lines, and they know how much is wanted", async () => {
    const loud = "script-up=echo script $quiet $debug on $clat_dev; echo aside >&2";
    const { out, errors } = await said(...engine, loud, "script-down=echo the end", "-d");
    expect(out).toEqual(expect.arrayContaining(["script 0 1 on clat", "the end"]));
    expect(errors).toEqual(["aside"]);
  });

  it("-d -d (debug=2) shows each command, debug=1 does not", async () => {
    const commands = /^clatd \+ ip route add default dev clat/m;
    expect((await said(...engine, "debug=1")).out.join("\n")).not.toMatch(commands);
    expect((await said(...engine, "-d", "-d")).out.join("\n")).toMatch(commands);
  });
});

describe("/etc/clatd.conf", () => {
  it("is read where no -c names another; arguments win over it", async () => {
    const text = `# the host's\n  ; spaces and comments\n//too\n v4-defaultroute-metric = 333\n\tplat-prefix=2001:db8:64::/96\nclat-v4-addr=192.0.0.7`;
    // Over the host's own /etc, in a mount namespace of its own.
    const overlay =
      "mkdir -p /run/f/upper /run/f/work && " +
      "mount -t overlay -o lowerdir=/etc,upperdir=/run/f/upper,workdir=/run/f/work overlay /etc && " +
      `printf '%s' "$CONF" > /etc/clatd.conf && exec "$0" "$@" engine=userspace clat-v4-addr=192.0.0.6`;
    const command = ["unshare", "-m", "--propagation", "private", "sh", "-c", overlay];
    const dist = new URL("../../../dist/src/cli/clatd.js", import.meta.url).pathname;
    await using daemon = lab.spawn("host", [...command, process.execPath, dist], { env: { CONF: text } });
    const now = await active(lab);
    expect(now?.active).toMatchObject({ origin: "static", v4: "192.0.0.6" });
    expect(await sh("ip -4 route show default")).toMatch(/metric 333/);
    await daemon.kill("SIGTERM");
    expect(await daemon.exited).toBe(0);
    expect(await differenceTo(lab, before)).toEqual([]);
  });
});
