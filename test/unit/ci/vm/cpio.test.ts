// The archive that the guest's kernel unpacks.

import { describe, expect, it } from "vitest";
import { cpio } from "../../../../ci/vm/cpio.mjs";

describe("cpio()", () => {
  it("has 110 octets of header, the name and the data, each part up to a multiple of four", () => {
    const archive = cpio([{ name: "init", mode: 0o100755, data: Buffer.from("hello") }]);
    expect(archive.toString("latin1", 0, 110)).toBe(
      // magic, inode, mode, uid, gid, links, mtime, size, two devices, length of the name with its zero, no checksum
      [
        "070701",
        "00000001",
        "000081ed",
        "00000000",
        "00000000",
        "00000001",
        "00000000",
        "00000005",
        "00000000",
        "00000000",
        "00000000",
        "00000000",
        "00000005",
        "00000000",
      ].join(""),
    );
    // 110 octets and "init\0" are 115: one more to 116.
    expect(archive.toString("latin1", 110, 124)).toBe("init\0\0hello\0\0\0");
    expect(archive.toString("latin1", 124, 130)).toBe("070701");
  });

  it("ends with the name that ends it", () => {
    const archive = cpio([]);
    expect(archive.toString("latin1", 110, 121)).toBe("TRAILER!!!\0");
    expect(archive.length % 4).toBe(0);
  });
});
