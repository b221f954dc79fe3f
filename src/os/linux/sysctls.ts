// Sysctls of a place, by whichever way leads there.

export interface Sysctls {
  /** All that a snapshot shows, sorted. */
  readShown(): Promise<Record<string, string>>;
  /** Undefined where there is no such sysctl. */
  read(key: string): Promise<string | undefined>;
  /** Writes in order. Rejects with an OsError whose `done` says how many were written. */
  write(writes: readonly SysctlWrite[]): Promise<void>;
}

export interface SysctlWrite {
  readonly key: string;
  readonly value: string;
}
