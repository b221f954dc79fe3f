// tcx (kernel 6.6): a program on a device's hook as a link, which goes with the descriptor that holds it. Nothing is left
// of it after SIGKILL.

import { closeSync, readFileSync } from "node:fs";
import { constants } from "node:os";
import { inNetns } from "../netns.js";
import { failure } from "./failure.js";
import type { LinkRecord } from "./fast-path-types.js";
import { libbpf } from "./libbpf.js";
import { linkOptions } from "./structs.js";

const types = { ingress: 46, egress: 47 } as const;
const PROGRAM_TYPE_TC = 3;
const { ENOLINK } = constants.errno;

/** `r0 = -1; exit`: the next program's turn (TCX_NEXT). */
const nextProgram = Uint8Array.of(0xb7, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0x95, 0, 0, 0, 0, 0, 0, 0);
const loopback = 1;

let supported: boolean | undefined;

/** Tried out, on lo and with a program that does nothing: a version number would not say it of every kernel. */
export function hasTcx(): boolean {
  supported ??= tryTcx();
  return supported;
}

function tryTcx(): boolean {
  const bpf = libbpf();
  const program = bpf.programLoad(PROGRAM_TYPE_TC, "clat_probe", "Dual MIT/GPL", nextProgram, 2, 0);
  if (program < 0) return false;
  const link = bpf.linkCreate(program, loopback, types.ingress, linkOptions({ first: false }).octets);
  if (link >= 0) closeSync(link);
  closeSync(program);
  return link >= 0;
}

/** The descriptor of the link. `first`: before other programs of the hook, not after them. @throws OsError */
export function attachTcx(
  { dev, ifindex, hook }: LinkRecord,
  program: number,
  { first, netnsFile }: { readonly first: boolean; readonly netnsFile: string | undefined },
): number {
  const options = linkOptions({ first }).octets;
  const link = inNetns(netnsFile, () => libbpf().linkCreate(program, ifindex, types[hook], options));
  if (link < 0) throw failure(`attach a program to the ${hook} of "${dev}"`, link);
  return link;
}

/** Another program in the place of the one before, from one packet to the next. What hung on a device that is gone is gone, too. */
export function replaceTcx({ dev, hook }: LinkRecord, link: number, program: number): void {
  const code = libbpf().linkUpdate(link, program, 0);
  if (code < 0 && code !== -ENOLINK) throw failure(`replace the program on the ${hook} of "${dev}"`, code);
}

/** Whether it hangs on that device: one that somebody detached, or whose device has gone, is on none. */
export function tcxStands(link: number, { ifindex }: LinkRecord): boolean {
  const facts = readFileSync(`/proc/self/fdinfo/${link}`, "utf8");
  return Number(/^ifindex:\s*(\d+)$/m.exec(facts)?.[1]) === ifindex;
}

export function detachTcx(link: number): void {
  closeSync(link);
}
