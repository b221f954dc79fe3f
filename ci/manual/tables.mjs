// The tables that the manual pages, the completions and the sample configuration are made from: those of the programs
// themselves. Types only: who makes something gives them, write.mjs those of the build, a test those of the sources.

/**
 * @typedef {object} Tables
 * @property {string} version
 * @property {string} date of that version: 2026-11-23
 * @property {typeof import("../../src/cli/arguments.js")} words
 * @property {typeof import("../../src/cli/help.js")} help
 * @property {typeof import("../../src/cli/exit-code.js")} exit
 * @property {typeof import("../../src/config/key-table.js")} keys
 * @property {typeof import("../../src/config/key-spec.js")} groups
 * @property {typeof import("../../src/config/key-docs.js")} docs
 * @property {typeof import("../../src/xlat/reasons.js")} reasons
 * @property {typeof import("../../src/cli/explain/reason-text.js")} explained
 * @property {typeof import("../../src/engine/capabilities.js")} engines
 * @property {typeof import("../../lab/cli/help.js")} lab
 * @property {readonly { readonly name: string, readonly title: string, readonly nodes: readonly string[] }[]} topologies
 */

/** What belongs to which group, in the groups' order. @param {Tables} tables */
export function keysByGroup({ keys, groups }) {
  return groups.keyGroups.map((group) => ({
    title: groups.groupTitles[group],
    names: keys.keyNames.filter((name) => keys.keySpec(name).group === group),
  }));
}

/** `-c FILE` is `{ names: ["-c"], takes: ["FILE"] }`; `-q, -q -q` is `{ names: ["-q"], takes: [] }`. @param {string} usage */
export function optionOf(usage) {
  const words = usage.split(/,? /);
  return {
    names: [...new Set(words.filter((word) => word.startsWith("-")))],
    takes: words.filter((word) => !word.startsWith("-")),
  };
}
