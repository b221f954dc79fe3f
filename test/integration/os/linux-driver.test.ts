// What only the real driver has: processes that never outlive it, supervised monitors, TUN descriptors, exact restoring.

import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import type { Applied } from "../../../src/os/driver.js";
import type { Effect, Route } from "../../../src/os/effect.js";
import { openJournal } from "../../../src/os/journal.js";
import { fileStorage, isAlive, thisOwner } from "../../../src/os/linux/journal-file.js";
import { LinuxOs } from "../../../src/os/linux/linux-os.js";
import { run } from "../../../src/os/linux/run.js";
import { sysctlCommands } from "../../../src/os/linux/sysctl-commands.js";
import { sysctlFiles } from "../../../src/os/linux/sysctl-files.js";
import { type Holder, holder, whyNot } from "./holder.js";

const reason = await whyNot();
describe("LinuxOs", () => {
  let held: Holder;
  let os: LinuxOs;

  beforeEach(async ({ skip }) => {
    if (reason !== undefined) skip(reason);
    held = await holder();
    os = new LinuxOs({ place: held.place });
    await ip(
      "link set lo up",
      "link add up0 type veth peer name up1",
      // No addresses whose duplicates are looked for: their routes would come a second or two later.
      "link set up0 addrgenmode none up",
      "link set up1 addrgenmode none up",
      "addr add 192.0.2.1/24 dev up0",
    );
    const running = async () => (await os.snapshot()).links.filter((link) => link.running).map(({ name }) => name);
    await vi.waitFor(async () => expect(await running()).toEqual(["lo", "up0", "up1"]), 60_000);
  });

  afterEach(async () => {
    if (reason !== undefined) return;
    await os[Symbol.asyncDispose]();
    await held.end();
  });

  async function ip(...lines: readonly string[]): Promise<string> {
    let out = "";
    for (const line of lines) {
      const { code, stdout, stderr } = await run([...held.place.network(undefined), "ip", ...line.split(" ")]);
      if (code !== 0) throw new Error(`ip ${line}: ${stderr}`);
      out = stdout;
    }
    return out;
  }

  async function apply(effect: Effect): Promise<Applied> {
    const applied = await os.prepare(effect);
    await os.perform(applied);
    return applied;
  }

  describe("route.withhold", () => {
    const rows: readonly (readonly [string, string, Route])[] = [
      [
        "-4 route show table all",
        "route add default via 192.0.2.2 proto dhcp metric 5 mtu lock 1260 advmss 1220 window 30000 src 192.0.2.1",
        { family: 4, destination: "default", dev: "up0", via: "192.0.2.2", table: 254, metric: 5 },
      ],
      [
        "-4 route show table all",
        "route add 100.64.0.0/10 via 10.0.0.1 dev up0 onlink table 77",
        { family: 4, destination: "100.64.0.0/10", dev: "up0", via: "10.0.0.1", table: 77 },
      ],
      [
        "-6 route show table all",
        "-6 route add default via fe80::1 dev up0 proto ra metric 1024 hoplimit 64 pref high",
        { family: 6, destination: "default", dev: "up0", via: "fe80::1", table: 254 },
      ],
    ];
    it.each(rows)("brings back what `ip %s` showed, to the letter: %s", async (show, add, route) => {
      await ip(add);
      const before = await ip(show);
      const applied = await apply({ do: "route.withhold", route });
      expect(await ip(show)).not.toBe(before);
      await os.revert(applied);
      expect(await ip(show)).toBe(before);
    });

    it("brings back what is left of a lifetime", async () => {
      await ip("-6 route add default via fe80::1 dev up0 proto ra expires 600");
      const applied = await apply({
        do: "route.withhold",
        route: { family: 6, destination: "default", dev: "up0", via: "fe80::1", table: 254 },
      });
      await os.revert(applied);
      expect(await ip("-6 route show default")).toMatch(
        /^default via fe80::1 dev up0 proto ra metric 1024 expires (5\d\d|600)sec pref medium$/,
      );
    });

    it("refuses a multipath route in so many words", async () => {
      await ip("route add default nexthop via 192.0.2.2 nexthop via 192.0.2.3");
      const route: Route = { family: 4, destination: "default", dev: "up0", via: "192.0.2.2", table: 254 };
      await expect(os.prepare({ do: "route.withhold", route })).rejects.toMatchObject({
        code: "unsupported",
        message: expect.stringContaining("it has several next hops"),
      });
    });
  });

  describe("tun()", () => {
    it("gives a descriptor with the offloads that the kernel has, and closes it", async () => {
      const applied = await apply({ do: "link.add", name: "clat", link: { kind: "tun", offloads: true } });
      const tun = os.tun("clat");
      expect(tun).toMatchObject({ headerLength: 10, offloads: { tso: true } });
      const fd = `/proc/self/fd/${tun?.fd}`;
      expect(await readFile(`/proc/self/fdinfo/${tun?.fd}`, "utf8")).toContain("clat");
      await os.revert(applied);
      expect(os.tun("clat")).toBeUndefined();
      await expect(stat(fd)).rejects.toThrow("ENOENT");
    });

    it("gives bare packets without offloads", async () => {
      await apply({ do: "link.add", name: "clat", link: { kind: "tun", offloads: false } });
      expect(os.tun("clat")).toMatchObject({ headerLength: 0, offloads: undefined });
    });

    it("leaves this process where it was", async () => {
      const before = await readdir("/sys/class/net");
      await apply({ do: "link.add", name: "clat", link: { kind: "tun", offloads: true } });
      expect(await readdir("/sys/class/net")).toEqual(before);
    });

    it("refuses a device of that name that came between, and names it too long", async () => {
      const applied = await os.prepare({ do: "link.add", name: "clat", link: { kind: "tun", offloads: true } });
      await ip("link add clat type bridge");
      await expect(os.perform(applied)).rejects.toMatchObject({
        code: "exists",
        message: expect.stringContaining('"clat"'),
      });
      await os.revert(applied);
      expect((await os.snapshot()).links).toContainEqual(expect.objectContaining({ name: "clat", kind: "bridge" }));
      await expect(
        apply({ do: "link.add", name: "a-name-too-long-for-it", link: { kind: "tun", offloads: true } }),
      ).rejects.toThrow("1 to 15 octets");
    });
  });

  describe("process.start", () => {
    it("says what a process said that ended before it was ready", async () => {
      const effect: Effect = {
        do: "process.start",
        name: "bad",
        command: ["sh", "-c", "echo I do not like this; exit 3"],
        ready: "never",
      };
      await expect(apply(effect)).rejects.toThrow(
        /^Cannot start process "bad": it ended with exit code 3; it said:\nI do not like this$/,
      );
      expect(os.isRunning("bad")).toBe(false);
    });

    it("says so where there is no such command", async () => {
      await expect(
        apply({ do: "process.start", name: "bad", command: ["no-such-command"], ready: "never" }),
      ).rejects.toThrow(/^Cannot start process "bad": no-such-command is not installed/);
    });

    it("lets it end in its own way at the undoing, and makes one end that will not", async () => {
      const file = `/run/said-${process.pid}`;
      const polite: Effect = {
        do: "process.start",
        name: "polite",
        command: ["sh", "-c", `trap 'echo bye > ${file}; exit 0' TERM; echo ready; while :; do sleep 0.02; done`],
        ready: "ready",
      };
      await os.revert(await apply(polite));
      expect(await readFile(`${held.place.root}${file}`, "utf8")).toBe("bye\n");
      const deaf: Effect = {
        do: "process.start",
        name: "deaf",
        command: ["sh", "-c", "trap '' TERM; echo ready; while :; do sleep 0.02; done"],
        ready: "ready",
      };
      await os.revert(await apply(deaf));
      expect(os.isRunning("deaf")).toBe(false);
    });

    it("lives inside the place: its network, its process ids, its environment", async () => {
      const command = [
        "sh",
        "-c",
        'ls /sys/class/net /run > /run/seen; echo "$COLOUR" >> /run/seen; echo ready; exec sleep 1000',
      ] as const;
      await apply({ do: "netns.add", name: "inner" });
      await apply({
        do: "process.start",
        in: "inner",
        name: "there",
        command,
        ready: "ready",
        env: { COLOUR: "green" },
      });
      expect(await readFile(`${held.place.root}/run/seen`, "utf8")).toContain("green");
      expect(os.isRunning("there", "inner")).toBe(true);
      await os[Symbol.asyncDispose]();
      expect(os.isRunning("there", "inner")).toBe(false);
    });
  });

  describe("watch()", () => {
    /** What a watch of `watched` tells of, from when it stands. */
    async function watchBy(
      watched: LinuxOs,
    ): Promise<{ readonly seen: Set<string>; readonly end: () => Promise<void> }> {
      const stop = new AbortController();
      const seen = new Set<string>();
      let stands: () => void = () => {};
      const standing = new Promise<void>((resolve) => {
        stands = resolve;
      });
      const watching = (async () => {
        for await (const { about } of watched.watch(stop.signal)) {
          stands();
          seen.add(about);
        }
      })();
      await standing;
      return {
        seen,
        end: async () => {
          stop.abort();
          await watching;
        },
      };
    }

    it("starts its monitors again when they die, and says that something may have been missed", async () => {
      const { seen, end } = await watchBy(os);
      // A slow machine may still be on the way to them.
      const monitors = await vi.waitFor(async () => {
        const running = await monitorsOf(process.pid);
        expect(running.map(({ command }) => command).toSorted()).toEqual(["ip", "nft"]);
        return running;
      }, 60_000);
      for (const { pid } of monitors) process.kill(pid, "SIGKILL");
      await until(
        () => ["link", "address", "route", "rule", "nft"].every((about) => seen.has(about)),
        () => `events about all (${[...seen].join()})`,
      );
      seen.clear();
      await ip("route add 198.51.100.0/24 dev up0");
      await until(
        () => seen.has("route"),
        () => "an event about the route",
      );
      await end();
      expect(await monitorsOf(process.pid)).toEqual([]);
    });

    it("says that something may have been missed where a monitor took long to listen", async () => {
      const folder = await mkdtemp(join(tmpdir(), "clatd-ip-"));
      onTestFinished(() => rm(folder, { recursive: true }));
      const slow = join(folder, "ip");
      await writeFile(slow, '#!/bin/sh\ncase $1 in monitor) sleep 2 ;; esac\nexec ip "$@"\n', { mode: 0o755 });
      const { seen, end } = await watchBy(new LinuxOs({ place: held.place, ip: slow }));
      seen.clear();
      await ip("route add 198.51.100.0/24 dev up0");
      await until(
        () => seen.has("route"),
        () => "an event about the route",
      );
      await end();
    });
  });

  describe("sysctlCommands()", () => {
    it("reads and writes what sysctlFiles() does", async () => {
      const commands = sysctlCommands(held.place.network(undefined));
      const files = sysctlFiles(held.place.netnsFile(undefined), held.place.root);
      expect(await commands.readShown()).toEqual(await files.readShown());
      await commands.write([
        { key: "net.ipv6.conf.up0.accept_ra", value: "2" },
        { key: "net.ipv4.ip_forward", value: "1" },
      ]);
      expect(await files.read("net.ipv6.conf.up0.accept_ra")).toBe("2");
      expect(await commands.read("net.ipv4.ip_forward")).toBe("1");
      for (const way of [commands, files]) {
        expect(await way.read("net.ipv6.conf.nope.accept_ra")).toBeUndefined();
        const writes = ["up0", "nope", "up1"].map((dev) => ({ key: `net.ipv6.conf.${dev}.accept_ra`, value: "0" }));
        await expect(way.write(writes)).rejects.toMatchObject({ code: "missing", done: 1 });
      }
      expect(await files.read("net.ipv6.conf.up1.accept_ra")).toBe("1");
    });
  });

  describe("commands", () => {
    it("a command that is not there is named", async () => {
      const other = new LinuxOs({ ip: "/nowhere/ip" });
      await expect(other.snapshot()).rejects.toMatchObject({
        code: "missing",
        message: "Cannot run /nowhere/ip: it is not installed",
      });
    });

    it("a host without nft has no tables", async () => {
      expect((await new LinuxOs({ nft: "/nowhere/nft" }).snapshot()).nft).toEqual([]);
    });
  });

  it("6 namespaces and 4 links are made in a few commands", async () => {
    const names = ["a", "b", "c", "d", "e", "f"];
    const lab: readonly Effect[] = [
      ...names.map((name): Effect => ({ do: "netns.add", name })),
      ...names.slice(0, 4).map(
        (name, at): Effect => ({
          do: "link.add",
          in: name,
          name: `l${at}`,
          link: { kind: "veth", peer: `r${at}`, peerNetns: names[at + 1] ?? "f" },
        }),
      ),
      ...names.flatMap((name, at): Effect[] => [
        { do: "link.set", in: name, name: "lo", up: true },
        { do: "sysctl.set", in: name, key: "net.ipv6.conf.all.forwarding", value: "1" },
        ...(at < 4 ? [{ do: "link.set", in: name, name: `l${at}`, up: true } as const] : []),
        ...(at > 0 && at < 5 ? [{ do: "link.set", in: name, name: `r${at - 1}`, up: true } as const] : []),
      ]),
    ];
    const folder = await mkdtemp(join(tmpdir(), "clatd-ip-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    const [ip, calls] = [join(folder, "ip"), join(folder, "calls")];
    await writeFile(ip, `#!/bin/sh\necho >> ${calls}\nexec ip "$@"\n`, { mode: 0o755 });
    await using counting = new LinuxOs({ place: held.place, ip });
    const applied = await counting.prepareAll(lab);
    await writeFile(calls, "");
    await counting.performAll(applied);
    // A line for each call: two for each namespace, not one for each effect.
    expect((await readFile(calls, "utf8")).length).toBeLessThan(lab.length / 2);
    expect((await os.snapshot("b")).links.filter(({ up }) => up).map(({ name }) => name)).toEqual(["l1", "lo", "r0"]);
  });
});

describe("fileStorage", () => {
  it("keeps a journal that only root can read, and that goes when all is undone", async () => {
    const directory = await mkdtemp(join(tmpdir(), "clatd-journal-"));
    const path = join(directory, "run", "journal");
    try {
      const owner = thisOwner("1.0");
      const journal = await openJournal({ storage: fileStorage, path, owner, isAlive });
      const os = new LinuxOs();
      const file: Effect = { do: "file.write", path: join(directory, "x"), text: "x" };
      await journal.apply(os, [file]);
      expect((await stat(path)).mode & 0o777).toBe(0o600);
      const other = { ...owner, pid: 1, started: "another" };
      await expect(openJournal({ storage: fileStorage, path, owner: other, isAlive })).rejects.toMatchObject({
        code: "in-use",
      });
      const again = await openJournal({ storage: fileStorage, path, owner, isAlive });
      expect(again.entries.map(({ effect }) => effect)).toEqual([file]);
      expect(await again.revertAll(os)).toEqual([]);
      expect(await readdir(join(directory, "run"))).toEqual([]);
    } finally {
      await rm(directory, { recursive: true });
    }
  });

  it("isAlive() is false for a process of that id that started at another time", () => {
    const owner = thisOwner("1.0");
    expect(isAlive(owner)).toBe(true);
    expect(isAlive({ ...owner, started: "1" })).toBe(false);
    expect(isAlive({ ...owner, pid: 4_194_304 })).toBe(false);
  });
});

async function monitorsOf(parent: number): Promise<{ readonly pid: number; readonly command: string }[]> {
  const found: { pid: number; command: string }[] = [];
  for (const name of await readdir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const line = await readFile(`/proc/${name}/stat`, "latin1").catch(() => "");
    const words = await readFile(`/proc/${name}/cmdline`, "utf8").catch(() => "");
    if (Number(line.slice(line.lastIndexOf(")") + 2).split(" ")[1]) !== parent || !words.includes("monitor")) continue;
    found.push({ pid: Number(name), command: words.split("\0")[0] ?? "" });
  }
  return found;
}

async function until(holds: () => boolean, what: () => string): Promise<void> {
  const end = Date.now() + 60_000;
  while (!holds()) {
    if (Date.now() > end) throw new Error(`Waited 60 s in vain for ${what()}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
