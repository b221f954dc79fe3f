// How a probe went.

export interface Outcome {
  readonly ok: boolean;
  /** It proves nothing: no check passes by it, not even one that expects a failure. */
  readonly inconclusive?: true;
  /** A few words: what was measured, or what went wrong. */
  readonly detail: string;
  /** Bit/s where something was measured. */
  readonly rates?: Readonly<Record<string, number>>;
}

export const good = (detail: string): Outcome => ({ ok: true, detail });
export const bad = (detail: string): Outcome => ({ ok: false, detail });
export const inconclusive = (detail: string): Outcome => ({ ok: false, inconclusive: true, detail });

export const reasonOf = (error: unknown): string => {
  // Node tries several addresses and wraps what each of them met.
  if (error instanceof AggregateError) return [...new Set(error.errors.map(reasonOf))].join("; ");
  return error instanceof Error ? error.message : String(error);
};

const megabytes = (octets: number): string => (octets >= 1e6 ? `${+(octets / 1e6).toFixed(1)} MB` : `${octets} octets`);

/** `100 MB in 0.41 s`. */
export const amount = (octets: number, ms: number): string => `${megabytes(octets)} in ${(ms / 1000).toFixed(2)} s`;
