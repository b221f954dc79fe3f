// `npm run docs`: writes the parts of README.md that come from the code, and docs/status.schema.json. A unit test fails where they are out of date.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./bootstrap.mjs";

/** @param {string} text @param {string} part @param {string} content */
function replacePart(text, part, content) {
  const [begin, end] = [`<!-- ${part}:begin -->`, `<!-- ${part}:end -->`];
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`Cannot find "${begin}" and "${end}" in the text`);
  return `${text.slice(0, from + begin.length)}\n${content.trim()}\n${text.slice(to)}`;
}

export async function writeDocs() {
  const { statusJsonSchema } = await import(join(root, "dist/src/daemon/status-schema.js"));
  writeFileSync(join(root, "docs/status.schema.json"), `${JSON.stringify(statusJsonSchema(), undefined, 2)}\n`);
  const { keyTableMarkdown } = await import(join(root, "dist/src/config/key-docs.js"));
  const file = join(root, "README.md");
  const proofs = JSON.parse(readFileSync(join(root, "test/unit/docs/key-proofs.json"), "utf8"));
  const [, ...comparison] = readFileSync(join(root, "test/unit/xlat/comparison.md"), "utf8").split("\n");
  // Its links are relative to its own folder.
  const linked = comparison.join("\n").replace(/\]\((rfc\d+\.md)\)/g, "](test/unit/xlat/$1)");
  const { capabilityTableMarkdown } = await import(join(root, "dist/src/engine/capability-table.js"));
  const withKeys = replacePart(readFileSync(file, "utf8"), "keys", keyTableMarkdown(proofs));
  const withEngines = replacePart(withKeys, "engines", capabilityTableMarkdown());
  writeFileSync(file, replacePart(withEngines, "comparison", linked));
}
