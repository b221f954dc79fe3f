// What QEMU is told, and what becomes of a machine that hangs.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { qemuArguments, runMachine, tail } from "../../../../ci/vm/qemu.mjs";

const machine = {
  kernel: "/cache/vmlinuz",
  initrd: "/job/initrd",
  shares: { host: { path: "/", readonly: true }, job: { path: "/tmp/a,b", readonly: false } },
  console: "/job/console",
  memory: 1024,
};

describe("qemuArguments()", () => {
  const words = qemuArguments(machine);

  it("emulates, and has no network device", () => {
    expect(words[words.indexOf("-accel") + 1]).toMatch(/^tcg/);
    expect(words).toContain("-nodefaults");
    expect(words.filter((word) => /^(-nic|-net(dev)?)$|virtio-net/.test(word))).toEqual([]);
  });

  it("shares folders as they are told, and writes a comma in a path twice", () => {
    expect(words.filter((word) => word.startsWith("local,"))).toEqual([
      "local,id=host,path=/,security_model=none,multidevs=remap,readonly=on",
      "local,id=job,path=/tmp/a,,b,security_model=none,multidevs=remap",
    ]);
  });
});

describe("runMachine()", () => {
  let folder = "";
  const path = process.env["PATH"] ?? "";
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "clatd-qemu-"));
    process.env["PATH"] = `${folder}${delimiter}${path}`;
  });
  afterEach(() => {
    process.env["PATH"] = path;
    rmSync(folder, { recursive: true, force: true });
  });
  /** A machine that does this. */
  const stub = (script: string): void =>
    writeFileSync(join(folder, "qemu-system-x86_64"), `#!/bin/sh\n${script}\n`, { mode: 0o755 });

  it("that switches itself off has ended in order", async () => {
    stub("exit 0");
    expect(await runMachine([], { whole: 10, silence: 10 }, () => {})).toEqual({ end: "off" });
  });

  it("that says nothing any more is ended", async () => {
    stub("exec sleep 30");
    expect(await runMachine([], { whole: 10, silence: 0.2 }, () => {})).toEqual({
      end: "hung",
      why: "it has said nothing for 0.2 s",
    });
  });

  it("that goes on and on is ended", async () => {
    stub("exec sleep 30");
    expect(await runMachine([], { whole: 0.2, silence: 10 }, () => {})).toEqual({
      end: "hung",
      why: "it has not ended after 0.2 s",
    });
  });

  it("whose QEMU fails says what QEMU said", async () => {
    stub("echo 'no such kernel' >&2; exit 3");
    expect(await runMachine([], { whole: 10, silence: 10 }, () => {})).toEqual({
      end: "broken",
      why: "QEMU ended with code 3: no such kernel",
    });
  });
});

describe("tail()", () => {
  it("is the last lines, without the carriage returns of a console", () => {
    const file = join(mkdtempSync(join(tmpdir(), "clatd-tail-")), "console");
    writeFileSync(file, "one\r\ntwo\r\nthree\r\n");
    expect(tail(file, 2)).toBe("two\nthree");
    rmSync(join(file, ".."), { recursive: true });
  });

  it("of a file that is not there is nothing", () => {
    expect(tail("/nonexistent", 3)).toBe("");
  });
});
