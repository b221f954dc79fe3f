// How a clatd command ends, for scripts and service managers. Part of the interface: numbers stay.

export const exitCodes = {
  ok: { code: 0, means: "done; everything was put back" },
  failed: { code: 1, means: "it failed, or there is no PLAT (once=yes); what can be is put back" },
  usage: { code: 2, means: "wrong command line or configuration; nothing was touched" },
  notRunning: { code: 3, means: "status: clatd is not running" },
} as const;
