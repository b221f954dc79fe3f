// The other end of the control socket: asks one question, takes one answer.

import { connect } from "node:net";
import type { ControlAnswer, ControlQuestion } from "./control-words.js";
import { type StatusRecord, statusVersion } from "./status.js";
import { messageOf } from "./words.js";

export type Asked =
  | { readonly ok: true; readonly status: StatusRecord }
  /** `nobody`: no daemon listens there; `trouble`: it could not be asked, or gave no right answer. */
  | { readonly ok: false; readonly code: "nobody" | "trouble"; readonly error: string };

/** A daemon answers at once; one that is stopped (SIGSTOP) would keep us for ever. */
const patience = 3000;

/** Asks the daemon at that socket. Never rejects. */
export function ask(path: string, question: ControlQuestion): Promise<Asked> {
  return new Promise((resolve) => {
    const socket = connect(path);
    let text = "";
    const end = (asked: Asked): void => {
      socket.destroy();
      resolve(asked);
    };
    socket.setEncoding("utf8");
    socket.setTimeout(patience, () => end(trouble(`the daemon at ${path} does not answer`)));
    socket.on("connect", () => socket.write(`${JSON.stringify(question)}\n`));
    socket.on("data", (chunk: string) => {
      text += chunk;
      const line = text.split("\n", 1)[0] ?? "";
      if (line.length < text.length) end(read(line));
    });
    socket.on("end", () => end(trouble(`the daemon at ${path} hung up`)));
    socket.on("error", (error: NodeJS.ErrnoException) => {
      const nobody = error.code === "ENOENT" || error.code === "ECONNREFUSED" || error.code === "ENOTSOCK";
      const why = error.code === "EACCES" ? "this user may not; try it as root" : error.message;
      end({ ok: false, code: nobody ? "nobody" : "trouble", error: `Cannot ask ${path}: ${why}` });
    });
  });
}

/** The status of the daemon at that socket; the error is for people. */
export function readStatus(path: string): Promise<Asked> {
  return ask(path, { ask: "status" });
}

function read(line: string): Asked {
  try {
    const answer = JSON.parse(line) as ControlAnswer;
    if (!answer.ok) return trouble(answer.error);
    if (answer.status.version === statusVersion) return answer;
    return trouble(
      `the daemon is of another version (status ${answer.status.version}, this is ${statusVersion}); restart it`,
    );
  } catch (error) {
    return trouble(messageOf(error));
  }
}

function trouble(error: string): Asked {
  return { ok: false, code: "trouble", error };
}
