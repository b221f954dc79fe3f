// Reads Prometheus's text format 0.0.4, strictly: by its description, and by what its guide says of names. Throws at the
// first line that is not as it should be.

export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface MetricFamily {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly samples: readonly Sample[];
}

const metricName = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const labelName = /^[a-zA-Z_][a-zA-Z0-9_]*$/;
const value = /^([-+]?(\d+(\.\d+)?(e[-+]?\d+)?|Inf)|NaN)$/;
const types = ["counter", "gauge", "histogram", "summary", "untyped"];

export function readExposition(text: string): Map<string, MetricFamily> {
  if (!text.endsWith("\n")) throw new Error("The last line has no end");
  const families = new Map<string, MetricFamily & { samples: Sample[] }>();
  const seen = new Set<string>();
  let current: (MetricFamily & { samples: Sample[] }) | undefined;
  let help: { name: string; text: string } | undefined;
  for (const line of text.slice(0, -1).split("\n")) {
    const comment = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line);
    if (comment?.[1] === "HELP") {
      const [, , name = "", words = ""] = comment;
      if (help !== undefined) throw new Error(`No TYPE after HELP of ${help.name}`);
      if (families.has(name)) throw new Error(`A second group of ${name}`);
      if (!/^[A-Z].*\.$/.test(words)) throw new Error(`HELP of ${name} is no sentence: ${words}`);
      help = { name, text: words };
    } else if (comment?.[1] === "TYPE") {
      const [, , name = "", type = ""] = comment;
      if (help?.name !== name) throw new Error(`TYPE of ${name} without its HELP before it`);
      if (!types.includes(type)) throw new Error(`No such type: ${line}`);
      checkName(name, type);
      current = { name, type, help: help.text, samples: [] };
      families.set(name, current);
      help = undefined;
    } else {
      const sample = readSample(line);
      if (sample.name !== current?.name) throw new Error(`A sample outside of its group: ${line}`);
      const series = JSON.stringify([sample.name, Object.entries(sample.labels).sort()]);
      if (seen.has(series)) throw new Error(`The same series twice: ${line}`);
      seen.add(series);
      if (current.type === "counter" && !(sample.value >= 0)) throw new Error(`A counter below 0: ${line}`);
      current.samples.push(sample);
    }
  }
  for (const { name, samples } of families.values())
    if (samples.length === 0) throw new Error(`${name} has no samples`);
  return families;
}

/** https://prometheus.io/docs/practices/naming: a prefix, base units, `_total` for counters and for nothing else. */
function checkName(name: string, type: string): void {
  if (!metricName.test(name) || name.includes(":")) throw new Error(`No name of a metric: ${name}`);
  if (!/^(clatd|process)_/.test(name)) throw new Error(`${name} does not say whose it is`);
  if ((type === "counter") !== name.endsWith("_total")) throw new Error(`${name} is a ${type}`);
  if (/_(octets|kilobytes|milliseconds|ms|minutes)(_|$)/.test(name)) throw new Error(`${name} has no base unit`);
}

function readSample(line: string): Sample {
  const parts = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/.exec(line);
  if (parts === null) throw new Error(`No sample: ${JSON.stringify(line)}`);
  const [, name = "", labels = "", number = ""] = parts;
  if (!value.test(number)) throw new Error(`No value: ${line}`);
  return { name, labels: readLabels(labels, line), value: Number(number.replace("Inf", "Infinity")) };
}

function readLabels(text: string, line: string): Record<string, string> {
  const labels: Record<string, string> = {};
  let rest = text;
  while (rest !== "") {
    const parts = /^([^=]+)="((?:[^"\\\n]|\\[\\"n])*)"(?:,(?=.)|$)/.exec(rest);
    if (parts === null) throw new Error(`No labels: ${line}`);
    const [all, name = "", quoted = ""] = parts;
    if (!labelName.test(name) || name.startsWith("__")) throw new Error(`No name of a label: ${name} in ${line}`);
    if (name in labels) throw new Error(`A label twice: ${line}`);
    labels[name] = quoted.replace(/\\([\\"n])/g, (_all, sign: string) => (sign === "n" ? "\n" : sign));
    rest = rest.slice(all.length);
  }
  return labels;
}
