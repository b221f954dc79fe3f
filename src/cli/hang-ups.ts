// SIGHUP from the first moment of the program on. Left alone, it ends a process, and whoever has started a daemon may want
// it to read its configuration anew (`rc-service clatd reload`) long before it has loaded all that it consists of. One that
// comes early is kept for who listens later. Must not import anything: it has to be there before everything else.

/** What is needed of the process. */
export interface SignalledProcess {
  readonly pid: number;
  on(signal: "SIGHUP", listener: () => void): unknown;
  off(signal: "SIGHUP", listener: () => void): unknown;
  kill(pid: number, signal: "SIGHUP"): unknown;
}

export interface HangUps {
  /** Tells of each that comes from now on, and at once if one has come already. @returns what ends that */
  listen(listener: () => void): () => void;
  /** Nobody will listen: they end the process, as without us. One that has come ends it now. */
  release(): void;
}

export function holdHangUps(of: SignalledProcess): HangUps {
  let held = false;
  const hold = (): void => {
    held = true;
  };
  of.on("SIGHUP", hold);
  return {
    listen(listener) {
      // The new one first: with none at all the process would be open to it for a moment.
      of.on("SIGHUP", listener);
      of.off("SIGHUP", hold);
      if (held) listener();
      held = false;
      return () => void of.off("SIGHUP", listener);
    },
    release() {
      of.off("SIGHUP", hold);
      if (held) of.kill(of.pid, "SIGHUP");
    },
  };
}
