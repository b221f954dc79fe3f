// What set-up takes for an installed node_modules, so that it does not run `npm ci` once more.

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { isInstalled, type Lock, missingPackages } from "../../../ci/node-modules.mjs";

const platform = { os: "linux", cpu: "x64", libc: "glibc" };
const lock: Lock = {
  packages: {
    "": { version: "0.1.0" },
    "node_modules/a": { version: "1.0.0", integrity: "sha512-a" },
    "node_modules/a/node_modules/b": { version: "2.0.0", integrity: "sha512-b" },
    "node_modules/a-linux-x64": { version: "1.0.0", optional: true, os: ["linux"], cpu: ["x64"], libc: ["glibc"] },
    "node_modules/a-linux-x64-musl": { version: "1.0.0", optional: true, os: ["linux"], cpu: ["x64"], libc: ["musl"] },
    "node_modules/a-linux-arm64": { version: "1.0.0", optional: true, os: ["linux"], cpu: ["arm64"] },
    "node_modules/a-not-windows": { version: "1.0.0", optional: true, os: ["!win32"] },
    "node_modules/a-darwin": { version: "1.0.0", optional: true, os: ["darwin"] },
    "node_modules/needed-by-a-wasm": { version: "1.0.0", optional: true },
  },
};
const here = [
  "node_modules/a",
  "node_modules/a/node_modules/b",
  "node_modules/a-linux-x64",
  "node_modules/a-not-windows",
];

function installed(change: Lock["packages"] = {}, without?: string): Lock {
  const kept = here.filter((folder) => folder !== without).map((folder) => [folder, lock.packages[folder] ?? {}]);
  return { packages: { ...Object.fromEntries(kept), ...change } };
}

describe("missingPackages()", () => {
  it("misses nothing where only optional packages of other platforms, and what they need, are not there", () => {
    expect(missingPackages(lock, installed(), platform)).toEqual([]);
  });

  it.each(here)("misses %s", (folder) => {
    expect(missingPackages(lock, installed({}, folder), platform)).toEqual([folder]);
  });

  it("misses what has another version, or the same with other content", () => {
    const folder = "node_modules/a";
    for (const other of [
      { version: "1.0.1", integrity: "sha512-a" },
      { version: "1.0.0", integrity: "sha512-c" },
    ]) {
      expect(missingPackages(lock, installed({ [folder]: other }), platform)).toEqual([folder]);
    }
  });

  it("misses on another platform what is for that one", () => {
    expect(missingPackages(lock, installed(), { ...platform, cpu: "arm64" })).toEqual(["node_modules/a-linux-arm64"]);
    expect(missingPackages(lock, installed(), { ...platform, libc: "musl" })).toEqual([
      "node_modules/a-linux-x64-musl",
    ]);
  });
});

describe("isInstalled()", () => {
  it("takes what is there by the record of npm, and by its folders", () => {
    const root = mkdtempSync(join(tmpdir(), "clatd-modules-"));
    try {
      writeFileSync(join(root, "package-lock.json"), JSON.stringify(lock));
      // A fresh clone.
      expect(isInstalled(root, platform)).toBe(false);
      for (const folder of here) mkdirSync(join(root, folder), { recursive: true });
      expect(isInstalled(root, platform)).toBe(false);
      writeFileSync(join(root, "node_modules/.package-lock.json"), JSON.stringify(installed()));
      expect(isInstalled(root, platform)).toBe(true);
      rmSync(join(root, "node_modules/a/node_modules"), { recursive: true });
      expect(isInstalled(root, platform)).toBe(false);
    } finally {
      rmSync(root, { recursive: true });
    }
  });

  it("knows the one that this test runs with, and that it is not that of a changed lock", () => {
    expect(isInstalled(".")).toBe(true);
    const own: Lock = JSON.parse(readFileSync("package-lock.json", "utf8"));
    const record: Lock = JSON.parse(readFileSync("node_modules/.package-lock.json", "utf8"));
    const changed = { packages: { ...own.packages, "node_modules/koffi": { version: "0.0.1" } } };
    const now = { os: process.platform, cpu: process.arch, libc: "glibc" };
    expect(missingPackages(changed, record, now)).toContain("node_modules/koffi");
  });
});
