// Programs that these tests are made with, and the Debian packages that have them.

import { carried, nodeBinary } from "../../../ci/package/node-binary.mjs";
import { missingPrograms } from "../../../lab/programs.js";

const packages = {
  containerd: "docker.io",
  debootstrap: "debootstrap",
  dockerd: "docker.io",
  "dpkg-deb": "dpkg",
  iptables: "docker.io",
  lintian: "lintian",
  strip: "binutils",
} as const;

/** Why there is no Node to put into a package or a container; undefined where there is. */
export function unreachable(): string | undefined {
  try {
    nodeBinary(carried.version, carried.integrity[process.arch]);
    nodeBinary("22");
    return undefined;
  } catch (error) {
    const [why] = (error instanceof Error ? error.message : String(error)).split("\n");
    return `Node cannot be fetched from the npm registry: ${why}`;
  }
}

/** Why a test is skipped; undefined where all of them are there. */
export function missing(...names: readonly (keyof typeof packages)[]): string | undefined {
  const name = names.find((each) => missingPrograms([each]) !== undefined);
  return name === undefined ? undefined : `${name} is not installed (apt-get install ${packages[name]})`;
}
