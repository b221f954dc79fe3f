// Jool's kernel modules, built here for the guest's kernel from Debian's source package and headers, without DKMS.
import { cpSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { must } from "../bootstrap.mjs";

/** Folders of the source, in this order, since the later ones use symbols of the first. */
const parts = ["common", "nat64", "siit"];

/**
 * @param {string} unpacked the folder with the unpacked packages of headers and source
 * @param {string} release @param {string} work a folder to build in
 * @returns {string[]} the modules' files
 */
export function buildJool(unpacked, release, work) {
  const sources = join(unpacked, "usr/src");
  const headers = join(sources, `linux-headers-${release}`);
  // The packages expect to be installed.
  const makefile = join(headers, "Makefile");
  writeFileSync(makefile, readFileSync(makefile, "utf8").replace("include /usr/src/", `include ${sources}/`));
  const source = readdirSync(sources).find((name) => name.startsWith("jool"));
  cpSync(join(sources, source ?? "jool", "src"), work, { recursive: true });
  for (const part of parts) {
    const words = ["-C", headers, `M=${join(work, "mod", part)}`, `-j${availableParallelism()}`, "modules"];
    must(`build Jool's modules (${part})`, "make", words);
  }
  return parts.flatMap((part) => {
    const folder = join(work, "mod", part);
    return readdirSync(folder).flatMap((name) => (name.endsWith(".ko") ? [join(folder, name)] : []));
  });
}
