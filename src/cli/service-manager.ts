// The service manager that has started clatd, if one has, as its environment tells: sd_notify(3), sd_watchdog_enabled(3).

import { ServiceNotices } from "../daemon/service-notices.js";
import { datagramsTo } from "../os/linux/unix-datagram.js";

type Environment = Record<string, string | undefined>;

/** Undefined where nobody listens. Takes the variables away, so that scripts do not speak in our name. */
export function serviceNotices(environment: Environment, pid: number): ServiceNotices | undefined {
  const path = environment["NOTIFY_SOCKET"];
  const beatEvery = beatInterval(environment, pid);
  for (const name of ["NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"]) delete environment[name];
  const sender = path === undefined ? undefined : datagramsTo(path);
  if (sender === undefined) return undefined;
  return new ServiceNotices({
    send: (text) => sender.send(text),
    monotonic: () => process.hrtime.bigint() / 1000n,
    ...(beatEvery === undefined ? {} : { beatEvery }),
  });
}

/** Milliseconds: a third of what the manager waits for, so that a late one is no death. */
export function beatInterval(environment: Environment, pid: number): number | undefined {
  const { WATCHDOG_USEC: microseconds, WATCHDOG_PID: whose } = environment;
  if (microseconds === undefined || !/^[1-9]\d{0,15}$/.test(microseconds)) return undefined;
  if (whose !== undefined && whose !== `${pid}`) return undefined;
  return Math.max(1, Math.floor(Number(microseconds) / 3000));
}
