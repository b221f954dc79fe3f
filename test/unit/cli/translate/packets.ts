// Packets and settings that the tests of the tools share.

import { toolSpec } from "../../../../src/cli/tool-spec.js";
import type { Config } from "../../../../src/config/key-table.js";
import { type Loaded, loadConfig } from "../../../../src/config/load.js";
import { buildUdp4, buildUdp6 } from "../../../../src/wire/build.js";
import type { TranslationSpec } from "../../../../src/xlat/spec.js";

export const clat = ["plat-prefix=2001:db8:64::/96", "clat-v6-addr=2001:db8::464"];

export function configOf(settings: readonly string[]): Extract<Loaded, { ok: true }> {
  const loaded = loadConfig({ arguments: settings, purpose: "tools" });
  if (!loaded.ok) throw new Error(loaded.mistakes.map(({ text }) => text).join("\n"));
  return loaded;
}

export function specOf(settings: readonly string[] = clat): { spec: TranslationSpec; config: Config } {
  const { config, places } = configOf(settings);
  return { spec: toolSpec(config, places).spec, config };
}

const ports = { sourcePort: 1000, destinationPort: 53 };

export function udp4(fields: Partial<Parameters<typeof buildUdp4>[0]> = {}): Uint8Array {
  return buildUdp4({ source: "192.0.0.1", destination: "198.51.100.7", ...ports, ...fields });
}

export function udp6(fields: Partial<Parameters<typeof buildUdp6>[0]> = {}): Uint8Array {
  return buildUdp6({ source: "2001:db8:64::c633:6407", destination: "2001:db8::464", ...ports, ...fields });
}

export function hexOf(octets: Uint8Array): string {
  return Buffer.from(octets).toString("hex");
}
