// What the builtin PLAT and the builtin Border Relay have in common: `xlat` on a TUN of its own (engine/userspace). The
// kernel's routes bring it its packets. Comes back when it has ended by itself.

import { userspaceHost } from "../../src/engine/userspace/host.js";
import { LinuxOs } from "../../src/os/linux/linux-os.js";
import type { TranslationSpec } from "../../src/xlat/spec.js";
import { onSignal, ready } from "./service.js";

/** @param mtu of the device, in octets */
export async function translateOn(dev: string, mtu: number, spec: TranslationSpec): Promise<void> {
  const os = new LinuxOs();
  await os.perform(await os.prepare({ do: "link.add", name: dev, link: { kind: "tun", offloads: true }, mtu }));
  const translator = await userspaceHost({ tun: (name) => os.tun(name) }).start(dev, spec);
  onSignal(() => process.exit(0));
  ready();
  const error = await translator.ended;
  process.stderr.write(`${error?.message ?? "the translator has ended"}\n`);
  process.exitCode = 1;
}
