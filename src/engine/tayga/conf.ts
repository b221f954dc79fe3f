// TAYGA's configuration file (tayga.conf(5), TAYGA 0.9.2) out of a specification. No dynamic pool: a CLAT maps one address
// to one. Pure.

import { parseIpv4 } from "../../net/address.js";
import { isNonGlobal4 } from "../../net/address-class.js";
import { parseEam } from "../../net/eam.js";
import { i32 } from "../../net/octets.js";
import { formatPrefix, parsePrefix } from "../../net/prefix.js";
import { isWellKnownPrefix } from "../../net/rfc6052.js";
import type { TranslationSpec } from "../../xlat/spec.js";

/**
 * The source of TAYGA's own ICMPv6 errors where it must be told one. Nobody is to answer them, so it is one of those that are
 * for discarding (RFC 6666).
 */
const errorSource = "100::c000:2";

export interface TaygaConf {
  readonly text: string;
  /** What it cannot hold: sentences. */
  readonly notes: readonly string[];
}

export function taygaConf(dev: string, spec: TranslationSpec): TaygaConf {
  const [pref64 = "", ...others] = spec.pref64s;
  const eams = spec.eams.map((text, index) => parseEam(text, index));
  // "IPv4 and IPv6 subnet must be of the same size".
  const usable = eams.filter(({ v4, v6 }) => 32 - v4.length === 128 - v6.length);
  const left = eams.filter((eam) => !usable.includes(eam));
  const lines = [
    `tun-device ${dev}`,
    `ipv4-addr ${spec.translatorV4}`,
    ...(needsIpv6Addr(pref64, spec.translatorV4) ? [`ipv6-addr ${errorSource}`] : []),
    `prefix ${pref64}`,
    ...usable.map(({ v4, v6 }) => `map ${formatPrefix(v4)} ${formatPrefix(v6)}`),
  ];
  return {
    text: `${lines.join("\n")}\n`,
    notes: [
      ...(others.length === 0 ? [] : [`TAYGA knows one PREF64, ${pref64}; it does not translate ${others.join(", ")}`]),
      ...left.map(
        ({ v4, v6 }) =>
          `TAYGA cannot map ${formatPrefix(v4)} to ${formatPrefix(v6)}: both must leave as many bits, and it is left out`,
      ),
    ],
  };
}

/** Else TAYGA takes its IPv4 address behind the PREF64, which it refuses where the two must not meet (RFC 6052 §3.1). */
function needsIpv6Addr(pref64: string, translatorV4: string): boolean {
  const prefix = parsePrefix(pref64);
  const octets = parseIpv4(translatorV4);
  return prefix !== undefined && isWellKnownPrefix(prefix) && octets !== undefined && isNonGlobal4(i32(octets, 0));
}
