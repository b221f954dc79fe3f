// In which order kernel modules can be loaded one by one, from what depmod wrote. Pure.

/**
 * @param {string} dependencies the text of modules.dep: `kernel/net/9p/9p.ko: kernel/net/9p/9pnet.ko …`
 * @param {readonly string[]} wanted names of modules: `9p`
 * @returns {string[]} their files and those of all that they need, each after what it needs
 */
export function loadOrder(dependencies, wanted) {
  const needs = new Map(
    dependencies
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => {
        const [file = "", rest = ""] = line.split(":");
        return [file, rest.split(" ").filter((word) => word !== "")];
      }),
  );
  /** @type {string[]} */
  const order = [];
  /** @param {string} file */
  const add = (file) => {
    // What is needed most is named last.
    for (const other of [...(needs.get(file) ?? [])].reverse()) add(other);
    if (!order.includes(file)) order.push(file);
  };
  for (const name of wanted) {
    const file = [...needs.keys()].find((path) => path.endsWith(`/${name}.ko`));
    if (file === undefined) throw new Error(`Cannot load the module "${name}": this kernel has none of that name`);
    add(file);
  }
  return order;
}
