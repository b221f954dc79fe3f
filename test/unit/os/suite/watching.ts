// Notifications of what others do.

import { describe, expect, it } from "vitest";
import type { OsEvent } from "../../../../src/os/driver.js";
import type { Effect } from "../../../../src/os/effect.js";
import { default4 } from "./network.js";
import { applyTo, type DriverSubject, until } from "./subject.js";

export function watchingSuite(subjectOf: () => DriverSubject): void {
  describe("watch()", () => {
    const changes: readonly { readonly about: OsEvent["about"]; readonly effect: Effect }[] = [
      { about: "link", effect: { do: "link.add", name: "br0", link: { kind: "bridge" } } },
      { about: "address", effect: { do: "address.add", dev: "up0", address: "192.0.0.1/32" } },
      { about: "route", effect: { do: "route.add", route: default4 } },
      { about: "rule", effect: { do: "rule.add", rule: { family: 6, priority: 10, table: 100 } } },
      { about: "nft", effect: { do: "nft.table", family: "inet", name: "theirs", body: "chain c {\n}" } },
      { about: "link", effect: { do: "sysctl.set", key: "net.ipv6.conf.up0.forwarding", value: "1" } },
    ];
    it.each(changes)("tells of $effect.do by somebody else, and of its undoing", async ({ about, effect }) => {
      const stop = new AbortController();
      const seen: OsEvent["about"][] = [];
      let stands = false;
      const watching = (async () => {
        for await (const event of subjectOf().os.watch(stop.signal)) {
          if (stands) seen.push(event.about);
          stands = true;
        }
      })();
      await until(subjectOf(), () => stands, "the watch stands");
      seen.length = 0;
      const [applied] = await applyTo(subjectOf().other, [effect]);
      if (applied === undefined) throw new Error("nothing was applied");
      await until(subjectOf(), () => seen.includes(about), `an event about ${about} (seen: ${seen.join()})`);
      seen.length = 0;
      await subjectOf().other.revert(applied);
      await until(subjectOf(), () => seen.includes(about), `an event about ${about} (seen: ${seen.join()})`);
      stop.abort();
      await watching;
    });

    it("ends when the signal aborts before anything happened", async () => {
      const stop = new AbortController();
      stop.abort();
      const events: OsEvent[] = [];
      for await (const event of subjectOf().os.watch(stop.signal)) events.push(event);
      expect(events).toEqual([]);
    });
  });
}
