// The guest's first root file system: a shell, the modules without which it cannot see this machine's files, and init.sh.
import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { root } from "../bootstrap.mjs";
import { cpio } from "./cpio.mjs";
import { loadOrder } from "./load-order.mjs";

/** To mount the host's files, and to write to the port for its output. */
const modules = ["virtio_pci", "9pnet_virtio", "9p", "overlay", "virtio_console"];

const folders = ["bin", "dev", "extra", "host", "job", "memory", "modules", "proc", "root"];

/** @param {import("./guest-system.mjs").GuestSystem} system @returns {Buffer} */
export function initramfs({ release, tree }) {
  const from = join(tree, "usr/lib/modules", release);
  const files = loadOrder(readFileSync(join(from, "modules.dep"), "utf8"), modules);
  const order = files.map((file) => basename(file)).join("\n");
  return cpio([
    ...folders.map((name) => ({ name, mode: 0o040755 })),
    { name: "bin/busybox", mode: 0o100755, data: readFileSync(join(tree, "usr/bin/busybox")) },
    { name: "bin/sh", mode: 0o120777, data: Buffer.from("busybox") },
    { name: "init", mode: 0o100755, data: readFileSync(join(root, "ci/vm/init.sh")) },
    ...files.map((file) => ({
      name: `modules/${basename(file)}`,
      mode: 0o100644,
      data: readFileSync(join(from, file)),
    })),
    { name: "modules/order", mode: 0o100644, data: Buffer.from(order) },
  ]);
}
