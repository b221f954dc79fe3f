// Up: from the client to the server. Down: back.

export const directions = ["up", "down"] as const;
export type Direction = (typeof directions)[number];
