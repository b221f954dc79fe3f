// What must be refused, with nothing changed.

import { describe, expect, it } from "vitest";
import type { Effect } from "../../../../src/os/effect.js";
import { isPresent } from "../../../../src/os/identity.js";
import { default4, local6, local6at1 } from "./network.js";
import { applyTo, type DriverSubject, failureOf, quiet } from "./subject.js";

const { dev: _dev, ...withoutDev } = default4;

export function refusalSuite(subjectOf: () => DriverSubject): void {
  describe("refusals", () => {
    const missing: readonly { readonly name: string; readonly effect: Effect }[] = [
      { name: "link.set", effect: { do: "link.set", name: "nope", up: true } },
      { name: "address.add", effect: { do: "address.add", dev: "nope", address: "192.0.0.1/32" } },
      {
        name: "route.add",
        effect: { do: "route.add", route: { family: 4, destination: "default", dev: "nope", table: 254 } },
      },
      { name: "neighbour.proxy", effect: { do: "neighbour.proxy", dev: "nope", address: "2001:db8::9" } },
      { name: "sysctl.set", effect: { do: "sysctl.set", key: "net.ipv6.conf.nope.accept_ra", value: "2" } },
      { name: "rule.withhold", effect: { do: "rule.withhold", rule: { family: 6, priority: 99, table: 99 } } },
      {
        name: "route.withhold",
        effect: {
          do: "route.withhold",
          route: { family: 4, destination: "default", dev: "up0", via: "192.0.2.99", table: 254 },
        },
      },
    ];
    it.each(missing)("$name of what is not there is refused as missing", async ({ effect }) => {
      const start = await quiet(subjectOf());
      const error = await failureOf(applyTo(subjectOf().os, [effect]));
      expect(error).toMatchObject({ name: "OsError", code: "missing" });
      expect(error.message).toMatch(
        /^Cannot (set|add|withhold) (link|address|route|proxy neighbour|sysctl|rule) ".+: .+/,
      );
      expect(await quiet(subjectOf())).toEqual(start);
    });

    const invalid: readonly { readonly name: string; readonly effect: Effect; readonly code: string }[] = [
      {
        name: "a gateway that no link reaches (IPv4)",
        effect: { do: "route.add", route: { ...default4, via: "203.0.113.1" } },
        code: "missing",
      },
      {
        name: "a gateway that no link reaches (IPv6)",
        effect: {
          do: "route.add",
          route: { family: 6, destination: "2001:db8:1::/48", via: "2001:db8:ffff::1", table: 254 },
        },
        code: "missing",
      },
      {
        name: "a source that the host has not",
        effect: {
          do: "route.add",
          route: { family: 4, destination: "198.51.100.0/24", dev: "up0", table: 254, source: "203.0.113.7" },
        },
        code: "missing",
      },
      {
        name: "an IPv6 address that the device has with another length",
        effect: { do: "address.add", dev: "up0", address: "2001:db8::1/128", nodad: true },
        code: "exists",
      },
      {
        name: "a destination with host bits (IPv4)",
        effect: { do: "route.add", route: { family: 4, destination: "198.51.100.1/24", dev: "up0", table: 254 } },
        code: "failed",
      },
      {
        name: "onlink without a device",
        effect: { do: "route.add", route: { ...withoutDev, onlink: true } },
        code: "failed",
      },
      {
        name: "onlink without a gateway (IPv4)",
        effect: {
          do: "route.add",
          route: { family: 4, destination: "198.51.100.0/24", dev: "up0", table: 254, onlink: true },
        },
        code: "failed",
      },
      {
        name: "an onlink gateway that is behind another device (IPv6)",
        effect: {
          do: "route.add",
          route: {
            family: 6,
            destination: "2001:db8:1::/48",
            via: "2001:db8::2",
            dev: "up1",
            table: 254,
            onlink: true,
          },
        },
        code: "missing",
      },
      {
        name: "a gateway in a route of scope link",
        effect: { do: "route.add", route: { ...default4, scope: "link" } },
        code: "missing",
      },
      {
        name: "a gateway in an onlink route of scope link",
        effect: { do: "route.add", route: { ...default4, onlink: true, scope: "link" } },
        code: "failed",
      },
      {
        name: "a gateway in a route of scope host",
        effect: { do: "route.add", route: { ...default4, scope: "host" } },
        code: "failed",
      },
      {
        name: "a link-local gateway without a device",
        effect: {
          do: "route.add",
          route: { family: 6, destination: "2001:db8:1::/48", via: "fe80::1", table: 254 },
        },
        code: "failed",
      },
      {
        name: "a gateway that is the host itself (IPv6)",
        effect: {
          do: "route.add",
          route: { family: 6, destination: "2001:db8:1::/48", via: "2001:db8::1", dev: "up0", table: 254 },
        },
        code: "failed",
      },
      {
        name: "a device's name with a colon",
        effect: { do: "link.add", name: "a:b", link: { kind: "bridge" } },
        code: "failed",
      },
      {
        name: "a device's name that sysctls have for all of them",
        effect: { do: "link.add", name: "all", link: { kind: "bridge" } },
        code: "failed",
      },
      {
        name: "a veth that is its own peer",
        effect: { do: "link.add", name: "a0", link: { kind: "veth", peer: "a0" } },
        code: "exists",
      },
      { name: "an MTU below the least", effect: { do: "link.set", name: "up0", mtu: 20 }, code: "failed" },
    ];
    it.each(invalid)("$name is refused, and nothing is changed", async ({ effect, code }) => {
      const start = await quiet(subjectOf());
      expect(await failureOf(applyTo(subjectOf().os, [effect]))).toMatchObject({ code });
      expect(await quiet(subjectOf())).toEqual(start);
    });

    it("what prepare() refuses says why by itself, too", async () => {
      const error = await failureOf(subjectOf().os.prepare({ do: "link.set", name: "nope", up: true }));
      expect(error).toMatchObject({
        message: 'Cannot set link "nope": there is no link of that name',
        why: "there is no link of that name",
      });
    });

    it("a route over a link that is down is refused", async () => {
      const down: Effect = { do: "link.set", name: "up0", up: false };
      const route: Effect = {
        do: "route.add",
        route: { family: 4, destination: "198.51.100.0/24", dev: "up0", table: 254 },
      };
      const error = await failureOf(applyTo(subjectOf().os, [down, route]));
      expect(error).toMatchObject({ code: "missing", done: 1 });
      expect(error.message).toContain("up");
    });

    it("rule.withhold refuses to take away the last look-up of the local table", async () => {
      await expect(subjectOf().os.prepare({ do: "rule.withhold", rule: local6 })).rejects.toMatchObject({
        code: "denied",
      });
    });

    it("revert() of a rule refuses to take away the last look-up of the local table", async () => {
      const { os } = subjectOf();
      const added = await os.prepare({ do: "rule.add", rule: local6at1 });
      await os.perform(added);
      const withheld = await os.prepare({ do: "rule.withhold", rule: local6 });
      await os.perform(withheld);
      await expect(os.revert(added)).rejects.toMatchObject({ code: "denied" });
      expect((await os.snapshot()).rules).toContainEqual(expect.objectContaining({ priority: 1, table: 255 }));
    });

    it("performAll() stops at the first that fails and says how many were done", async () => {
      const { os } = subjectOf();
      const list: readonly Effect[] = [
        { do: "address.add", dev: "up0", address: "192.0.0.1/32" },
        { do: "sysctl.set", key: "net.ipv6.conf.up0.accept_ra", value: "2" },
        { do: "address.add", dev: "up0", address: "192.0.0.2/32" },
        { do: "route.add", route: { ...default4, via: "203.0.113.1" } },
        { do: "address.add", dev: "up0", address: "192.0.0.3/32" },
      ];
      const applied = await os.prepareAll(list);
      expect(await failureOf(os.performAll(applied))).toMatchObject({ done: 3 });
      const after = await os.snapshot();
      expect(list.map((effect) => isPresent(effect, after))).toEqual([true, true, true, false, false]);
    });
  });
}
