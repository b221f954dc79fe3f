// HTTP on sockets of one family: a GET, a download or an upload with its sha256 compared, several at once.

import { createHash } from "node:crypto";
import { request as httpRequest, type IncomingMessage, type RequestOptions } from "node:http";
import { patternHash, patternSlices } from "../services/pattern.js";
import { amount, bad, good, type Outcome, reasonOf } from "./outcome.js";

export interface HttpRequest {
  readonly url: string;
  /** Absent: whatever the resolver gives first. */
  readonly family?: 4 | 6;
  /** Octets. */
  readonly download: number;
  readonly upload: number;
  readonly streams: number;
  /** A regular expression for the address that the server saw. */
  readonly seenFrom?: string;
  /** Milliseconds for all of it. */
  readonly timeout: number;
}

export async function httpProbe(request: HttpRequest): Promise<Outcome> {
  const started = performance.now();
  const signal = AbortSignal.timeout(request.timeout);
  try {
    const streams = Array.from({ length: request.streams }, () => one(request, signal));
    const seen = (await Promise.all(streams))[0] ?? "";
    if (request.seenFrom !== undefined && !new RegExp(request.seenFrom, "u").test(seen)) {
      return bad(`the server saw it come from ${seen}`);
    }
    const octets = (request.download + request.upload) * request.streams;
    const took = performance.now() - started;
    const moved = octets === 0 ? "" : `${amount(octets, took)}, sha256 equal, `;
    return good(`${moved}the server saw ${seen}`);
  } catch (error) {
    return bad(signal.aborted ? `no answer within ${request.timeout / 1000} s` : reasonOf(error));
  }
}

/** The address that the server saw. */
async function one(request: HttpRequest, signal: AbortSignal): Promise<string> {
  let seen = "";
  if (request.download > 0) seen = await download(request, signal);
  if (request.upload > 0) seen = await upload(request, signal);
  if (request.download > 0 || request.upload > 0) return seen;
  const response = await send(request, request.url, "GET", signal);
  const text = await textOf(response);
  if (response.statusCode !== 200) throw new Error(`the server answered ${response.statusCode}: ${text.trim()}`);
  try {
    return String((JSON.parse(text) as { address?: unknown }).address);
  } catch {
    return "an unknown address (it is no server of the lab)";
  }
}

async function download(request: HttpRequest, signal: AbortSignal): Promise<string> {
  const url = new URL(`/bytes/${request.download}`, request.url);
  const response = await send(request, url.href, "GET", signal);
  const hash = createHash("sha256");
  let octets = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    octets += chunk.length;
    hash.update(chunk);
  }
  if (octets !== request.download) throw new Error(`${octets} of ${request.download} octets came down`);
  if (hash.digest("hex") !== response.headers["x-sha256"])
    throw new Error(`what came down has another sha256 than the server sent`);
  return String(response.headers["x-client"]);
}

async function upload(request: HttpRequest, signal: AbortSignal): Promise<string> {
  const url = new URL("/upload", request.url);
  const response = await send(request, url.href, "PUT", signal, request.upload);
  const { octets, sha256, address } = JSON.parse(await textOf(response)) as {
    octets: number;
    sha256: string;
    address: string;
  };
  if (octets !== request.upload) throw new Error(`${octets} of ${request.upload} octets went up`);
  if (sha256 !== patternHash(request.upload)) throw new Error(`the server got another sha256 than was sent`);
  return address;
}

function send(
  request: HttpRequest,
  url: string,
  method: string,
  signal: AbortSignal,
  body = 0,
): Promise<IncomingMessage> {
  const options: RequestOptions = {
    method,
    signal,
    agent: false,
    ...(request.family === undefined ? {} : { family: request.family }),
    ...(body === 0 ? {} : { headers: { "content-length": body } }),
  };
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest(url, options, resolve);
    outgoing.once("error", reject);
    void (async () => {
      for (const slice of patternSlices(body)) {
        if (outgoing.destroyed) return;
        if (!outgoing.write(slice)) await new Promise((go) => outgoing.once("drain", go).once("close", go));
      }
      outgoing.end();
    })();
  });
}

async function textOf(response: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of response as AsyncIterable<Buffer>) text += chunk.toString();
  return text;
}
