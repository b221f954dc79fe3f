// Packets that the translator had ready and the TUN did not take, by errno. They are counted beside the translator's own
// drops, under names of the same kind.

import { constants } from "node:os";

export const engineReasons = ["tun-full", "tun-down", "tun-refused", "translator-failed"] as const;
export type EngineReason = (typeof engineReasons)[number];

const { EAGAIN, EIO, ENOBUFS, ENOMEM } = constants.errno;

export function reasonOfErrno(errno: number): EngineReason {
  if (errno === EAGAIN || errno === ENOBUFS || errno === ENOMEM) return "tun-full";
  // EINVAL: a virtio header that the kernel does not accept, or no IP packet at all.
  return errno === EIO ? "tun-down" : "tun-refused";
}
