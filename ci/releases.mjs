// What was released when: the date of the manual pages, Debian's changelog. The first one is that of package.json.

/** @typedef {{ readonly version: string, readonly date: string, readonly changes: readonly string[] }} Release */

/** @type {readonly [Release, ...Release[]]} */
export const releases = [
  {
    version: "0.1.0",
    date: "2026-11-23",
    changes: [
      "First release: the successor of the Perl clatd, with translators of its own, an Edge Relay for SIIT-DC, and a lab.",
    ],
  },
];
