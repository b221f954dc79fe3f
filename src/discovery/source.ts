// Where a PREF64 may come from, and what a source says. A source watches for as long as it is wanted; it reports what
// it knows each time that changes, and failures as reasons for people: it never throws for what the network says.

export type Pref64Origin = "static" | "dns64" | "fallback" | "ra" | "networkd";

/** What one source knows now. */
export type Pref64Report =
  | {
      readonly origin: Pref64Origin;
      readonly found: true;
      /** Canonical prefixes in the order of preference, at least one. */
      readonly prefixes: readonly string[];
      /** Milliseconds for which this holds (DNS TTL, RA lifetime); absent: for ever. */
      readonly validFor?: number;
    }
  | { readonly origin: Pref64Origin; readonly found: false; readonly reason: string };

export interface Pref64Source {
  readonly origin: Pref64Origin;
  /** Ends when the signal aborts. `wake` asks for a fresh look now (something about the network changed). */
  watch(signal: AbortSignal): AsyncIterable<Pref64Report>;
  wake(): void;
}
