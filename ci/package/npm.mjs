// The npm tarball, with what `files` of package.json names.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { must, root } from "../bootstrap.mjs";

/** Builds it and gives its path. @param {string} folder where it comes to */
export function buildTarball(folder) {
  mkdirSync(folder, { recursive: true });
  const said = must("pack clatd", "npm", ["pack", "--json", "--silent", "--pack-destination", folder], {}, root);
  const [{ filename }] = JSON.parse(said);
  return join(folder, filename);
}
