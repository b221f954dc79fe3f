// Time and randomness come in as arguments (DESIGN §2): the simulation brings its own.

export interface Clock {
  /** Milliseconds since some fixed point; never goes back. */
  now(): number;
  /** Resolves after `ms`, or rejects with the signal's reason. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export interface Random {
  /** Fills with unpredictable octets. */
  fill(octets: Uint8Array): void;
}
