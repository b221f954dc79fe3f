// Counts the tests for the closing line of `npm test`, and prints each skip with its reason. A skip without a reason is a
// failure: it would be a quiet one.
import { writeFileSync } from "node:fs";
import type { Reporter, TestModule } from "vitest/node";

export default class CountReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const counts = { passed: 0, failed: 0, skipped: 0 };
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        const result = test.result();
        if (result.state === "passed") counts.passed += 1;
        else if (result.state === "skipped" && result.note) {
          counts.skipped += 1;
          console.log(`SKIP ${test.fullName}: ${result.note}`);
        } else {
          counts.failed += 1;
          if (result.state !== "failed") console.log(`FAIL ${test.fullName}: ${result.state} without a reason`);
        }
      }
      if (module.state() === "failed" && [...module.children.allTests("failed")].length === 0) {
        counts.failed += 1;
        console.log(
          `FAIL ${module.moduleId}: ${module
            .errors()
            .map((error) => error.message)
            .join("; ")}`,
        );
      }
    }
    const file = process.env["CLATD_TEST_COUNTS"];
    if (file !== undefined) writeFileSync(file, JSON.stringify(counts));
  }
}
