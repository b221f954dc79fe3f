// Unit tests need no root and run in parallel; integration tests make namespaces and run one file at a time,
// since on two cores parallel labs would measure each other. The times are those of a slow machine that is busy as well.
import { defineConfig } from "vitest/config";

const setupFiles = ["ci/fail-on-warning.ts"];

export default defineConfig({
  root: new URL("..", import.meta.url).pathname,
  test: {
    reporters: ["default", "./ci/count-reporter.ts"],
    projects: [
      {
        test: {
          name: "unit",
          include: ["test/unit/**/*.test.ts"],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          setupFiles,
        },
      },
      {
        test: {
          name: "integration",
          include: ["test/integration/**/*.test.ts"],
          testTimeout: 300_000,
          hookTimeout: 300_000,
          fileParallelism: false,
          setupFiles,
        },
      },
    ],
  },
});
