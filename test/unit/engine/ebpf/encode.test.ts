// encodeFastPath() writes `struct config` of config.bpf.h: the fields are found here by reading that header.

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { encodeFastPath, idleImage } from "../../../../src/engine/ebpf/encode.js";
import type { TranslationSpec } from "../../../../src/xlat/spec.js";
import { clat } from "../../xlat/support.js";

const header = readFileSync(new URL("../../../../src/engine/ebpf/config.bpf.h", import.meta.url), "utf8");
const constants = new Map(
  [...header.matchAll(/^#define (\w+) (\d+)$/gm)].map(([, name = "", value]) => [name, Number(value)]),
);
const isLittleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

interface Field {
  readonly at: number;
  readonly octets: number;
}

/** Offsets of the fields of a structure all of whose members are words, arrays of them, or such structures. */
function fieldsOf(name: string): { readonly fields: ReadonlyMap<string, Field>; readonly size: number } {
  const body = new RegExp(`^struct ${name} \\{\n(.*?)^\\};`, "ms").exec(header)?.[1] ?? "";
  const fields = new Map<string, Field>();
  let at = 0;
  for (const [, type = "", struct, field = "", count = "1"] of body.matchAll(
    /^\t((?:struct )?(\w+)) (\w+)(?:\[(\w+)\])?;$/gm,
  )) {
    const each = type.startsWith("struct ") ? fieldsOf(struct ?? "").size : 4;
    const octets = each * (constants.get(count) ?? Number(count));
    fields.set(field, { at, octets });
    at += octets;
  }
  return { fields, size: at };
}

const config = fieldsOf("config");
const links = {
  clat: { ifindex: 7, l2: 0 },
  uplink: { ifindex: 3, l2: 14 },
  uplinks: [{ ifindex: 3, l2: 14 }],
} as const;
const plan = { uplink: "eth0", uplinks: ["eth0"] };

function words(octets: Uint8Array, field: string): readonly number[] {
  const { at, octets: length } = config.fields.get(field) ?? { at: -1, octets: 0 };
  const view = new DataView(octets.buffer, octets.byteOffset);
  return Array.from({ length: length / 4 }, (_, index) => view.getUint32(at + 4 * index, isLittleEndian));
}

function hex(octets: Uint8Array, field: string): string {
  const { at, octets: length } = config.fields.get(field) ?? { at: 0, octets: 0 };
  return Buffer.from(octets.subarray(at, at + length)).toString("hex");
}

const encoded = (spec: Partial<TranslationSpec> = {}, more: object = {}) =>
  encodeFastPath({ ...clat, ...spec }, { ...plan, ...more }, links);

describe("encodeFastPath()", () => {
  it("has the length of struct config", () => {
    expect(config.fields.size).toBeGreaterThan(20);
    expect(encoded().rodata.length).toBe(config.size);
    expect(idleImage.rodata).toEqual(new Uint8Array(config.size));
  });

  it("puts every field where the program looks for it", () => {
    const { rodata, maps } = encoded();
    const number = (field: string): number | undefined => words(rodata, field)[0];
    expect(number("active")).toBe(1);
    expect(number("clat_ifindex")).toBe(7);
    expect(number("uplink_ifindex")).toBe(3);
    expect(number("uplink_l2")).toBe(14);
    expect(number("uplinks_l2")).toBe(14);
    expect(number("hops")).toBe(1);
    expect(number("mtu_v6")).toBe(clat.mtuV6);
    expect(number("fragment_mtu_v6")).toBe(1280);
    expect(number("traffic_class_v6")).toBe(256);
    expect(number("compare_sides")).toBe(constants.get("INSIDE_UNKNOWN"));
    expect(number("shared")).toBe(0);
    expect(number("eams")).toBe(constants.get("EAMS_ONE"));
    expect(hex(rodata, "translator_v4")).toBe("c0000002");
    expect(hex(rodata, "eam_v4")).toBe("c0000001");
    expect(hex(rodata, "eam_v6")).toBe("20010db8000100000000000000000464");
    expect(number("outgoing")).toBe(1);
    expect(hex(rodata, "out").slice(0, 32)).toBe("20010db8006400000000000000000000");
    expect(number("incoming")).toBe(1);
    expect(number("uplinks")).toBe(1);
    expect(words(rodata, "uplink").slice(0, 2)).toEqual([3, 14]);
    expect(maps).toEqual([]);
  });

  it("sorts the PREF64s that it recognises by length, and sends by the first", () => {
    const pref64s = ["2001:db8:100::/40", "2001:db8:64::/96", "2001:db8:122:344::/64"];
    const { rodata } = encoded({ pref64s });
    const lengths = [0, 1, 2].map((index) => words(rodata, "in")[index * 7 + 4]);
    expect(lengths).toEqual([96, 64, 40]);
    expect(words(rodata, "out")[4]).toBe(40);
  });

  it("leaves out PREF64s and uplinks that there is no room for: the shortest, the last", () => {
    const pref64s = Array.from({ length: 12 }, (_, index) => `2001:db8:${index}::/${index < 3 ? 48 : 96}`);
    const many = Array.from({ length: 20 }, (_, index) => ({ ifindex: index + 1, l2: 14 }) as const);
    const { rodata } = encodeFastPath({ ...clat, pref64s }, plan, { ...links, uplinks: many });
    expect(words(rodata, "incoming")).toEqual([constants.get("MOST_PREF64S")]);
    expect(words(rodata, "in").filter((_, index) => index % 7 === 4)).toEqual(Array(8).fill(96));
    expect(words(rodata, "uplinks")).toEqual([constants.get("MOST_UPLINKS")]);
  });

  it("says whether super-packets are cut before the uplink", () => {
    expect(words(encodeFastPath(clat, plan, { ...links, uplinkCuts: true }).rodata, "uplink_cuts")).toEqual([1]);
    expect(words(encodeFastPath(clat, plan, links).rodata, "uplink_cuts")).toEqual([0]);
  });

  it("says where uplinks differ in their link headers", () => {
    const uplinks = [{ ifindex: 3, l2: 14 } as const, { ifindex: 4, l2: 0 } as const];
    const { rodata } = encodeFastPath(clat, plan, { ...links, uplinks });
    expect(words(rodata, "uplinks_l2")).toEqual([constants.get("L2_MIXED")]);
  });

  it("makes tables of several mappings, one for each direction", () => {
    const eams = [
      { v4: "192.0.2.0/28", v6: "2001:db8:1::/124" },
      { v4: "198.51.100.1", v6: "2001:db8:2::1" },
    ];
    const { rodata, maps } = encoded({ eams, inside: ["192.0.2.0/24", "198.51.100.1/32"] });
    expect(words(rodata, "eams")).toEqual([constants.get("EAMS_MANY")]);
    expect(maps.map(({ name, count, keys, values }) => [name, count, keys.length, values.length])).toEqual([
      ["eams4", 2, 16, 48],
      ["eams6", 2, 40, 24],
      ["inside", 2, 16, 8],
    ]);
    const [eams4] = maps;
    expect(Buffer.from(eams4?.keys.subarray(4, 8) ?? []).toString("hex")).toBe("c0000200");
    expect(words(rodata, "compare_sides")).toEqual([constants.get("INSIDE_MANY")]);
  });

  it("makes no table of one prefix on this side", () => {
    const { rodata, maps } = encoded({ inside: ["192.0.2.0/28"] });
    expect(maps).toEqual([]);
    expect(words(rodata, "compare_sides")).toEqual([constants.get("INSIDE_ONE")]);
    expect(hex(rodata, "inside_v4")).toBe("c0000200");
    expect(hex(rodata, "inside_mask")).toBe("fffffff0");
  });

  it("knows when a mapping lies in a PREF64, and is to be asked first (RFC 7757 §3.3.2)", () => {
    const apart = (v6: string): unknown => words(encoded({ eams: [{ v4: "192.0.0.1", v6 }] }).rodata, "in")[6];
    expect(apart("2001:db8:1::464")).toBe(1);
    expect(apart("2001:db8:64::c000:1")).toBe(0);
  });

  it("keeps flows only where the host has the address as well", () => {
    const { rodata, maps } = encoded({}, { sharedV6: "2001:db8:1::464" });
    expect(words(rodata, "shared")).toEqual([1]);
    expect(hex(rodata, "shared_v6")).toBe("20010db8000100000000000000000464");
    expect(maps.map(({ name, count }) => [name, count])).toEqual([
      ["flows", 0],
      ["fragments", 0],
    ]);
  });
});
