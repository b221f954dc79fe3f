import { describe, expect, it } from "vitest";
import { parseOptions } from "../../../../lab/bench/options.js";

describe("parseOptions()", () => {
  it("is quick, with everybody on both kinds of links, by default", () => {
    expect(parseOptions([])).toMatchObject({
      profile: { name: "quick", rounds: 5 },
      links: ["veth", "wire"],
      subjects: ["plain", "ebpf", "userspace", "tayga", "bounce"],
      json: false,
    });
  });

  it("takes lists in any order", () => {
    const options = parseOptions(["--subjects", "userspace,plain", "--links", "wire", "--rounds", "7", "-j"]);
    expect(options).toMatchObject({
      subjects: ["plain", "userspace"],
      links: ["wire"],
      profile: { rounds: 7 },
      json: true,
    });
  });

  it("takes a part of a long profile, and a file to keep it in", () => {
    const words = ["--profile", "rfc8219", "--parts", "links", "--measures", "^UDP up", "--keep", "a.jsonl", "--plan"];
    expect(parseOptions(words)).toMatchObject({ parts: ["links"], keep: "a.jsonl", plan: true });
    expect(parseOptions([...words, "--scale", "0.01", "--rounds", "2"])).toMatchObject({
      profile: { scale: 0.01, rounds: 2, throughputs: 2, selfTests: 2, apart: 2 },
    });
  });

  it.each([
    [["--profile", "slow"], 'Cannot use --profile "slow": there are ci, quick, rfc8219'],
    [["--links", "veth,fibre"], 'Cannot use --links "veth,fibre": there are veth, wire'],
    [["--subjects", ""], 'Cannot use --subjects "": there are plain, ebpf, userspace, tayga, bounce'],
    [["--rounds", "0"], "Cannot use --rounds 0: it is 1 to 100"],
    [["--parts", "all"], 'Cannot use --parts "all": there are links, chain, relays, tables'],
    [["--scale", "0"], "Cannot use --scale 0: it is 0.001 to 100"],
    [["--profile-time", "me"], 'Cannot use --profile-time "me": there are plain, ebpf, userspace, tayga, bounce'],
  ])("of %j says what is allowed", (argv, text) => expect(parseOptions(argv)).toBe(text));

  it.each([[["--fast"]], [["quick"]], [["--measures", "("]]])("refuses %j", (argv) =>
    expect(typeof parseOptions(argv)).toBe("string"),
  );
});
