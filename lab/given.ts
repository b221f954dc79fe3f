// What a check wants to be different in the lab while it is tried: effects, done and undone as all others are.

import type { OsDriver } from "../src/os/driver.js";
import type { Effect } from "../src/os/effect.js";
import type { Nodes } from "./nodes.js";

export async function give(
  os: Pick<OsDriver, "prepareAll" | "performAll" | "revertEach">,
  nodes: Pick<Nodes, "exec" | "names">,
  effects: readonly Effect[],
): Promise<AsyncDisposable> {
  if (effects.length === 0) return { [Symbol.asyncDispose]: async () => undefined };
  const applied = await os.prepareAll(effects);
  const undo = async (): Promise<void> => {
    const [failure] = (await os.revertEach(applied.toReversed())).filter((error) => error !== undefined);
    await forgetPathMtus(nodes);
    if (failure !== undefined) throw failure;
  };
  try {
    await forgetPathMtus(nodes);
    await os.performAll(applied);
  } catch (error) {
    await undo();
    throw error;
  }
  return { [Symbol.asyncDispose]: undo };
}

/** What a node has learnt of a path stays with it for ten minutes, and the next check is about another path. */
async function forgetPathMtus(nodes: Pick<Nodes, "exec" | "names">): Promise<void> {
  const forget = "ip -4 route flush cache; ip -6 route flush cache";
  await Promise.all([...nodes.names].map((node) => nodes.exec(node, forget, { timeout: 5000 })));
}
