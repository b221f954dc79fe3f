// Reads a device's counters of this network namespace. Not by /sys, which shows the namespace that it was mounted in.

import { readFileSync } from "node:fs";
import { type DeviceTraffic, deviceTraffic } from "../traffic.js";
import { linkFacts } from "./bpf/link-facts.js";

const ethernetHeader = 14;

/** Undefined where they cannot be read: the device has gone, or has no IPv6. */
export function readDeviceTraffic(name: string): DeviceTraffic | undefined {
  try {
    const snmp6 = readFileSync(`/proc/self/net/dev_snmp6/${name}`, "utf8");
    const dev = readFileSync("/proc/self/net/dev", "utf8");
    const header = linkFacts(name).header === "ethernet" ? ethernetHeader : 0;
    return deviceTraffic({ name, dev, snmp6, header });
  } catch {
    return undefined;
  }
}
