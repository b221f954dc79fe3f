// Where it is written what becomes of each header field: a section for each direction, of the packet itself and of the one
// inside an ICMP error.

import type { FieldName } from "./packet-fields.js";

export interface FieldRule {
  readonly v4ToV6: string;
  readonly v6ToV4: string;
  /** From IPv6 to IPv4 with a Fragment Header, where that makes a difference. */
  readonly fragment?: string;
}

const ip: FieldRule = { v4ToV6: "7915 §4.1", v6ToV4: "7915 §5.1" };
const ipFragment: FieldRule = { ...ip, fragment: "7915 §5.1.1" };
const icmp: FieldRule = { v4ToV6: "7915 §4.2", v6ToV4: "7915 §5.2" };

export const fieldRules: Readonly<Record<FieldName, FieldRule>> = {
  version: ip,
  trafficClass: ip,
  flowLabel: ip,
  headerLength: ip,
  options: ip,
  extensions: ip,
  length: ipFragment,
  identification: ipFragment,
  flags: ipFragment,
  offset: ipFragment,
  hopLimit: ip,
  protocol: ipFragment,
  headerChecksum: ip,
  source: ip,
  destination: ip,
  type: icmp,
  code: icmp,
  identifier: icmp,
  mtu: icmp,
  pointer: icmp,
  quoted: icmp,
  ports: { v4ToV6: "7915 §4.5", v6ToV4: "7915 §5.5" },
  checksum: { v4ToV6: "7915 §4.5", v6ToV4: "7915 §5.5" },
};

/** The packet inside an ICMP error is translated like any other, but for its time to live. */
export const innerRule: FieldRule = { v4ToV6: "7915 §4.3", v6ToV4: "7915 §5.3" };
