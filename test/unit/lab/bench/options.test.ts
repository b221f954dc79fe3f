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

  it.each([
    [["--profile", "slow"], 'Cannot use --profile "slow": there are ci, quick, rfc8219'],
    [["--links", "veth,fibre"], 'Cannot use --links "veth,fibre": there are veth, wire'],
    [["--subjects", ""], 'Cannot use --subjects "": there are plain, ebpf, userspace, tayga, bounce'],
    [["--rounds", "0"], "Cannot use --rounds 0: it is 1 to 100"],
    [["--profile-time", "me"], 'Cannot use --profile-time "me": there are plain, ebpf, userspace, tayga, bounce'],
  ])("of %j says what is allowed", (argv, text) => expect(parseOptions(argv)).toBe(text));

  it.each([[["--fast"]], [["quick"]], [["--measures", "("]]])("refuses %j", (argv) =>
    expect(typeof parseOptions(argv)).toBe("string"),
  );
});
