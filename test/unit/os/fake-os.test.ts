// FakeOs under the conformance suite. What only the model has is in fake-model.test.ts.

import { describe } from "vitest";
import { FakeOs } from "../../../src/os/fake/fake-os.js";
import { FakeKernel } from "../../../src/os/fake/kernel.js";
import { VirtualClock } from "../../../src/os/fake/virtual-clock.js";
import { driverSuite } from "./driver-suite.js";

describe("FakeOs", () => {
  driverSuite(async () => {
    const clock = new VirtualClock();
    const kernel = new FakeKernel(clock);
    const os = new FakeOs({ kernel });
    return {
      os,
      other: new FakeOs({ kernel }),
      restart: async () => {
        os.kill();
        return new FakeOs({ kernel });
      },
      pass: () => clock.advance(100),
      dispose: async () => {},
    };
  });
});
