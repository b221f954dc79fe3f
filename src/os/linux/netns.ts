// Work in another network namespace without another process: setns() is per thread, so this thread goes there and comes
// back before anything else of ours runs on it. What other threads do (name look-ups, files) is not touched.

import { OsError } from "../driver.js";
import { libc } from "./libc.js";

const O_RDONLY = 0;
const O_CLOEXEC = 0o2000000;
const CLONE_NEWNET = 0x40000000;

/**
 * @param file the network namespace; undefined: the one that we are in
 * @param work synchronous
 */
export function inNetns<T>(file: string | undefined, work: () => T): T {
  if (file === undefined) return work();
  const { open, close, setns } = libc();
  const own = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
  const target = open(file, O_RDONLY | O_CLOEXEC);
  try {
    if (target < 0) throw new OsError("missing", `Cannot enter network namespace ${file}: it does not exist`);
    if (own < 0 || setns(target, CLONE_NEWNET) < 0) {
      throw new OsError("denied", `Cannot enter network namespace ${file}: permission denied; it takes root`);
    }
    try {
      return work();
    } finally {
      setns(own, CLONE_NEWNET);
    }
  } finally {
    if (target >= 0) close(target);
    if (own >= 0) close(own);
  }
}
