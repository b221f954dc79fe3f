// Ctrl-C and SIGTERM while a lab is worked on. What lives in our own lab needs no tidying: it ends with our process, as after
// SIGKILL (holder.ts). The terminal and a lab that stays up do.

const signals = ["SIGINT", "SIGTERM"] as const;

/** Calls `act` with the first of the signals, until it is disposed of. The second one ends us at once. */
export function whenInterrupted(act: (signal: NodeJS.Signals) => void): Disposable {
  let came = false;
  // It stays after the first: execa, where it runs something, ends us by itself when nobody else listens.
  const listen = (signal: NodeJS.Signals): void => {
    if (came) endBy(signal);
    came = true;
    act(signal);
  };
  for (const signal of signals) process.on(signal, listen);
  return {
    [Symbol.dispose]() {
      for (const signal of signals) process.off(signal, listen);
    },
  };
}

/** The end that the signal stands for, so that a shell knows of it. Does not come back. @param words the last ones */
export function endBy(signal: NodeJS.Signals, words?: string): void {
  if (words !== undefined) process.stderr.write(`clatlab: ${words}\n`);
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
}
