// What the daemon should bring about, and why it waits: the outcome of desire().

import type { EngineName, EnginePlan } from "../engine/engine.js";
import type { Effect } from "../os/effect.js";
import type { ValuesInUse } from "./in-use.js";

export type WaitReason =
  | "starting"
  | "no-pref64"
  | "no-route"
  | "no-clat-address"
  | "native-ipv4"
  | "conncheck-delay"
  | "route-taken"
  | "failed";

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
      /** Of an Edge Relay (RFC 7756). */
      readonly relay?: {
        readonly mappings: number;
        /** Devices with service addresses behind them. */
        readonly behind: readonly string[];
      };
      /** What is left for others to do: sentences. */
      readonly notes: readonly string[];
      /** What the keys that were left to clatd have become. */
      readonly inUse: ValuesInUse;
      readonly plan: EnginePlan;
      /** Those of the plan's effects that the engine asked for: the host's IPv4 is not its matter. */
      readonly engineEffects: readonly Effect[];
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
