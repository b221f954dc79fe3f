// Opens a TCP connection: the handshake and nothing more.

import { connect, isIPv4 } from "node:net";
import { bad, good, type Outcome } from "./outcome.js";

export interface TcpRequest {
  readonly to: string;
  readonly port: number;
  /** Milliseconds. */
  readonly timeout: number;
}

export function tcpProbe({ to, port, timeout }: TcpRequest): Promise<Outcome> {
  return new Promise((resolve) => {
    const socket = connect({ host: to, port, family: isIPv4(to) ? 4 : 6 });
    const end = (outcome: Outcome): void => {
      socket.destroy();
      resolve(outcome);
    };
    socket.setTimeout(timeout, () => end(bad(`no answer within ${timeout / 1000} s`)));
    socket.once("error", (error) => end(bad(error.message)));
    socket.once("connect", () => end(good(`from ${socket.localAddress}`)));
  });
}
