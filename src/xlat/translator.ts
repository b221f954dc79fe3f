// The translator: IPv4 packets in, IPv6 packets out, and back (RFC 7915). Pure: no clock, no I/O; it never throws for what
// a packet holds, and every packet that does not come out is counted under a Reason.

import { compileSpec } from "./compile.js";
import { createContext } from "./context.js";
import { COUNTERS_LENGTH } from "./counters.js";
import type { Frame, Outlet } from "./frame.js";
import type { TranslationSpec } from "./spec.js";
import { v4ToV6 } from "./v4-to-v6.js";
import { v6ToV4 } from "./v6-to-v4.js";

export interface Translator {
  readonly spec: TranslationSpec;
  /** `frame` holds an IPv4 packet; emits IPv6, or an ICMPv4 error or echo reply back (family 4). */
  v4ToV6(frame: Frame, outlet: Outlet): void;
  /** `frame` holds an IPv6 packet; emits IPv4, or an ICMPv6 error back (family 6). */
  v6ToV4(frame: Frame, outlet: Outlet): void;
}

export interface TranslatorOptions {
  /** COUNTERS_LENGTH doubles, counted on from what they hold; may lie on a SharedArrayBuffer. */
  readonly counters?: Float64Array;
  /** Where identifications start: the same seed gives the same packets. */
  readonly seed?: number;
  /**
   * Milliseconds on a clock that never goes back: fragments that wait for the rest are given up by it, and ICMP errors are
   * limited. Absent: fragments make room only for newer ones, and all errors are sent.
   */
  readonly now?: () => number;
}

/** Throws a SpecError, whose message is for people, where the specification is wrong. */
export function createTranslator(spec: TranslationSpec, options: TranslatorOptions = {}): Translator {
  const counters = options.counters ?? new Float64Array(COUNTERS_LENGTH);
  const context = createContext(compileSpec(spec), counters, options.seed ?? 0, options.now);
  return {
    spec,
    v4ToV6: (frame, outlet) => v4ToV6(context, frame, outlet),
    v6ToV4: (frame, outlet) => v6ToV4(context, frame, outlet),
  };
}
