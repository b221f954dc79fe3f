// Throughput over HTTP for where iperf3 is not: streams down for a while, then up.

import { type ClientRequest, request as httpRequest } from "node:http";
import { patternSlices } from "../services/pattern.js";
import { bad, type Outcome, reasonOf } from "./outcome.js";

export interface LoadRequest {
  readonly to: string;
  readonly port: number;
  readonly streams: number;
  /** For each direction. */
  readonly seconds: number;
}

/** More than any stream can carry in that time. */
const ENDLESS = 1e12 - 1;

export async function loadProbe(request: LoadRequest): Promise<Outcome> {
  try {
    const down = await rate(request, startDownload);
    const up = await rate(request, startUpload);
    return { ok: down > 0 && up > 0, detail: `${gigabits(up)} up, ${gigabits(down)} down`, rates: { up, down } };
  } catch (error) {
    return bad(reasonOf(error));
  }
}

type Start = (request: LoadRequest, count: (octets: number) => void, fail: (error: Error) => void) => ClientRequest;

/** Bit/s over all streams. */
function rate(request: LoadRequest, start: Start): Promise<number> {
  return new Promise((resolve, reject) => {
    let octets = 0;
    let over = false;
    const count = (more: number): void => {
      octets += more;
    };
    const fail = (error: Error): void => {
      if (!over) reject(error);
    };
    const streams = Array.from({ length: request.streams }, () => start(request, count, fail));
    setTimeout(() => {
      over = true;
      for (const stream of streams) stream.destroy();
      resolve((octets * 8) / request.seconds);
    }, request.seconds * 1000);
  });
}

const startDownload: Start = ({ to, port }, count, fail) => {
  const stream = httpRequest({ host: to, port, path: `/bytes/${ENDLESS}`, agent: false }, (response) => {
    response.on("data", (chunk: Buffer) => count(chunk.length));
    response.on("error", fail);
  });
  stream.on("error", fail);
  stream.end();
  return stream;
};

const startUpload: Start = ({ to, port }, count, fail) => {
  const stream = httpRequest({ host: to, port, path: "/discard", method: "PUT", agent: false });
  stream.on("error", fail);
  void (async () => {
    for (const slice of patternSlices(ENDLESS)) {
      if (stream.destroyed) return;
      // Counted when the socket has taken it: what is left in its buffers is far less than what went through.
      await new Promise<void>((go) => {
        stream.once("close", go);
        stream.write(slice, () => {
          stream.off("close", go);
          go();
        });
      });
      count(slice.length);
    }
  })();
  return stream;
};

const gigabits = (bits: number): string =>
  bits >= 1e9 ? `${(bits / 1e9).toFixed(1)} Gbit/s` : `${(bits / 1e6).toFixed(0)} Mbit/s`;
