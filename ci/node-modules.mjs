// Whether node_modules has what package-lock.json says, by the record that npm keeps in it (npm ci, npm install). Imports
// nothing but Node, as bootstrap.mjs.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * A package as both files have it: by its folder.
 * @typedef {{ version?: string, integrity?: string, optional?: boolean, os?: string[], cpu?: string[], libc?: string[] }} LockedPackage
 */
/** @typedef {{ packages: Readonly<Record<string, LockedPackage>> }} Lock */
/** What npm chooses optional packages by. @typedef {{ os: string, cpu: string, libc: string }} Platform */

/** Names that are allowed, or with a `!` those that are not. @param {string[] | undefined} names @param {string} own */
function allows(names, own) {
  if (names === undefined || names.includes(own)) return true;
  return names.every((name) => name.startsWith("!") && name !== `!${own}`);
}

/**
 * Those of the lock that are not there as it wants them. Optional ones of other platforms are not missed, nor those that
 * only such a one needs, which name no platform.
 * @param {Lock} lock @param {Lock} installed @param {Platform} platform @returns {string[]} their folders
 */
export function missingPackages(lock, installed, platform) {
  return Object.entries(lock.packages).flatMap(([folder, wanted]) => {
    // The project itself.
    if (folder === "") return [];
    const found = Object.hasOwn(installed.packages, folder) ? installed.packages[folder] : undefined;
    if (found !== undefined) {
      return found.version === wanted.version && found.integrity === wanted.integrity ? [] : [folder];
    }
    if (!wanted.optional) return [folder];
    const named = wanted.os !== undefined || wanted.cpu !== undefined;
    const ours =
      allows(wanted.os, platform.os) && allows(wanted.cpu, platform.cpu) && allows(wanted.libc, platform.libc);
    return named && ours ? [folder] : [];
  });
}

/** @returns {Platform} */
function thisPlatform() {
  const { header } = /** @type {{ header: { glibcVersionRuntime?: string } }} */ (process.report.getReport());
  return {
    os: process.platform,
    cpu: process.arch,
    libc: header.glibcVersionRuntime === undefined ? "musl" : "glibc",
  };
}

/** @param {string} root of the project @returns {boolean} false as well where npm has left no record */
export function isInstalled(root, platform = thisPlatform()) {
  const record = join(root, "node_modules/.package-lock.json");
  if (!existsSync(record)) return false;
  /** @type {Lock} */
  const lock = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8"));
  /** @type {Lock} */
  const installed = JSON.parse(readFileSync(record, "utf8"));
  // Somebody may have taken away a folder since.
  const all = Object.keys(installed.packages).every((folder) => existsSync(join(root, folder)));
  return all && missingPackages(lock, installed, platform).length === 0;
}
