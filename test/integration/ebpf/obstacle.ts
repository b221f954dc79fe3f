// Why the fast path can't be tried on this machine, as a sentence; undefined: it can.

import { OsError } from "../../../src/os/driver.js";
import { FastPath } from "../../../src/os/linux/bpf/fast-path.js";

export function whyNoFastPath(): string | undefined {
  try {
    FastPath.load()[Symbol.dispose]();
    return undefined;
  } catch (error) {
    // What the verifier refuses is no obstacle but a mistake of ours.
    if (error instanceof OsError && error.log === undefined && error.code !== "failed") return error.message;
    throw error;
  }
}
