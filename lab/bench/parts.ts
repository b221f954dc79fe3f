// The parts of the benchmark, which can be measured one by one.

export const partNames = ["links", "chain", "relays", "tables"] as const;
export type PartName = (typeof partNames)[number];

export const partWords: Readonly<Record<PartName, string>> = {
  links: "the subjects beside each other",
  chain: "the full chain with a PLAT",
  relays: "SIIT-DC",
  tables: "mapping tables",
};
