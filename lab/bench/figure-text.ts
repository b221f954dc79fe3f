// Figures as people read them: as many digits as mean something.

import type { Measure } from "./figures.js";

export function figureText(figure: number, unit: Measure["unit"]): string {
  switch (unit) {
    case "Gbit/s":
    case "µs":
      return figure.toFixed(1);
    case "s/GB":
    case "µs/packet":
      return figure.toFixed(2);
    case "packets/s":
    case "connections/s":
      return Math.round(figure).toLocaleString("en");
  }
}
