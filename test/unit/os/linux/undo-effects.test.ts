// The driver's undoing where a command cannot be run at all: nothing is touched here.

import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Applied } from "../../../../src/os/driver.js";
import type { Effect } from "../../../../src/os/effect.js";
import { LinuxOs } from "../../../../src/os/linux/linux-os.js";

const applied = (effect: Effect, undo: Applied["undo"] = {}): Applied => ({ effect, undo });

describe("LinuxOs whose ip is gone", () => {
  let dir = "";

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), "clatd-undo-"));
  });

  afterEach(() => rm(dir, { recursive: true }));

  it("revertEach() goes on to what needs no ip, and says of each of the others why it stays", async () => {
    await using os = new LinuxOs({ ip: join(dir, "ip") });
    const route = (destination: string): Applied =>
      applied({ do: "route.add", route: { family: 6, destination, dev: "clat", table: 51820 } });
    await writeFile(join(dir, "tayga.conf"), "tun-device clat\n");
    const file = applied({ do: "file.write", path: join(dir, "tayga.conf"), text: "tun-device clat\n" });
    const errors = await os.revertEach([route("2001:db8::1/128"), route("2001:db8::2/128"), file]);
    expect(errors.map((error) => error?.message)).toEqual([
      expect.stringMatching(/^Cannot undo route "2001:db8::1\/128 .*": Cannot run .*: it is not installed$/),
      expect.stringMatching(/^Cannot undo route "2001:db8::2\/128 .*": Cannot run .*: it is not installed$/),
      undefined,
    ]);
    expect(await readdir(dir)).toEqual([]);
  });

  it("revert() does not take a link that it cannot look at for one that is gone", async () => {
    await using os = new LinuxOs({ ip: join(dir, "ip") });
    const set = applied({ do: "link.set", name: "eth0", mtu: 1400 }, { mtu: 1500 });
    await expect(os.revert(set)).rejects.toMatchObject({ code: "missing" });
  });
});
