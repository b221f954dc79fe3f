import { describe, expect, it } from "vitest";
import { addCounters } from "../../../src/xlat/counters.js";

describe("addCounters()", () => {
  it("adds by direction and reason", () => {
    const some = {
      v4ToV6: { packets: 1, octets: 20, drops: { a: 1, b: 2 } },
      v6ToV4: { packets: 3, octets: 40, drops: {} },
    };
    const other = { v4ToV6: { packets: 10, octets: 200, drops: { b: 3, c: 4 } }, v6ToV4: some.v6ToV4 };
    expect(addCounters(some, other)).toEqual({
      v4ToV6: { packets: 11, octets: 220, drops: { a: 1, b: 5, c: 4 } },
      v6ToV4: { packets: 6, octets: 80, drops: {} },
    });
  });
});
