// Debian's copyright file, machine-readable (DEP 5): ours, and that of each npm package that comes along.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../bootstrap.mjs";
import { licenceText } from "./modules.mjs";

/** A text as the value of a field: indented, empty lines as dots. @param {string} text */
function field(text) {
  return text
    .trim()
    .split(/\r?\n/)
    .map((line) => (line.trim() === "" ? " ." : ` ${line.trimEnd()}`))
    .join("\n");
}

/** The lines that say whose it is. @param {string | undefined} text @param {string} name */
function owners(text, name) {
  const lines = (text ?? "").split(/\r?\n/).filter((line) => /^\W*copyright\b.*(\d{4}|©|\(c\))/i.test(line));
  const found = lines.map((line) => line.replace(/^\W*copyright\s*(\(c\)|©)?\s*/i, "").trim()).filter(Boolean);
  return found.length === 0 ? `the authors of ${name}` : found.join("\n ");
}

/** Licences whose text every Debian system has. @type {Readonly<Record<string, string>>} */
const inDebian = {
  "Apache-2.0": "On Debian systems the text of this licence is in /usr/share/common-licenses/Apache-2.0.",
};

/** @param {readonly import("./modules.mjs").Module[]} modules @param {string} nodeVersion */
export function copyrightFile(modules, nodeVersion) {
  const own = readFileSync(join(root, "LICENSE"), "utf8");
  const stanzas = modules.map((module) => {
    const text = licenceText(module);
    const id = `${module.licence}-${module.path.replaceAll(/node_modules\//g, "").replaceAll(/[^A-Za-z0-9.]+/g, "-")}`;
    const terms = inDebian[module.licence] ?? text ?? `Under the terms of ${module.licence}, as its package.json says.`;
    return [`Files: ${module.path}/*`, `Copyright: ${owners(text, module.name)}`, `License: ${id}`, field(terms)].join(
      "\n",
    );
  });
  return `${[
    "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\nUpstream-Name: clatd",
    ["Files: *", `Copyright: ${owners(own, "clatd")}`, "License: MIT-clatd", field(own)].join("\n"),
    [
      "Files: bin/node",
      "Copyright: Node.js contributors, and those whose work it contains",
      "License: MIT-node",
      field(
        `Node.js ${nodeVersion}, as nodejs.org builds it. Its licence, and those of all that it contains, are in /usr/share/doc/clatd/LICENSE.node.gz.`,
      ),
    ].join("\n"),
    ...stanzas,
  ].join("\n\n")}\n`;
}
