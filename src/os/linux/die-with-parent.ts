// Children that must not outlive us: the kernel kills them when our process ends, however it ends (PR_SET_PDEATHSIG).

/** Words before a command. Lost at a fork, so that what is behind one asks again. */
export const dieWithParent = ["setpriv", "--pdeathsig", "KILL", "--"] as const;

/**
 * A session of its own: Ctrl-C is for us, and we end in order; a command that was interrupted half way would leave
 * nobody knows what.
 */
export const ownSession = { detached: true, cleanup: false } as const;
