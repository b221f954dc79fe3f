// Colours, where they are wanted: a terminal, and no NO_COLOR (https://no-color.org).

type Paint = (text: string) => string;

export interface Palette {
  readonly green: Paint;
  readonly red: Paint;
  readonly yellow: Paint;
  readonly dim: Paint;
  readonly bold: Paint;
}

const sgr =
  (start: number, end: number): Paint =>
  (text) =>
    `\x1b[${start}m${text}\x1b[${end}m`;
const plain: Paint = (text) => text;

export const colours: Palette = {
  green: sgr(32, 39),
  red: sgr(31, 39),
  yellow: sgr(33, 39),
  dim: sgr(2, 22),
  bold: sgr(1, 22),
};
export const noColours: Palette = { green: plain, red: plain, yellow: plain, dim: plain, bold: plain };
