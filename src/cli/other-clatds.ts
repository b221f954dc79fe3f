// What the other clatds of this host hold, as their journals say: a journal for each device, in one folder for each network
// namespace (runtime-dir.ts). A change is written there before it is done, so a route that is there is in its journal.

import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { OtherClatds } from "../daemon/gather.js";
import type { Applied } from "../os/driver.js";
import { parseJournal } from "../os/journal-lines.js";
import { fileStorage, thisOwner } from "../os/linux/journal-file.js";
import { journalPath } from "./runtime-dir.js";
import { packageVersion } from "./version.js";

/** @param clatDev of this one */
export function otherClatds(clatDev: string, dir: string): OtherClatds {
  const own = journalPath(dir, clatDev);
  return async () => {
    const paths = (await journalsIn(dir)).filter((path) => path !== own);
    return (await Promise.all(paths.map(appliedIn))).flat();
  };
}

async function journalsIn(dir: string): Promise<string[]> {
  try {
    const names = await readdir(dir);
    return names.filter((name) => name.endsWith(".journal")).map((name) => join(dir, name));
  } catch {
    return [];
  }
}

/** Nothing where it cannot be read (another user's), or is of another boot or network namespace. */
async function appliedIn(path: string): Promise<readonly Applied[]> {
  try {
    const { owner, entries } = parseJournal((await fileStorage.read(path)) ?? "");
    const here = thisOwner(packageVersion());
    return owner?.boot === here.boot && owner.netns === here.netns ? [...entries.values()] : [];
  } catch {
    return [];
  }
}
