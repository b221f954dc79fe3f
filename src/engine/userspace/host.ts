// Runs translators of this process: a worker thread for each TUN (DESIGN §5).

import type { TranslationSpec } from "../../xlat/spec.js";
import type { RunningTranslator, TranslatorHost } from "../engine.js";
import { Succession } from "./succession.js";
import { TranslatorThread } from "./translator-thread.js";
import { workerUrl } from "./worker-url.js";

/** Where the TUNs are: `LinuxOs` has opened them as effects. */
export interface TunSource {
  /** `headerLength`: octets of virtio header in front of each packet, 0 without. Undefined where there is no such TUN. */
  tun(name: string): { readonly fd: number; readonly headerLength: number } | undefined;
}

/** A translator must be stopped before the effect that opened its TUN is undone: it holds the device open. */
export function userspaceHost(tuns: TunSource): TranslatorHost {
  return {
    async start(dev: string, spec: TranslationSpec): Promise<RunningTranslator> {
      const program = workerUrl();
      const thread = (wanted: TranslationSpec, standsBy: boolean): TranslatorThread => {
        const tun = tuns.tun(dev);
        if (tun === undefined) {
          throw new Error(`Cannot translate on "${dev}": there is no TUN of that name; open it first`);
        }
        return new TranslatorThread({ program, dev, spec: wanted, tun, standsBy });
      };
      const first = thread(spec, false);
      await first.ready;
      return new Succession(first, (next) => thread(next, true));
    },
  };
}
