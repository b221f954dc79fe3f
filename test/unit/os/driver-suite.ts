// The conformance suite of drivers: what FakeOs and LinuxOs must both do, so that the model cannot drift from the kernel.
// Each test gets a network of its own: a veth pair up0–up1, both up, with the addresses of `network`.

import { afterEach, beforeEach } from "vitest";
import { fastPathSuite } from "./suite/fast-path.js";
import { processSuite } from "./suite/files-processes.js";
import { forwardingSuite } from "./suite/forwarding.js";
import { ipv6OffSuite } from "./suite/ipv6-off.js";
import { journalSuite } from "./suite/journal.js";
import { kindSuite } from "./suite/kinds.js";
import { linkSuite } from "./suite/links.js";
import { lookingSuite } from "./suite/looking.js";
import { namespaceSuite } from "./suite/namespaces.js";
import { network } from "./suite/network.js";
import { refusalSuite } from "./suite/refusals.js";
import { applyTo, type DriverSubject, quiet, untilRuns } from "./suite/subject.js";
import { undoingSuite } from "./suite/undoing.js";
import { watchingSuite } from "./suite/watching.js";

export function driverSuite(makeSubject: () => Promise<DriverSubject>): void {
  let subject: DriverSubject | undefined;
  const subjectOf = (): DriverSubject => {
    if (subject === undefined) throw new Error("There is no driver to test yet");
    return subject;
  };

  beforeEach(async () => {
    subject = await makeSubject();
    await applyTo(subject.other, network);
    for (const name of ["up0", "up1"]) await untilRuns(subject, name);
    await quiet(subject);
  });

  afterEach(async () => {
    await subject?.dispose();
  });

  for (const part of [
    kindSuite,
    refusalSuite,
    linkSuite,
    lookingSuite,
    forwardingSuite,
    watchingSuite,
    processSuite,
    namespaceSuite,
    journalSuite,
    fastPathSuite,
    undoingSuite,
    ipv6OffSuite,
  ]) {
    part(subjectOf);
  }
}
