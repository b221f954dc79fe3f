// The journal's own laws; that it gives back the starting state is in the drivers' suite.

import { describe, expect, it } from "vitest";
import { type Applied, OsError } from "../../../src/os/driver.js";
import type { Effect } from "../../../src/os/effect.js";
import { FakeOs } from "../../../src/os/fake/fake-os.js";
import { openJournal } from "../../../src/os/journal.js";
import { type JournalOwner, parseJournal, recordLine } from "../../../src/os/journal-lines.js";
import { type JournalStorage, memoryStorage } from "../../../src/os/journal-storage.js";

const path = "/run/clatd/journal";
const me: JournalOwner = { version: "1.0", pid: 10, started: "500", boot: "boot-a", netns: "net:[1]" };
const bridge = (name: string): Effect => ({ do: "link.add", name, link: { kind: "bridge" } });
const applied = (name: string): Applied => ({ effect: bridge(name), undo: {} });

const open = (storage: JournalStorage, owner = me, alive = false) =>
  openJournal({ storage, path, owner, isAlive: () => alive });

/** Memory that refuses to grow while `full` says so. */
function disk(): { readonly storage: JournalStorage; full: boolean } {
  const storage = memoryStorage();
  const made = {
    full: false,
    storage: {
      ...storage,
      append: (at: string, text: string) =>
        made.full ? Promise.reject(new Error("no space left on device")) : storage.append(at, text),
    },
  };
  return made;
}

async function leftBy(owner: JournalOwner): Promise<JournalStorage> {
  const storage = memoryStorage();
  await (await open(storage, owner)).apply(new FakeOs(), [bridge("br0"), bridge("br1")]);
  return storage;
}

describe("openJournal()", () => {
  it("starts empty and writes nothing until something is applied", async () => {
    const storage = memoryStorage();
    const journal = await open(storage);
    expect(journal.entries).toEqual([]);
    expect(await storage.read(path)).toBeUndefined();
    expect(await journal.apply(new FakeOs(), [])).toEqual([]);
    expect(await storage.read(path)).toBeUndefined();
  });

  it("gives what a dead process of this boot left, and becomes its owner", async () => {
    const storage = await leftBy({ ...me, pid: 9 });
    const journal = await open(storage);
    expect(journal.entries.map(({ effect }) => effect)).toEqual([bridge("br0"), bridge("br1")]);
    expect(parseJournal((await storage.read(path)) ?? "").owner).toEqual(me);
  });

  it("refuses the journal of a process that runs", async () => {
    const storage = await leftBy({ ...me, pid: 9 });
    await expect(open(storage, me, true)).rejects.toMatchObject({
      name: "JournalError",
      code: "in-use",
      message: "Cannot use the journal /run/clatd/journal: clatd runs already, as process 9; stop that one first",
    });
  });

  it("voids the journal of another boot", async () => {
    const storage = await leftBy({ ...me, pid: 9, boot: "boot-0" });
    expect((await open(storage, me, true)).entries).toEqual([]);
    expect(await storage.read(path)).toBeUndefined();
  });

  it("voids the journal of another boot though it is damaged", async () => {
    const storage = memoryStorage();
    const text = `${recordLine({ owner: { ...me, boot: "boot-0" } })}\0\0\0\n${recordLine({ id: 1, apply: applied("br0") })}`;
    await storage.create(path, text);
    expect((await open(storage)).entries).toEqual([]);
    expect(await storage.read(path)).toBeUndefined();
  });

  it("refuses a journal in which another version did what this one does not know", async () => {
    const storage = memoryStorage();
    const later = { id: 1, apply: { effect: { do: "tunnel.dig", name: "x" }, undo: {} } };
    await storage.create(path, `${recordLine({ owner: { ...me, version: "9.1" } })}${JSON.stringify(later)}\n`);
    await expect(open(storage)).rejects.toMatchObject({
      code: "damaged",
      message: expect.stringMatching(/line 2 .*"tunnel\.dig".*clatd 9\.1/),
    });
  });

  it("gives what a dead process left though the disk is full, and cleaning up takes the file away", async () => {
    const left = disk();
    const before = new FakeOs();
    await (await open(left.storage, { ...me, pid: 9 })).apply(before, [bridge("br0"), bridge("br1")]);
    left.full = true;
    const journal = await open(left.storage);
    expect(await journal.revertAll(new FakeOs({ kernel: before.kernel }))).toEqual([]);
    expect(await left.storage.read(path)).toBeUndefined();
  });

  it("what did not fit on the disk goes in front of what is written next", async () => {
    const left = disk();
    const before = new FakeOs();
    await (await open(left.storage, { ...me, pid: 9 })).apply(before, [bridge("br0"), bridge("br1")]);
    await left.storage.append(path, '{"id":3,"app');
    left.full = true;
    const journal = await open(left.storage);
    left.full = false;
    await journal.apply(new FakeOs({ kernel: before.kernel }), [bridge("br2")]);
    const { owner, entries } = parseJournal((await left.storage.read(path)) ?? "");
    expect([owner, [...entries.values()]]).toEqual([me, ["br0", "br1", "br2"].map(applied)]);
  });

  it("refuses the journal of another network namespace", async () => {
    const storage = await leftBy({ ...me, pid: 9, netns: "net:[2]" });
    await expect(open(storage)).rejects.toMatchObject({
      code: "other-netns",
      message: expect.stringMatching(
        /another network namespace \(net:\[2\], this is net:\[1\]\); run `clatd cleanup` there/,
      ),
    });
  });

  it("refuses a damaged journal and names the line", async () => {
    const storage = memoryStorage();
    await storage.create(
      path,
      `${recordLine({ owner: me })}{"id":1,"app\n${recordLine({ id: 2, apply: applied("br0") })}`,
    );
    await expect(open(storage)).rejects.toMatchObject({
      code: "damaged",
      message: expect.stringContaining("line 2 is no JSON"),
    });
    await storage.remove(path);
    await storage.create(path, `${recordLine({ owner: me })}{"what":"?"}\n`);
    await expect(open(storage)).rejects.toMatchObject({
      code: "damaged",
      message: expect.stringContaining("line 2 is no record"),
    });
  });

  it("tolerates a torn last line, also after the next process has written behind it", async () => {
    const text = `${recordLine({ owner: me })}${recordLine({ id: 1, apply: applied("br0") })}`;
    const torn = recordLine({ id: 2, apply: applied("br1") });
    for (let length = 1; length < torn.length; length++) {
      const storage = memoryStorage();
      await storage.create(path, text + torn.slice(0, length));
      // All of a line but its end is a line.
      const whole = length === torn.length - 1 ? [applied("br0"), applied("br1")] : [applied("br0")];
      expect((await open(storage)).entries).toEqual(whole);
      const again = await open(storage);
      expect(again.entries).toEqual(whole);
      await again.apply(new FakeOs(), [bridge("br7")]);
      expect((await open(storage)).entries).toEqual([...whole, applied("br7")]);
    }
  });

  it("takes a journal of which only the beginning of the header was written for none", async () => {
    const storage = memoryStorage();
    await storage.create(path, recordLine({ owner: me }).slice(0, 20));
    expect((await open(storage)).entries).toEqual([]);
  });
});

