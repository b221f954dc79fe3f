// Options of a pcapng block (draft-ietf-opsawg-pcapng §3.5): code, length, value, padded to four octets.

/** The end of the options; not there where they end with the block. */
const END_OF_OPTIONS = 0;
/** A comment, UTF-8; the only one that may be there several times. */
export const OPTION_COMMENT = 1;

/** The most that an option's length can say, in octets. */
const LARGEST_OPTION = 0xffff;

export interface PcapngOption {
  readonly code: number;
  readonly value: Uint8Array;
}

/** Octets up to a multiple of four. */
export function padded(length: number): number {
  return (length + 3) & ~3;
}

/** With the end of the options; nothing where there are none. */
export function optionsLength(options: readonly PcapngOption[]): number {
  if (options.length === 0) return 0;
  return options.reduce((sum, { value }) => sum + 4 + padded(value.length), 4);
}

/** Writes what `optionsLength` says; gives the offset behind it. */
export function putOptions(
  view: DataView,
  at: number,
  options: readonly PcapngOption[],
  littleEndian: boolean,
): number {
  if (options.length === 0) return at;
  let to = at;
  const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  for (const { code, value } of options) {
    view.setUint16(to, code, littleEndian);
    view.setUint16(to + 2, value.length, littleEndian);
    bytes.set(value, to + 4);
    bytes.fill(0, to + 4 + value.length, to + 4 + padded(value.length));
    to += 4 + padded(value.length);
  }
  view.setUint32(to, END_OF_OPTIONS, littleEndian);
  return to + 4;
}

/** The options in [at, end); undefined where one is cut off. Their values are views. */
export function readOptions(
  view: DataView,
  at: number,
  end: number,
  littleEndian: boolean,
): PcapngOption[] | undefined {
  const options: PcapngOption[] = [];
  let from = at;
  while (from + 4 <= end) {
    const code = view.getUint16(from, littleEndian);
    const length = view.getUint16(from + 2, littleEndian);
    if (code === END_OF_OPTIONS) return options;
    if (from + 4 + length > end) return undefined;
    options.push({ code, value: new Uint8Array(view.buffer, view.byteOffset + from + 4, length) });
    from += 4 + padded(length);
  }
  return from < end ? undefined : options;
}

/** The text as the value of an option: cut, at a character, to what an option can hold. */
export function textValue(text: string): Uint8Array {
  const octets = new TextEncoder().encode(text);
  if (octets.length <= LARGEST_OPTION) return octets;
  let end = LARGEST_OPTION;
  while (((octets[end] ?? 0) & 0xc0) === 0x80) end--;
  return octets.subarray(0, end);
}

/** What is no UTF-8 comes out as U+FFFD. */
export function valueText(value: Uint8Array): string {
  return new TextDecoder().decode(value);
}
