import { describe, expect, it } from "vitest";
import { OsError } from "../../../src/os/driver.js";

describe("OsError", () => {
  const refused = new OsError("unsupported", "the verifier refuses it", { done: 3, log: "R1 invalid mem access" });

  it("with() keeps what the error tells of itself, and the error as its cause", () => {
    const effect = { do: "netns.add", name: "clat" } as const;
    const told = refused.with({ message: "Cannot attach it: the verifier refuses it", effect });
    expect(told).toMatchObject({ ...refused, message: "Cannot attach it: the verifier refuses it", effect });
    expect(told.cause).toBe(refused);
  });

  it("with() takes back what is said to be unknown", () => {
    expect(refused.with({ done: undefined })).toMatchObject({ code: "unsupported", done: undefined, log: refused.log });
  });
});
