// Commands as they are written, and as they are run.

import { describe, expect, it } from "vitest";
import { readCommand } from "../../../lab/command.js";

describe("readCommand()", () => {
  it("splits a plain line at blanks, and leaves anything else to a shell", () => {
    expect(readCommand("curl -4  http://192.0.2.1/")).toEqual(["curl", "-4", "http://192.0.2.1/"]);
    expect(readCommand("echo 'a b' | cat")).toEqual(["sh", "-c", "echo 'a b' | cat"]);
    expect(readCommand(["echo", "a b"])).toEqual(["echo", "a b"]);
  });
});
