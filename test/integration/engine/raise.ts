// An engine at work on the host of the test network, as the plan would have it, without the daemon.

import type { Engine, EnginePlan, Placement, RunningTranslator, TranslatorHost } from "../../../src/engine/engine.js";
import type { Effect } from "../../../src/os/effect.js";
import type { TranslationSpec } from "../../../src/xlat/spec.js";
import { ipv4Side, type Network, onHost } from "./network.js";

export interface Raised {
  readonly plan: EnginePlan;
  readonly translator: RunningTranslator | undefined;
  /** Everything goes back. */
  end(): Promise<void>;
}

export interface Raising {
  readonly net: Network;
  readonly engine: Engine;
  readonly placement: Placement;
  readonly spec: TranslationSpec;
  /** Runs translators of this process; engines without one need none. */
  readonly translators: TranslatorHost;
  /** More, when the engine stands. */
  readonly also?: readonly Effect[];
}

export async function raise({ net, engine, placement, spec, translators, also = [] }: Raising): Promise<Raised> {
  const plan = engine.plan(placement, spec);
  const applied = await net.apply(...onHost([...plan.effects, ...ipv4Side(placement, plan.ipv4RouteMtu), ...also]));
  const wanted = plan.translator;
  const translator =
    wanted === undefined ? undefined : await translators.start(wanted.dev, wanted.spec, wanted.fastPath);
  return {
    plan,
    translator,
    end: async () => {
      await translator?.stop();
      await net.revert(applied);
    },
  };
}
