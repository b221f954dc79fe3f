// Where one subject is measured: a client's node, a server's, and a tester in each.

import type { Lab } from "../lab.js";
import { keepOn, threadsOf } from "./affinity.js";
import type { TesterRequest } from "./tester/protocol.js";
import type { Serving, TesterProcess } from "./tester-process.js";

export interface Stand {
  readonly lab: Lab;
  /** What it is called in the report. */
  readonly name: string;
  /** The client's node, and the address by which it reaches the server. */
  readonly node: string;
  readonly target: string;
  readonly client: TesterProcess;
  readonly server: TesterProcess;
  /** Processes that translate; empty where only the kernel does. */
  readonly engines: readonly number[];
}

let lastPort = 0;

/** A port that no earlier measurement used: what is late of that one is not counted in this one. */
export function freshPort(): number {
  lastPort = (lastPort + 1) % 20_000;
  return 10_000 + lastPort;
}

/** Keeps the translating processes on one processor. */
export function keepEngines({ engines }: Stand, core: number): Disposable {
  return keepOn(core, engines.flatMap(threadsOf));
}

/** Does `work` while the server serves. */
export async function whileServing<R>(
  stand: Stand,
  request: TesterRequest,
  work: (serving: Serving<unknown>) => Promise<R>,
): Promise<R> {
  const serving = await stand.server.serve(request);
  try {
    return await work(serving);
  } finally {
    await serving.stop();
  }
}
