// /etc/clatd.conf as it is installed: every key with its default, commented out, so that it says what there is and does
// nothing. It keeps to one line of help a key; clatd.conf(5) has the rest.
import { keysByGroup } from "./tables.mjs";

/** @param {import("./tables.mjs").Tables} tables */
export function sampleConfiguration(tables) {
  const { keys, docs } = tables;
  return [
    "# Configuration of clatd. Nothing need be set in most networks: see clatd.conf(5).",
    "# `clatd check` looks this file over, `clatd plan` says what would be done.",
    ...keysByGroup(tables).flatMap(({ title, names }) => [
      "",
      `## ${title}`,
      ...names.flatMap((name) => {
        const spec = keys.keySpec(name);
        const preset = docs.defaultText(name);
        const inWords = preset === spec.default || preset === "–" ? "" : ` (default: ${preset})`;
        return ["", `# ${spec.help}${inWords}`, `#${name}=${spec.default}`];
      }),
    ]),
    "",
  ].join("\n");
}
