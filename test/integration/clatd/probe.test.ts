// `clatd probe` on a host that lacks something: no with the reason, and never a crash.

import { execa } from "execa";
import { describe, expect, it } from "vitest";
import { labObstacle } from "../../support/obstacle.js";

const clatd = new URL("../../../dist/src/cli/clatd.js", import.meta.url).pathname;

describe("clatd probe", () => {
  it("says no of every engine that stands on a TUN where there is no /dev/net/tun, as in a container", async ({
    skip,
  }) => {
    if (labObstacle !== undefined) skip(labObstacle);
    // Over /dev/net, in a mount namespace of its own.
    const line = 'mount -t tmpfs none /dev/net && exec "$0" "$@"';
    const words = ["-nm", "--propagation", "private", "sh", "-c", line, process.execPath, clatd, "probe", "-j"];
    const { stdout, stderr } = await execa("unshare", words, { reject: false });
    expect(stderr).toBe("");
    const found = JSON.parse(stdout) as { engine: string; runs: string; reason?: string }[];
    const onTun = found.filter(({ engine }) => ["ebpf", "userspace", "tayga"].includes(engine));
    expect(onTun).toHaveLength(4);
    for (const { runs, reason } of onTun) {
      expect({ runs, reason }).toEqual({ runs: "no", reason: expect.stringMatching(/\/dev\/net\/tun does not exist/) });
    }
  });
});
