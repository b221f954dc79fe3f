// A translator host over the fake's TUNs: the real xlat, without threads.

import type { FastPathPlan, RunningTranslator, TranslatorHost } from "../engine/engine.js";
import type { FakeOs } from "../os/fake/fake-os.js";
import { COUNTERS_LENGTH, readCounters } from "../xlat/counters.js";
import { type Frame, loadFrame, newFrame } from "../xlat/frame.js";
import type { TranslationSpec } from "../xlat/spec.js";
import { createTranslator, type Translator } from "../xlat/translator.js";
import { SimulatedFastPaths } from "./fast-paths.js";

const largestPacket = 65_535;

export function simulatedTranslators(os: FakeOs, fastPaths = new SimulatedFastPaths()): TranslatorHost {
  return {
    async start(dev: string, spec: TranslationSpec, fastPath?: FastPathPlan): Promise<RunningTranslator> {
      const port = os.tunPort(dev);
      if (port === undefined) throw new Error(`Cannot translate on ${dev}: no effect has opened that TUN`);
      const counters = new Float64Array(COUNTERS_LENGTH);
      const compile = (wanted: TranslationSpec): Translator =>
        createTranslator(wanted, { counters, seed: 1, now: () => os.kernel.clock.now() });
      let translator = compile(spec);
      fastPaths.configure(dev, spec, fastPath);
      const frame = newFrame(largestPacket);
      const outlet = {
        emit: (out: Frame, family: 4 | 6): void => port.write(out.bytes.slice(out.start, out.end), family),
      };
      port.read((packet, family) => {
        loadFrame(frame, packet);
        if (family === 4) translator.v4ToV6(frame, outlet);
        else translator.v6ToV4(frame, outlet);
      });
      const lifetime = watchDevice(os, dev);
      return {
        update: async (next, path) => {
          translator = compile(next);
          fastPaths.configure(dev, next, path);
        },
        counters: () => readCounters(counters),
        stop: async () => {
          port.read(() => {});
          fastPaths.forget(dev);
          lifetime.end();
        },
        ended: lifetime.ended,
      };
    },
  };
}

/** Reading from a TUN fails when the device goes, whoever took it. */
function watchDevice(os: FakeOs, dev: string): { readonly ended: Promise<Error | undefined>; end(): void } {
  let end = (): void => {};
  const ended = new Promise<Error | undefined>((resolve) => {
    const ns = os.kernel.netns("");
    const stop = os.kernel.listen(ns, () => {
      if (ns.links.has(dev)) return;
      stop();
      resolve(new Error(`${dev} is gone`));
    });
    end = () => {
      stop();
      resolve(undefined);
    };
  });
  return { ended, end };
}
