// Processes of effects on a real kernel: how their end is told, and devices that come and go with them.

import { readFile } from "node:fs/promises";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { OsEvent } from "../../../src/os/driver.js";
import type { Effect } from "../../../src/os/effect.js";
import { programExists } from "../../../src/os/linux/find-program.js";
import { LinuxOs } from "../../../src/os/linux/linux-os.js";
import { type Holder, holder, whyNot } from "./holder.js";

const obstacle = await whyNot();

describe("LinuxOs: a process of an effect", () => {
  let held: Holder;
  let os: LinuxOs;

  beforeEach(async ({ skip }) => {
    if (obstacle !== undefined) skip(obstacle);
    held = await holder();
    os = new LinuxOs({ place: held.place });
  });

  afterEach(async () => {
    await os?.[Symbol.asyncDispose]();
    await held?.end();
  });

  const start = async (effect: Effect) => {
    const applied = await os.prepare(effect);
    await os.perform(applied);
    return applied;
  };
  const shell = (script: string): Effect => ({
    do: "process.start",
    name: "one",
    command: ["sh", "-c", `echo begins; ${script}`],
    ready: "begins",
  });

  it("that ends by itself: endOf() says how and with which words, and watch() tells that it happened", async () => {
    const watching = new AbortController();
    const events = os.watch(watching.signal)[Symbol.asyncIterator]();
    await events.next();
    await start(shell("until [ -e /run/end ]; do sleep 0.02; done; echo something is wrong; exit 3"));
    expect(os.endOf("one")).toBeUndefined();
    await start({ do: "file.write", path: "/run/end", text: "" });
    const abouts: OsEvent["about"][] = [];
    while (!abouts.includes("process")) {
      const { value, done } = await events.next();
      if (done === true) throw new Error("The watch has ended");
      abouts.push(value.about);
    }
    watching.abort();
    expect(os.endOf("one")).toBe("exit code 3; it said:\nbegins\nsomething is wrong");
    expect(os.isRunning("one")).toBe(false);
  });

  it("that leaves a child behind which holds its output is stopped all the same, and the child with it", async () => {
    const script = "sleep 1000 & echo $! > /run/child; echo begins; exec sleep 1000";
    const effect = await start({ do: "process.start", name: "one", command: ["sh", "-c", script], ready: "begins" });
    const child = (await readFile(`${held.place.root}/run/child`, "utf8")).trim();
    await os.revert(effect);
    // Nobody in the holder's namespace looks after the dead: what is left of one has no command line.
    const commandLine = () => readFile(`${held.place.root}/proc/${child}/cmdline`, "utf8").catch(() => "");
    await vi.waitFor(async () => expect(await commandLine()).toBe(""), 60_000);
  });

  it("that ends and leaves such a child behind has ended", async () => {
    await start(shell("sleep 1000 & sleep 0.2; exit 3"));
    await vi.waitFor(() => expect(os.endOf("one")).toMatch(/^exit code 3/), 60_000);
  });

  it("that was stopped has no end to tell, and one that had ended is forgotten when it is undone", async () => {
    const stopped = await start(shell("exec sleep 1000"));
    await os.revert(stopped);
    expect(os.endOf("one")).toBeUndefined();
    const ended = await start(shell("until [ -e /run/end ]; do sleep 0.02; done; exit 1"));
    await start({ do: "file.write", path: "/run/end", text: "" });
    await vi.waitFor(() => expect(os.endOf("one")).toContain("exit code 1"), { timeout: 60_000 });
    await os.revert(ended);
    expect(os.endOf("one")).toBeUndefined();
  });

  it("that is not installed is refused before anything is done", async () => {
    const effect: Effect = { do: "process.start", name: "one", command: ["clatd-no-such-program"] };
    await expect(os.prepare(effect)).rejects.toMatchObject({
      code: "missing",
      message: 'Cannot start process "one": clatd-no-such-program is not installed',
    });
  });

  it("is ready when its device is there, and the device goes with it", async ({ skip }) => {
    if (!(await programExists("", "tayga"))) skip("tayga is not installed (package tayga)");
    const path = "/run/tayga.conf";
    const text = "tun-device clat\nipv4-addr 192.0.0.2\nprefix 2001:db8:64::/96\n";
    await start({ do: "file.write", path, text });
    const tayga: Effect = {
      do: "process.start",
      name: "one",
      command: ["tayga", "--config", path, "--nodetach", "-d"],
      link: "clat",
      reads: [path],
    };
    const applied = await start(tayga);
    const links = async () => (await os.snapshot()).links.map(({ name }) => name);
    expect(await links()).toContain("clat");
    await expect(os.prepare({ ...tayga, name: "two" })).rejects.toMatchObject({ code: "exists" });
    await os.revert(applied);
    expect(await links()).not.toContain("clat");
  });

  it("that ends before its device is there is refused with what it said", async ({ skip }) => {
    if (!(await programExists("", "tayga"))) skip("tayga is not installed (package tayga)");
    const path = "/run/tayga.conf";
    await start({ do: "file.write", path, text: "nonsense\n" });
    const command = ["tayga", "--config", path, "--nodetach", "-d"] as const;
    const tayga: Effect = { do: "process.start", name: "one", command, link: "clat", reads: [path] };
    await expect(start(tayga)).rejects.toThrow(/^Cannot start process "one": it ended with exit code 1; it said:\n.+/);
  });
});
