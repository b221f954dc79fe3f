// Compiles what runs inside the kernel: each src/**/*.bpf.c to an object beside the compiled TypeScript in dist/. The
// objects hold BTF and no DWARF; they are shipped built, so that a host needs neither clang nor headers.
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";

const root = new URL("..", import.meta.url).pathname.replace(/\/$/, "");

/** Debian keeps <asm/types.h> in a folder of the architecture, which clang does not look into for the target bpf. */
const architectures = { x64: "x86_64-linux-gnu", arm64: "aarch64-linux-gnu" };
const architecture = architectures[/** @type {keyof typeof architectures} */ (process.arch)];

/** @param {string} command @param {string[]} args */
function must(command, args) {
  const { error, status } = spawnSync(command, args, { cwd: root, stdio: "inherit" });
  if (error !== undefined) {
    console.error(`Cannot build the BPF programs: ${command}: ${error.message}; \`apt-get install clang libbpf-dev\``);
    process.exit(1);
  }
  if (status !== 0) process.exit(status ?? 1);
}

const sources = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" });
for (const source of sources.filter((name) => name.endsWith(".bpf.c")).sort()) {
  const object = join("dist/src", source.replace(/\.c$/, ".o"));
  mkdirSync(join(root, dirname(object)), { recursive: true });
  const include = architecture === undefined ? [] : ["-I", `/usr/include/${architecture}`];
  const flags = ["-O2", "-g", "-target", "bpf", "-mcpu=v3", "-Wall", "-Wextra", "-Werror"];
  must("clang", [...flags, ...include, "-c", join("src", source), "-o", object]);
}
