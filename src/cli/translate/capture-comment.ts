// What is said of each packet in the capture that `clatd translate --pcap` writes: where it came from, what was done to it,
// by which mappings and sections. The first word is for a viewer's filter: `frame.comment contains "dropped:"`.

import type { CapturedFrame } from "../../wire/pcapng-reader.js";
import type { Reason } from "../../xlat/reasons.js";
import type { TranslationSpec } from "../../xlat/spec.js";
import { addressUse } from "../explain/address-use.js";
import type { Mappings } from "../explain/mappings.js";
import { packetFields } from "../explain/packet-fields.js";

/** A packet that came out. */
export interface Output {
  readonly family: 4 | 6;
  readonly octets: Uint8Array;
}

/** Of a packet that came out of `input`, the `index`-th of `outputs`. */
export function outputComment(
  frame: CapturedFrame,
  input: Output,
  outputs: readonly Output[],
  index: number,
  reason: Reason | undefined,
  spec: TranslationSpec,
  mappings: Mappings,
): string {
  const output = outputs[index] ?? input;
  const from = `packet ${frame.number} of the input`;
  if (output.family === input.family) {
    if (reason !== undefined) return `answer: to ${from}, which was dropped: ${reason.name} (${reason.rfc})`;
    return isAnswer(input, output)
      ? `answer: to ${from}, of the translator itself (RFC 1122 §3.2.2.6)`
      : `turned: ${from}, in the translator (hairpinning, RFC 7757 §4)`;
  }
  const which = outputs.length === 1 ? "" : `, ${index + 1} of the ${outputs.length} that it became`;
  const before = packetFields(input.octets, input.family);
  const after = packetFields(output.octets, output.family);
  const uses =
    before === undefined || after === undefined
      ? []
      : (["source", "destination"] as const).flatMap((name) => {
          const use = addressUse(before, after, name, spec, mappings);
          return use === undefined
            ? []
            : [`${name} ${before.fields.get(name)} through ${use.text} (RFC ${use.section})`];
        });
  const way = `IPv${input.family} to IPv${output.family} (RFC 7915 §${input.family === 4 ? 4 : 5})`;
  return [`translated: ${from}${which}, ${way}`, ...uses].join("; ");
}

function isAnswer(input: Output, output: Output): boolean {
  const asked = packetFields(input.octets, input.family)?.fields.get("source");
  return asked === packetFields(output.octets, output.family)?.fields.get("destination");
}

/** Of a packet that was dropped, and stands in the output as it came. */
export function dropComment(frame: CapturedFrame, input: Output, reason: Reason): string {
  const cut = frame.octets.length < frame.originalLength;
  const captured = cut ? ` Only ${frame.octets.length} of its ${frame.originalLength} octets were captured.` : "";
  const way = `IPv${input.family} to IPv${input.family === 4 ? 6 : 4}`;
  return (
    `dropped: packet ${frame.number} of the input, ${way}: ${reason.name} (${reason.rfc}). ${reason.sentence} ` +
    `${reason.hint}${captured}`
  );
}
