// What `apt-cache show` says of packages. Pure.

/**
 * @typedef {object} KnownPackage
 * @property {string} name
 * @property {string} version
 * @property {string[]} depends names, of alternatives the first
 */

/** @param {string} text paragraphs of `Field: value` @returns {KnownPackage[]} */
export function readPackages(text) {
  return text
    .split(/\n\n+/)
    .filter((paragraph) => paragraph.includes("Package:"))
    .map((paragraph) => {
      /** @param {string} name */
      const field = (name) => new RegExp(`^${name}: (.*)$`, "m").exec(paragraph)?.[1] ?? "";
      const depends = field("Depends")
        .split(",")
        .map((item) => /^\s*([a-z0-9][a-z0-9+.-]*)/.exec(item)?.[1] ?? "")
        .filter((name) => name !== "");
      return { name: field("Package"), version: field("Version"), depends };
    });
}
