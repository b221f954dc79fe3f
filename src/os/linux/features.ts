// ethtool features of a device: offloads, which decide whether a veth is a wire or hands over 64 KB at a time.

import { OsError } from "../driver.js";
import { oneLine } from "./kernel-words.js";
import { run } from "./run.js";

/** `ethtool -K` takes short names that `ethtool -k` does not print. */
const longNames: Readonly<Record<string, string>> = {
  rx: "rx-checksumming",
  tx: "tx-checksumming",
  sg: "scatter-gather",
  tso: "tcp-segmentation-offload",
  ufo: "udp-fragmentation-offload",
  gso: "generic-segmentation-offload",
  gro: "generic-receive-offload",
  lro: "large-receive-offload",
  rxvlan: "rx-vlan-offload",
  txvlan: "tx-vlan-offload",
};

export async function readFeatures(
  prefix: readonly string[],
  dev: string,
  names: readonly string[],
): Promise<Record<string, boolean>> {
  const { code, stdout, stderr } = await run([...prefix, "ethtool", "-k", dev]);
  if (code !== 0) throw new OsError("failed", `Cannot read the features of link "${dev}": ${oneLine(stderr)}`);
  const on = new Map(
    stdout.split("\n").map((line): [string, boolean] => {
      const [name = "", value = ""] = line.trim().split(": ");
      return [name, value.startsWith("on")];
    }),
  );
  const found: Record<string, boolean> = {};
  for (const name of names) {
    const value = on.get(longNames[name] ?? name);
    if (value === undefined) {
      throw new OsError("unsupported", `Cannot read feature "${name}" of link "${dev}": ethtool does not know it`);
    }
    found[name] = value;
  }
  return found;
}

export async function writeFeatures(
  prefix: readonly string[],
  dev: string,
  features: Readonly<Record<string, boolean>>,
): Promise<void> {
  const words = Object.entries(features).flatMap(([name, on]) => [name, on ? "on" : "off"]);
  const { code, stderr } = await run([...prefix, "ethtool", "-K", dev, ...words]);
  if (code !== 0) throw new OsError("failed", `Cannot set features of link "${dev}": ${oneLine(stderr)}`);
}
