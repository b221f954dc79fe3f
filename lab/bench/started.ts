// A subject that has been started: what its start comes back with.

export interface Started extends AsyncDisposable {
  /** Its processes, as seen from here. */
  readonly engines: readonly number[];
}
