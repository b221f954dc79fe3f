// One line a change of state: `clatd active pref64=2001:db8:64::/96 origin=dns64 engine=userspace`. pino decides what is
// said; the words are for people, with fields as key=value. Warnings and errors go to stderr, the rest to stdout.

import { type Level, pino } from "pino";

export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

export interface Log {
  error(text: string, fields?: LogFields): void;
  warn(text: string, fields?: LogFields): void;
  info(text: string, fields?: LogFields): void;
  debug(text: string, fields?: LogFields): void;
  trace(text: string, fields?: LogFields): void;
}

export interface LogOptions {
  /** 1: no normal output; 2: no warnings or errors either. */
  readonly quiet: number;
  /** 1: more than changes of state; 2: every effect too. */
  readonly debug: number;
  /** The lines go to the journal of systemd, which has the program's name and takes levels (sd-daemon(3)). */
  readonly journal?: boolean;
  /** Takes whole lines. */
  write(line: string, to: "stdout" | "stderr"): void;
}

const marks: Readonly<Record<string, string>> = { "50": "error: ", "40": "warning: ", "30": "", "20": "", "10": "" };
const warnLevel = 40;

/** Of syslog(3), by pino's. */
const priorities: Readonly<Record<string, number>> = { "50": 3, "40": 4, "30": 6, "20": 7, "10": 7 };

export function createLog(options: LogOptions): Log {
  const destination = {
    write(json: string): void {
      const { level, msg, fields } = JSON.parse(json) as { level: number; msg: string; fields: LogFields };
      const text = `${msg}${formatFields(fields)}`;
      const line = options.journal === true ? forJournal(level, text) : `clatd ${marks[level] ?? ""}${text}`;
      options.write(line, level >= warnLevel ? "stderr" : "stdout");
    },
  };
  const logger = pino({ level: levelOf(options), base: null, timestamp: false }, destination);
  const at =
    (level: Level) =>
    (text: string, fields: LogFields = {}): void =>
      logger[level]({ fields }, text);
  return { error: at("error"), warn: at("warn"), info: at("info"), debug: at("debug"), trace: at("trace") };
}

function levelOf({ quiet, debug }: LogOptions): Level | "silent" {
  if (quiet >= 2) return "silent";
  if (quiet === 1) return "warn";
  return debug >= 2 ? "trace" : debug === 1 ? "debug" : "info";
}

/** Each line is an entry of its own. */
function forJournal(level: number, text: string): string {
  return text.replace(/^/gm, `<${priorities[level] ?? 6}>`);
}

/** ` key=value …`; a value with anything but plain characters is quoted. */
export function formatFields(fields: LogFields): string {
  return Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}=${formatValue(`${value}`)}`)
    .join("");
}

function formatValue(text: string): string {
  return /^[^\s"=]+$/.test(text) ? text : JSON.stringify(text);
}
