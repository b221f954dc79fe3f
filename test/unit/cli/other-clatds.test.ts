// otherClatds(): what is read off the journals that lie beside this one's.

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { otherClatds } from "../../../src/cli/other-clatds.js";
import type { Effect } from "../../../src/os/effect.js";
import { type JournalOwner, recordLine } from "../../../src/os/journal-lines.js";
import { thisOwner } from "../../../src/os/linux/journal-file.js";
import { appliedOf } from "../plan/facts-of.js";

const routeOn = (dev: string): Effect => ({
  do: "route.add",
  route: { family: 4, destination: "default", dev, table: 254, metric: 2048 },
});
const here = thisOwner("test");

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "clatd-others-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function journal(dev: string, owner: JournalOwner, rest = ""): Promise<void> {
  const [apply] = appliedOf(routeOn(dev));
  if (apply === undefined) throw new Error("none");
  await writeFile(join(folder, `${dev}.journal`), recordLine({ owner }) + recordLine({ id: 1, apply }) + rest);
}

describe("otherClatds()", () => {
  it("reads the journals of all but this one, and passes over torn lines, and files that are none", async () => {
    await journal("clat", here);
    await journal("two", here, '{"id":2,"app');
    await journal("ended", here, recordLine({ gone: [1] }));
    await writeFile(join(folder, "empty.journal"), "");
    await writeFile(join(folder, "odd.journal"), "odd\nodd\n");
    await writeFile(join(folder, "two.sock"), "");
    expect(await otherClatds("clat", folder)()).toEqual(appliedOf(routeOn("two")));
    expect(await otherClatds("two", folder)()).toEqual(appliedOf(routeOn("clat")));
  });

  it("minds none of another boot or network namespace", async () => {
    await journal("two", { ...here, boot: "another" });
    expect(await otherClatds("clat", folder)()).toEqual([]);
    await journal("two", { ...here, netns: "net:[1]" });
    expect(await otherClatds("clat", folder)()).toEqual([]);
  });

  it("finds none where there is no folder yet", async () => {
    expect(await otherClatds("clat", join(folder, "missing"))()).toEqual([]);
  });
});
