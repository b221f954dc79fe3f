// Looking at a system that changes meanwhile: `ip` says when what it has listed may be neither the one nor the other.

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { lookAll, type Sight } from "../../../../src/os/linux/look.js";

const noSysctls: Sight["sysctls"] = { readShown: async () => ({}), read: async () => undefined, write: async () => {} };

/** An `ip` whose listings are interrupted as many times, and then tell of a link `whole`. */
async function sightInterrupted(times: number): Promise<Sight> {
  const folder = await mkdtemp(join(tmpdir(), "clatd-look-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const ip = join(folder, "ip");
  const script = `#!/bin/sh
cat > /dev/null
case $* in *" -6 "*|"-6 "*) echo '[]'; echo '[]'; exit 0 ;; esac
echo >> ${folder}/calls
name=whole
if [ "$(wc -l < ${folder}/calls)" -le ${times} ]; then
  name=torn
  echo 'Dump was interrupted and may be inconsistent.' >&2
fi
echo '[{"ifname":"'$name'","flags":["UP"],"mtu":1500}]'
echo '[]'
echo '[]'
`;
  await writeFile(ip, script, { mode: 0o755 });
  return { prefix: [], sysctls: noSysctls, ip, nft: "" };
}

describe("lookAll()", () => {
  it.each([
    { times: 0, seen: "whole" },
    { times: 2, seen: "whole" },
    // Something is to be seen where it never stops, too.
    { times: 100, seen: "torn" },
  ])("looks again where the listing was interrupted: $times times gives $seen", async ({ times, seen }) => {
    expect((await lookAll(await sightInterrupted(times))).links.map(({ name }) => name)).toEqual([seen]);
  });
});
