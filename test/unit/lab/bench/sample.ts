// Figures for tests of what is made of them.

import type { Figures, Measure } from "../../../../lab/bench/figures.js";

export const tcpUp: Measure = { name: "TCP up, 1 stream", unit: "Gbit/s", better: "more", limited: true };
export const roundTrip: Measure = { name: "round trip, median", unit: "µs", better: "less", limited: true };
export const cpuTcp: Measure = { name: "CPU, TCP up, 1 stream", unit: "s/GB", better: "less", limited: false };

export const figures: Figures = new Map([
  [
    "plain",
    new Map([
      [tcpUp.name, [16, 18, 17]],
      [roundTrip.name, [5, 5.2, 4.9]],
      [cpuTcp.name, [1]],
    ]),
  ],
  [
    "ebpf",
    new Map([
      [tcpUp.name, [20, 25.5, 23]],
      [roundTrip.name, [5.4, 5.9, 5.4]],
    ]),
  ],
]);
