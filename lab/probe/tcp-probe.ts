// Opens a TCP connection: the handshake and nothing more. Or sees that it cannot be opened, and is told so at once.

import { connect, isIP } from "node:net";
import { bad, good, type Outcome } from "./outcome.js";

export interface TcpRequest {
  readonly to: string;
  readonly port: number;
  /** It must end with one of these errors within a second. */
  readonly error?: readonly string[];
  /** Milliseconds. */
  readonly timeout: number;
}

/** Milliseconds: a round trip, not a time-out. */
const AT_ONCE = 1000;

export async function tcpProbe(request: TcpRequest): Promise<Outcome> {
  const started = performance.now();
  const { outcome, code } = await open(request);
  if (request.error === undefined) return outcome;
  const took = performance.now() - started;
  if (outcome.ok) return bad(`it is connected ${outcome.detail}`);
  if (code === undefined || !request.error.includes(code) || took > AT_ONCE)
    return bad(`${outcome.detail} after ${(took / 1000).toFixed(2)} s, not ${request.error.join(" or ")} within 1 s`);
  return good(`${code} after ${took.toFixed(0)} ms`);
}

/** `code`: of the error that ended it. */
function open({ to, port, timeout }: TcpRequest): Promise<{ readonly outcome: Outcome; readonly code?: string }> {
  return new Promise((resolve) => {
    const socket = connect({ host: to, port, family: isIP(to) });
    const end = (outcome: Outcome, code?: string): void => {
      socket.destroy();
      resolve({ outcome, ...(code === undefined ? {} : { code }) });
    };
    socket.setTimeout(timeout, () => end(bad(`no answer within ${timeout / 1000} s`)));
    socket.once("error", (error: NodeJS.ErrnoException) => end(bad(error.message), error.code));
    socket.once("connect", () => end(good(`from ${socket.localAddress}`)));
  });
}
