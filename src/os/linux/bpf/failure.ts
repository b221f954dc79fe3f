// What the kernel's error numbers mean where programs are loaded and attached.

import { constants } from "node:os";
import { OsError } from "../../driver.js";

const { EPERM, EACCES, ENOENT, ENODEV, EEXIST, EINVAL, ENOSYS, EOPNOTSUPP, ENOMEM } = constants.errno;
/** Unlike EOPNOTSUPP, what the kernel means by ENOTSUPP never should have left it. */
const ENOTSUPP = 524;

const reasons: Readonly<Record<number, readonly [OsError["code"], string]>> = {
  [EPERM]: ["denied", "permission denied; it takes root or CAP_BPF and CAP_NET_ADMIN"],
  [ENOENT]: ["missing", "it does not exist"],
  [ENODEV]: ["missing", "the device does not exist"],
  [EEXIST]: ["exists", "there is one already"],
  [EINVAL]: ["unsupported", "the kernel does not take it; 6.1 or newer is needed"],
  [EACCES]: ["unsupported", "the kernel's verifier refuses it"],
  [ENOSYS]: ["unsupported", "the kernel has no BPF"],
  [EOPNOTSUPP]: ["unsupported", "the kernel does not support it"],
  [ENOTSUPP]: ["unsupported", "the kernel does not support it"],
  [ENOMEM]: ["failed", "the kernel has no memory for it"],
};

/** `code`: what the library returned, a negative errno. */
export function failure(action: string, code: number, log?: string): OsError {
  const [kind, why] = reasons[-code] ?? ["failed", `error ${-code}`];
  return new OsError(kind, `Cannot ${action}: ${why}`, log === undefined || log === "" ? {} : { log });
}
