// `npm run fuzz`: a million packets, or as many as are asked for, through the translator. Prints the seed: with it the same
// packets come again. Exit 0: everything held; 1: a finding, with the packet; 2: wrong arguments.

import { parseArgs } from "node:util";
import { Campaign, Finding, type Tally } from "./campaign.js";

interface Wanted {
  readonly packets: number;
  readonly seconds: number;
  readonly seed: number;
}

const help = `npm run fuzz -- [options]
  --packets N  as many packets; default: a million
  --seconds N  for so long, in the place of a number of packets
  --seed N     the packets of an earlier run again
  -h, --help   show the help
`;

/** Packets between two looks at the clock. */
const SLICE = 10_000;
/** Packets between two lines. */
const LINE = 200_000;

function readArguments(): Wanted | "help" | { readonly mistake: string } {
  const number = (name: string, text: string | undefined, otherwise: number): number => {
    if (text === undefined) return otherwise;
    if (!/^\d+$/.test(text)) throw new Error(`Cannot use --${name} ${text}: give a whole number`);
    return Number(text);
  };
  try {
    const option = { type: "string" } as const;
    const { values } = parseArgs({
      options: { packets: option, seconds: option, seed: option, help: { type: "boolean", short: "h" } },
    });
    if (values.help === true) return "help";
    const seconds = number("seconds", values.seconds, Number.POSITIVE_INFINITY);
    return {
      packets: number("packets", values.packets, values.seconds === undefined ? 1_000_000 : Number.POSITIVE_INFINITY),
      seconds,
      seed: number("seed", values.seed, Date.now() % 2 ** 31),
    };
  } catch (error) {
    return { mistake: error instanceof Error ? error.message : String(error) };
  }
}

function summary({ packets, translated, answered, held, roundTrips, drops }: Tally): string {
  const count = (number: number): string => number.toLocaleString("en");
  const rows = [...drops].sort((a, b) => b[1] - a[1]).map(([name, number]) => `  ${name.padEnd(24)} ${count(number)}`);
  return [
    `${count(packets)} packets in; ${count(translated)} out translated, ${count(answered)} answered, ${count(held)} held as fragments`,
    `${count(roundTrips)} went there and back again as they were`,
    "dropped, by reason:",
    ...rows,
  ].join("\n");
}

function main(wanted: Wanted): number {
  console.log(`seed ${wanted.seed}`);
  const campaign = new Campaign(wanted.seed);
  const { tally } = campaign;
  const begin = performance.now();
  const seconds = (): number => (performance.now() - begin) / 1000;
  try {
    while (tally.packets < wanted.packets && seconds() < wanted.seconds) {
      campaign.run(Math.min(SLICE, wanted.packets - tally.packets));
      if (tally.packets % LINE === 0) {
        const each = Math.round(tally.packets / seconds());
        console.log(
          `${tally.packets.toLocaleString("en")} packets, ${seconds().toFixed(1)} s, ${each.toLocaleString("en")} a second`,
        );
      }
    }
  } catch (error) {
    if (!(error instanceof Finding)) throw error;
    console.error(`FOUND ${error.message}`);
    if (error.cause instanceof Error && !(error.cause instanceof Finding)) console.error(error.cause.stack);
    console.error(`again: npm run fuzz -- --seed ${wanted.seed} --packets ${tally.packets + 1}`);
    return 1;
  }
  console.log(summary(tally));
  return 0;
}

const wanted = readArguments();
if (wanted === "help") process.stdout.write(help);
else if ("mistake" in wanted) {
  console.error(`fuzz: ${wanted.mistake}\n${help.trimEnd()}`);
  process.exitCode = 2;
} else {
  process.exitCode = main(wanted);
}