describe("Journal", () => {
  it("apply() has everything on disk before the first effect is done", async () => {
    const storage = memoryStorage();
    const journal = await open(storage);
    const os = new FakeOs();
    let seen = "";
    const performAll = os.performAll.bind(os);
    os.performAll = async (list) => {
      seen = (await storage.read(path)) ?? "";
      return performAll(list);
    };
    await journal.apply(os, [bridge("br0"), bridge("br1")]);
    expect([...parseJournal(seen).entries.values()]).toEqual([applied("br0"), applied("br1")]);
  });

  it("apply() does nothing where it cannot be written", async () => {
    const storage: JournalStorage = {
      ...memoryStorage(),
      create: async () => {
        throw new Error("No space left on device");
      },
    };
    const journal = await open(storage);
    const os = new FakeOs();
    await expect(journal.apply(os, [bridge("br0")])).rejects.toThrow("No space left");
    expect(os.transcript).toEqual([]);
    expect(journal.entries).toEqual([]);
  });

  it("apply() writes nothing where an effect is refused", async () => {
    const storage = memoryStorage();
    const journal = await open(storage);
    const os = new FakeOs();
    await expect(journal.apply(os, [bridge("br0"), bridge("lo")])).rejects.toMatchObject({ code: "exists" });
    expect(os.transcript).toEqual([]);
    expect(await storage.read(path)).toBeUndefined();
  });

  it("keeps all entries where the driver does not say what was done", async () => {
    const journal = await open(memoryStorage());
    const os = new FakeOs();
    os.performAll = async () => {
      throw new OsError("failed", "Cannot say");
    };
    await expect(journal.apply(os, [bridge("br0"), bridge("br1")])).rejects.toThrow("Cannot say");
    expect(journal.entries).toHaveLength(2);
  });

  it("revertAll() goes in reverse order, past failures, and keeps what failed", async () => {
    const storage = memoryStorage();
    const journal = await open(storage);
    const os = new FakeOs();
    await journal.apply(os, [bridge("br0"), bridge("br1"), bridge("br2")]);
    os.faults.arm({ fault: "fail", nth: 2, on: "revert" });
    const failures = await journal.revertAll(os);
    expect(failures.map(({ applied, error }) => [applied.effect, error.message])).toEqual([
      [bridge("br1"), 'Cannot undo link "br1": an injected fault'],
    ]);
    expect(os.transcript.slice(3)).toEqual(["ip link del br2", "ip link del br0"]);
    expect(journal.entries.map(({ effect }) => effect)).toEqual([bridge("br1")]);
    expect([...parseJournal((await storage.read(path)) ?? "").entries.values()]).toEqual([applied("br1")]);
    expect(await journal.revertAll(os)).toEqual([]);
    expect(await storage.read(path)).toBeUndefined();
  });

  it("revert() strikes out the one, and the file goes with the last", async () => {
    const storage = memoryStorage();
    const journal = await open(storage);
    const os = new FakeOs();
    const [first, second] = await journal.apply(os, [bridge("br0"), bridge("br1")]);
    if (first === undefined || second === undefined) throw new Error("nothing was applied");
    await journal.revert(os, first);
    expect((await open(storage)).entries).toEqual([second]);
    await journal.revert(os, second);
    expect(await storage.read(path)).toBeUndefined();
    await journal.apply(os, [bridge("br3")]);
    expect((await open(storage)).entries).toEqual([applied("br3")]);
  });

  it("revertAll() undoes all of a long list though the disk is full, and the file goes with the last of them", async () => {
    const memory = memoryStorage();
    let isFull = false;
    const append: JournalStorage["append"] = (at, text) =>
      isFull ? Promise.reject(new Error("no space left on device")) : memory.append(at, text);
    const journal = await open({ ...memory, append });
    const os = new FakeOs();
    await journal.apply(
      os,
      Array.from({ length: 250 }, (_, index) => bridge(`br${index}`)),
    );
    isFull = true;
    expect(await journal.revertAll(os)).toEqual([]);
    expect((await os.snapshot()).links.map(({ name }) => name)).toEqual(["lo"]);
    expect(await memory.read(path)).toBeUndefined();
  });

  it("revertAll() tells that the disk is full where something stays in the journal", async () => {
    const memory = memoryStorage();
    const journal = await open({ ...memory, append: () => Promise.reject(new Error("no space left on device")) });
    const os = new FakeOs();
    await journal.apply(os, [bridge("br0"), bridge("br1")]);
    os.faults.arm({ fault: "fail", nth: 1, on: "revert" });
    await expect(journal.revertAll(os)).rejects.toThrow("no space left on device");
    expect(journal.entries.map(({ effect }) => effect)).toEqual([bridge("br1")]);
  });

  it("apply() tells why an effect failed, also where the disk is full by then", async () => {
    const full = disk();
    const journal = await open(full.storage);
    const os = new FakeOs();
    await journal.apply(os, [bridge("br0")]);
    const { performAll } = os;
    os.performAll = async (list) => {
      full.full = true;
      return performAll.call(os, list);
    };
    os.faults.arm({ fault: "fail", nth: 1 });
    await expect(journal.apply(os, [bridge("br1"), bridge("br2")])).rejects.toThrow('"br1": an injected fault');
    expect(journal.entries).toEqual([applied("br0"), applied("br1")]);
    full.full = false;
    os.performAll = performAll;
    await journal.apply(os, [bridge("br3")]);
    expect((await open(full.storage)).entries).toEqual(["br0", "br1", "br3"].map(applied));
  });

  it("amend() stands though the disk is full when the old one is to be struck out", async () => {
    const full = disk();
    const journal = await open(full.storage);
    const os = new FakeOs();
    const set = (mtu: number): Effect => ({ do: "link.set", name: "lo", mtu });
    const [old] = await journal.apply(os, [set(1400)]);
    if (old === undefined) throw new Error("nothing was applied");
    const { performAll } = os;
    os.performAll = async (list) => {
      full.full = true;
      return performAll.call(os, list);
    };
    await journal.amend(os, old, set(1300));
    expect(journal.entries).toEqual([{ effect: set(1300), undo: old.undo }]);
  });

  it("a file that somebody has taken away is written anew, with all that stands", async () => {
    const storage = memoryStorage();
    const journal = await open(storage);
    const os = new FakeOs();
    const [first] = await journal.apply(os, [bridge("br0"), bridge("br1")]);
    if (first === undefined) throw new Error("nothing was applied");
    await storage.remove(path);
    await journal.apply(os, [bridge("br2")]);
    const { owner, entries } = parseJournal((await storage.read(path)) ?? "");
    expect([owner, [...entries.values()]]).toEqual([me, ["br0", "br1", "br2"].map(applied)]);
    await storage.remove(path);
    await journal.revert(os, first);
    expect((await open(storage)).entries).toEqual(["br1", "br2"].map(applied));
  });

  it("amend() is undone to the first values wherever it is killed", async () => {
    const key = "net.ipv6.conf.default.accept_ra";
    for (const fault of ["kill-before", "kill-after"] as const) {
      const storage = memoryStorage();
      const journal = await open(storage);
      const os = new FakeOs();
      const [old] = await journal.apply(os, [{ do: "sysctl.set", key, value: "2" }]);
      if (old === undefined) throw new Error("nothing was applied");
      os.faults.arm({ fault, nth: 1 });
      await expect(journal.amend(os, old, { do: "sysctl.set", key, value: "0" })).rejects.toThrow("killed");
      const next = new FakeOs({ kernel: os.kernel });
      expect(await (await open(storage)).revertAll(next)).toEqual([]);
      expect((await next.snapshot()).sysctls[key]).toBe("1");
    }
  });
});
