// parseArguments(): the command line, its mistakes all at once.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Invocation, parseArguments } from "../../../src/cli/arguments.js";

function invocation(...argv: string[]): Invocation {
  const parsed = parseArguments(argv);
  if (!parsed.ok) throw new Error(parsed.mistakes.join("; "));
  return parsed.invocation;
}

function mistakes(...argv: string[]): readonly string[] {
  const parsed = parseArguments(argv);
  if (parsed.ok) throw new Error("nothing is wrong with it");
  return parsed.mistakes;
}

describe("parseArguments() commands", () => {
  it.each([
    [[], "run"],
    [["run"], "run"],
    [["plan"], "plan"],
    [["status"], "status"],
    [["cleanup"], "cleanup"],
    [["check"], "check"],
    [["translate"], "translate"],
    [["explain", "192.0.2.1"], "explain"],
    [["help"], "help"],
    [["-h"], "help"],
    [["--help"], "help"],
    [["status", "-h"], "help"],
    [["--version"], "version"],
    [["-V"], "version"],
    [["clat-dev=x"], "run"],
    [["clat-dev=x", "plan"], "plan"],
    [["-d", "plan"], "plan"],
  ])("%j is %s", (argv, command) => {
    expect(invocation(...argv).command).toBe(command);
  });

  it("gives help whatever else is wrong", () => {
    expect(invocation("--nonsense", "huh", "-h").command).toBe("help");
  });

  it("takes options of a command with that command only", () => {
    expect(invocation("plan", "--simulate").simulate).toBe(true);
    expect(invocation("-j", "status").json).toBe(true);
    expect(invocation("status", "--json").json).toBe(true);
    expect(invocation("probe", "-j").json).toBe(true);
    expect(mistakes("--simulate")).toEqual(["--simulate goes with `clatd plan` only"]);
    expect(mistakes("plan", "-j")).toEqual(["-j goes with `clatd status` and `clatd probe` only"]);
  });
});

describe("parseArguments() settings and files", () => {
  it("collects settings in their order", () => {
    expect(invocation("a=1", "plan", "script-up=echo a = b", "a=2").settings).toEqual([
      "a=1",
      "script-up=echo a = b",
      "a=2",
    ]);
  });

  it.each([
    [["-q"], ["quiet=1"]],
    [["-q", "-q"], ["quiet=2"]],
    [
      ["-qq", "-d"],
      ["quiet=2", "debug=1"],
    ],
    [["-qdd"], ["quiet=1", "debug=2"]],
    [
      ["-q", "quiet=2", "-d"],
      ["debug=1", "quiet=2"],
    ],
  ])("%j means %j", (argv, settings) => {
    expect(invocation(...argv).settings).toEqual(settings);
  });

  it("takes one file", () => {
    expect(invocation("-c", "a.conf").file).toBe("a.conf");
    expect(invocation("-c", "-odd.conf").file).toBe("-odd.conf");
    expect(invocation("check", "a.conf").file).toBe("a.conf");
    expect(invocation("status").file).toBeUndefined();
  });
});

describe("parseArguments() of the tools", () => {
  it("takes what explain is asked about, settings among it", () => {
    expect(invocation("explain", "192.0.2.1", "plat-prefix=64:ff9b::/96", "2001:db8::1", "hop-limit")).toMatchObject({
      words: ["192.0.2.1", "2001:db8::1", "hop-limit"],
      settings: ["plat-prefix=64:ff9b::/96"],
    });
    expect(mistakes("explain")).toEqual(["`clatd explain` needs an address, a packet in hex or a reason after it"]);
  });

  it("takes the two files of a capture", () => {
    const pcap = { input: "in.pcapng", output: "out.pcapng" };
    expect(invocation("translate", "--pcap", "in.pcapng", "out.pcapng", "seed=1")).toMatchObject({ pcap });
    expect(invocation("translate", "--pcap", "-", "-")).toMatchObject({ pcap: { input: "-", output: "-" } });
    expect(invocation("translate").pcap).toBeUndefined();
  });

  it.each([
    [["translate", "--pcap"], ["--pcap needs the names of two files after it, the one to read and the one to write"]],
    [
      ["translate", "--pcap", "a"],
      ["--pcap needs the names of two files after it, the one to read and the one to write"],
    ],
    [["--pcap", "a", "b"], ["--pcap goes with `clatd translate` only"]],
    [["translate", "--pcap", "a", "a"], ["--pcap has the same file twice; the output needs one of its own"]],
    [["translate", "--pcap", "a", "b", "--pcap", "c", "d"], ["--pcap is given twice; it may be there once"]],
    [["translate", "in.txt"], ['`clatd translate` does not take "in.txt"; settings are key=value']],
    [["translate", "--pcpa"], ['there is no option "--pcpa"; did you mean --pcap?']],
  ])("%j", (argv, expected) => {
    expect(mistakes(...argv)).toEqual(expected);
  });
});

describe("parseArguments() mistakes", () => {
  it.each([
    [["-c"], ["-c needs the name of a file after it"]],
    [["-c", "a", "-c", "b"], ["the configuration file is given twice; -c may be there once"]],
    [["-c", "a", "check", "b"], ["the configuration file is given twice; -c may be there once"]],
    [["--hepl"], ['there is no option "--hepl"; did you mean --help?']],
    [["-x"], ['there is no option "-x"; `clatd --help` lists the options']],
    [
      ["__proto__"],
      [
        'there is no command "__proto__"; commands are run, plan, check, status, probe, cleanup, translate, explain; settings are key=value',
      ],
    ],
    [["stauts"], ['there is no command "stauts"; did you mean status?']],
    [["plat-prefix"], ['there is no command "plat-prefix"; it is a key, to be set with plat-prefix=VALUE']],
    [["plan", "extra"], ['`clatd plan` does not take "extra"; settings are key=value']],
    [["check", "a", "b"], ['`clatd check` does not take "b"; settings are key=value']],
    [
      ["--bogus", "huh", "-c"],
      [
        'there is no option "--bogus"; `clatd --help` lists the options',
        "-c needs the name of a file after it",
        'there is no command "huh"; commands are run, plan, check, status, probe, cleanup, translate, explain; settings are key=value',
      ],
    ],
  ])("%j", (argv, expected) => {
    expect(mistakes(...argv)).toEqual(expected);
  });

  it("takes any words without throwing", () => {
    const word = fc.oneof(fc.string(), fc.constantFrom("-c", "-q", "-d", "-h", "plan", "status", "a=b", "--", "-"));
    fc.assert(
      fc.property(fc.array(word), (argv) => {
        const parsed = parseArguments(argv);
        if (!parsed.ok) expect(parsed.mistakes.length).toBeGreaterThan(0);
      }),
    );
  });
});
