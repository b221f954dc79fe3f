// LinuxOs: a table is refused where nft cannot be called, before anything is journalled that only nft could undo.

import { describe, expect, it } from "vitest";
import type { Effect } from "../../../../src/os/effect.js";
import { LinuxOs } from "../../../../src/os/linux/linux-os.js";

const table: Effect = { do: "nft.table", family: "ip6", name: "clatd-test", body: "" };

describe("LinuxOs.prepare() of an nft table", () => {
  it.each([
    [
      "where nft is not installed",
      "/nowhere/nft",
      "/nowhere/nft is not installed (package nftables); cmd-nft says where",
    ],
    ["where cmd-nft is empty", "", "cmd-nft is empty, so nft is not to be called"],
  ])("is refused %s", async (_where, nft, why) => {
    await using os = new LinuxOs({ nft });
    await expect(os.prepare(table)).rejects.toMatchObject({ code: "missing", message: expect.stringContaining(why) });
  });
});
