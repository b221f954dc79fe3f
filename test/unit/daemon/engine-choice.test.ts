import { describe, expect, it } from "vitest";
import { isEnginesFault, TranslatorFailed } from "../../../src/daemon/blame.js";
import { EngineContest } from "../../../src/daemon/engine-choice.js";
import type { Engine, EngineName, Probe } from "../../../src/engine/engine.js";
import { OsError } from "../../../src/os/driver.js";
import type { Effect } from "../../../src/os/effect.js";
import { FakeOs } from "../../../src/os/fake/fake-os.js";

const engine = (name: EngineName, probe: Probe): Engine => ({
  name,
  probe: async () => probe,
  plan: () => ({ effects: [] }),
});
const yes = { ok: true } as const;
const no = (reason: string, log?: string): Probe => ({ ok: false, reason, ...(log === undefined ? {} : { log }) });

function contest(engines: readonly Engine[], wanted: "auto" | EngineName = "auto"): EngineContest {
  return new EngineContest({ wanted, engines, os: new FakeOs() });
}

describe("EngineContest", () => {
  it("choose() takes the first that can run, and says why the others lost", async () => {
    const log = "1: r0 = 0\nR1 invalid mem access\nprocessed 2 insns (limit 1000000)\n";
    const engines = [engine("ebpf", no("refused", log)), engine("userspace", yes), engine("tayga", yes)];
    const { engine: chosen, why } = await contest(engines).choose();
    expect(chosen.name).toBe("userspace");
    expect(why).toBe("the best that this host can run; not ebpf: refused (1: r0 = 0 / R1 invalid mem access)");
  });

  it("choose() takes one that does not know whether it can, and says so", async () => {
    const { why } = await contest([engine("userspace", { ok: "unknown", reason: "not root" })]).choose();
    expect(why).toBe("the best that this host can run; unsure: not root");
  });

  it("choose() asks none but the one that is wanted", async () => {
    const engines = [engine("ebpf", yes), engine("userspace", yes)];
    expect(await contest(engines, "userspace").choose()).toMatchObject({ why: "as engine= says" });
    await expect(contest([engine("ebpf", no("no BPF")), engine("userspace", yes)], "ebpf").choose()).rejects.toThrow(
      "Cannot translate with engine=ebpf: no BPF",
    );
  });

  it("choose() throws where none can run, and asks all anew the next time", async () => {
    let broken = true;
    const moody: Engine = { ...engine("ebpf", yes), probe: async () => (broken ? no("not yet") : yes) };
    const field = contest([moody]);
    await expect(field.choose()).rejects.toThrow(/no engine can run on this host \(ebpf: not yet\)/);
    broken = false;
    expect((await field.choose()).engine.name).toBe("ebpf");
  });

  it("lose() makes room for the next one; after the last, all get another chance", async () => {
    const field = contest([engine("ebpf", yes), engine("userspace", yes)]);
    await field.choose();
    expect(field.lose("it broke")).toBe(true);
    expect(await field.choose()).toMatchObject({
      engine: { name: "userspace" },
      why: expect.stringContaining("not ebpf: it broke"),
    });
    expect(field.lose("it broke as well")).toBe(false);
    expect((await field.choose()).engine.name).toBe("ebpf");
  });
});

describe("isEnginesFault()", () => {
  const effect: Effect = { do: "bpf.attach", object: "clat", program: "clat_egress", dev: "clat", hook: "egress" };
  const other: Effect = { do: "address.add", dev: "clat", address: "192.0.0.1/32" };
  const refusal = (code: OsError["code"], about: Effect): OsError => new OsError(code, "no", { effect: about });

  it.each<[string, unknown, boolean]>([
    ["an effect of it that the kernel does not do", refusal("unsupported", effect), true],
    ["an effect of it that fails", refusal("failed", effect), true],
    ["something in its way", refusal("exists", effect), false],
    ["a device that has gone", refusal("missing", effect), false],
    ["an effect that every engine has", refusal("failed", other), false],
    ["its translator", new TranslatorFailed("it ended"), true],
    [
      "its translator's missing a device",
      new TranslatorFailed("no eth0", { cause: refusal("missing", effect) }),
      false,
    ],
    ["anything else", new Error("the disk is full"), false],
  ])("%s", (_what, error, fault) => {
    expect(isEnginesFault(error, [effect])).toBe(fault);
  });
});
