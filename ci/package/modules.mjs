// The npm packages that clatd needs to run, out of node_modules and the lock: without those that only building and testing
// need, and without what is no program in them.
import { cpSync, existsSync, readFileSync, statSync } from "node:fs";
import { basename, join, relative } from "node:path";
import { root } from "../bootstrap.mjs";

/** @typedef {{ readonly path: string, readonly name: string, readonly version: string, readonly licence: string }} Module */

/** @returns {Module[]} */
export function productionModules() {
  const lock = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8"));
  const entries = /** @type {[string, { dev?: boolean, version: string, license?: string }][]} */ (
    Object.entries(lock.packages)
  );
  return entries
    .filter(([path, { dev }]) => path !== "" && dev !== true && existsSync(join(root, path)))
    .map(([path, { version, license }]) => ({
      path,
      name: path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length),
      version,
      licence: license ?? "unknown",
    }));
}

/** Folders right below a package that hold no part of the program. */
const noProgram = new Set([
  "test",
  "tests",
  "benchmark",
  "benchmarks",
  "docs",
  "doc",
  "example",
  "examples",
  ".github",
]);
/** And those that only one package has: sources of what is there built. @type {Readonly<Record<string, readonly string[]>>} */
const noProgramOf = {
  koffi: ["vendor"],
  zod: ["src"],
  "@koromix/koffi-linux-x64": ["musl_x64"],
  "@koromix/koffi-linux-arm64": ["musl_arm64"],
};

/** Files named so are for people and compilers; licences go to the copyright file. */
const forOthers =
  /(\.map|\.ts|\.cts|\.mts|\.md|\.markdown|\.yml|\.yaml|\.html|\.cc?|\.hh?|\.S|\.asm|\.txt|\.tsbuildinfo)$|^(licen[cs]e|copying|changelog|authors)/i;
const hidden = /^\./;

/** @param {string} into the folder that `node_modules` comes into */
export function copyModules(into) {
  const modules = productionModules();
  for (const { path, name } of modules) {
    const from = join(root, path);
    const left = new Set([...noProgram, ...(noProgramOf[name] ?? [])]);
    cpSync(from, join(into, path), {
      recursive: true,
      dereference: true,
      filter: (source) => {
        const inside = relative(from, source);
        if (inside === "") return true;
        // One of these may be there twice: nested ones are copied by their own rows.
        const [top = ""] = inside.split("/");
        if (top === "node_modules" || left.has(top) || hidden.test(basename(source))) return false;
        if (statSync(source).isDirectory()) return true;
        return !forOthers.test(basename(source)) && !isScript(source);
      },
    });
  }
  return modules;
}

/** Programs of a package: clatd uses libraries only. @param {string} file */
function isScript(file) {
  const start = readFileSync(file).subarray(0, 2).toString("latin1");
  return start === "#!";
}

/** The text of a package's licence, where it brings one. @param {Module} module */
export function licenceText({ path }) {
  for (const name of ["LICENSE", "LICENSE.txt", "LICENSE.md", "license", "LICENCE", "license.md"]) {
    const file = join(root, path, name);
    if (existsSync(file)) return readFileSync(file, "utf8");
  }
  return undefined;
}
