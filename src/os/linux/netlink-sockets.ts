// Tells when a monitor command listens: its netlink socket has joined a multicast group. Neither `ip monitor` nor
// `nft monitor` says so, and what happens before is lost to them.

import { readdir, readFile, readlink } from "node:fs/promises";

/** Whether process `pid` has a netlink socket that takes notifications. */
export async function listens(pid: number): Promise<boolean> {
  try {
    const [inodes, table] = await Promise.all([socketInodes(pid), readFile(`/proc/${pid}/net/netlink`, "latin1")]);
    return table.split("\n").some((row) => {
      const [, , , groups = "0", , , , , , inode = ""] = row.trim().split(/\s+/);
      return inodes.has(inode) && /[1-9a-f]/i.test(groups);
    });
  } catch {
    return false;
  }
}

async function socketInodes(pid: number): Promise<Set<string>> {
  const directory = `/proc/${pid}/fd`;
  const inodes = new Set<string>();
  for (const fd of await readdir(directory)) {
    const match = /^socket:\[(\d+)\]$/.exec(await readlink(`${directory}/${fd}`).catch(() => ""));
    if (match?.[1] !== undefined) inodes.add(match[1]);
  }
  return inodes;
}
