// Facts in, desired state out: the brain of the daemon, pure (no clock, no I/O, no randomness).

import type { EngineName, EnginePlan } from "../engine/engine.js";

export const waitReasons = [
  "starting",
  "no-pref64",
  "no-route",
  "no-clat-address",
  "native-ipv4",
  "conncheck-delay",
  "failed",
] as const;
export type WaitReason = (typeof waitReasons)[number];

export type Desired =
  | {
      readonly state: "active";
      readonly pref64: string;
      readonly origin: string;
      readonly uplink: string;
      readonly clatV4: string;
      readonly clatV6: string;
      readonly engine: EngineName;
      readonly mtu: { readonly v4: number; readonly v6: number };
      readonly plan: EnginePlan;
    }
  | {
      readonly state: "waiting";
      readonly reason: WaitReason;
      /** A sentence for people: what is missing, what was seen. */
      readonly text: string;
      /** Milliseconds after which to look again although nothing happened. */
      readonly lookAgainIn?: number;
    }
  | { readonly state: "stopping" };
