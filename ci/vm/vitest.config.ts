// What runs in the virtual machine. Its processor is emulated, some ten times slower than this one: so are the deadlines,
// and what the tests import of src and lab is what the build made of it, which takes a twentieth of the time.
import { defineConfig } from "vitest/config";

const root = new URL("../..", import.meta.url).pathname;

export default defineConfig({
  root,
  resolve: { alias: [{ find: /^(\.\.\/)+(src|lab)\/(.*)\.js$/, replacement: `${root}dist/$2/$3.js` }] },
  test: {
    include: ["test/vm/**/*.test.ts"],
    reporters: ["verbose", "./ci/count-reporter.ts"],
    disableConsoleIntercept: true,
    setupFiles: ["ci/fail-on-warning.ts"],
    fileParallelism: false,
    // One process for all files: what each would import anew takes the guest a quarter of a minute.
    isolate: false,
    testTimeout: 240_000,
    hookTimeout: 240_000,
    server: { deps: { external: [/\/dist\//] } },
  },
});
