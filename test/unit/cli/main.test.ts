// main(): commands from arguments to exit code, on a terminal that remembers.

import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { check } from "../../../src/cli/check.js";
import { exitCodes } from "../../../src/cli/exit-code.js";
import { main } from "../../../src/cli/main.js";
import { judge, readSources } from "../../../src/cli/read-config.js";
import { runtimeDir } from "../../../src/cli/runtime-dir.js";
import { styles } from "../../../src/cli/terminal.js";
import { formatMistake } from "../../../src/config/mistake.js";
import { heardTerminal } from "../../support/heard-terminal.js";
import { waitingRecord } from "../../support/status-records.js";

async function clatd(...argv: string[]): Promise<{ code: number; out: string; error: string }> {
  const { terminal, said } = heardTerminal();
  return { code: await main(argv, terminal), ...said };
}

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "clatd-cli-"));
  vi.stubEnv("RUNTIME_DIRECTORY", folder);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

async function file(text: string): Promise<string> {
  const path = join(folder, "clatd.conf");
  await writeFile(path, text);
  return path;
}

describe("clatd --help", () => {
  it("fits 80 columns, and names keys, commands and exit codes", async () => {
    const { code, out } = await clatd("-h");
    expect(code).toBe(exitCodes.ok.code);
    expect(out.split("\n").filter((line) => line.length > 80)).toEqual([]);
    for (const word of [
      "plat-prefix",
      "v4-defaultroute-advmss",
      "cleanup",
      "--simulate",
      "--pcap IN OUT",
      "explain WHAT",
      "  3  status:",
    ]) {
      expect(out).toContain(word);
    }
  });
});

describe("clatd --version", () => {
  it("says which one it is", async () => {
    expect(await clatd("--version")).toMatchObject({ code: 0, out: expect.stringMatching(/^clatd \d+\.\d+\.\d+\n$/) });
  });
});

describe("clatd with mistakes", () => {
  it("names those of the command line, and touches nothing", async () => {
    expect(await clatd("stauts", "--bogus")).toEqual({
      code: 2,
      out: "",
      error:
        'clatd: error: there is no option "--bogus"; `clatd --help` lists the options\n' +
        'clatd: error: there is no command "stauts"; did you mean status?\n',
    });
  });

  it("names those of the configuration, all of them", async () => {
    const path = await file("plat-prefix=nat64\n");
    expect(await clatd("-c", path, "clat-dve=x")).toEqual({
      code: 2,
      out: "",
      error:
        `clatd: ${path}:1: error: cannot set plat-prefix to "nat64": it is not a prefix; allowed: an IPv6 prefix of ` +
        "length 32, 40, 48, 56, 64, 96, such as 64:ff9b::/96; or nothing\n" +
        'clatd: command line: error: there is no key "clat-dve"; did you mean clat-dev?\n',
    });
  });

  it.each([
    ["/nonexistent/clatd.conf", "there is no such file"],
    ["/", "it is a directory; a file is wanted"],
    ["/dev/null/x", "a part of its path is not a directory"],
  ])("says of -c %s: %s", async (path, problem) => {
    expect(await clatd("plan", "-c", path, "dbug=1")).toEqual({
      code: 2,
      out: "",
      error:
        `clatd: command line: error: cannot read ${path}: ${problem}\n` +
        'clatd: command line: error: there is no key "dbug"; did you mean debug?\n',
    });
  });
});

describe("readSources()", () => {
  it("blames the default file where that cannot be read, and not the command line, which does not name it", async () => {
    const loaded = judge(await readSources({ settings: ["dbug=1"] }, "daemon", folder));
    expect(loaded.ok ? [] : loaded.mistakes.map(formatMistake)).toEqual([
      `${folder}: error: cannot read the file: it is a directory; a file is wanted`,
      'command line: error: there is no key "dbug"; did you mean debug?',
    ]);
  });

  it("does without the default file where there is none", async () => {
    expect(judge(await readSources({ settings: [] }, "daemon", join(folder, "none.conf"))).ok).toBe(true);
  });
});

describe("clatd check", () => {
  it("says that a file is good", async () => {
    const path = await file("plat-prefix=64:ff9b::/96\nv4-conncheck-enable=no\n");
    expect(await clatd("check", path)).toEqual({ code: 0, out: `${path}: good, 2 keys are set\n`, error: "" });
  });

  it("shows warnings of a good file", async () => {
    const path = await file("debug=0\nmtu=1\n");
    expect(await clatd("check", path)).toEqual({
      code: 0,
      out: `${path}: good, 1 key is set\n`,
      error: `${path}:2: warning: there is no key "mtu", the line is ignored; \`clatd --help\` lists the keys\n`,
    });
  });

  it("counts the errors of a bad one", async () => {
    const path = await file("debug=x\nquiet=y\nmtu=1\n");
    const { code, out, error } = await clatd("check", path);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(error.split("\n").slice(-2)).toEqual([`${path}: 2 errors`, ""]);
  });

  it("counts the file's own keys, and not those of the command line", async () => {
    const path = await file("quiet=1\nv4-conncheck-enable=no\n");
    expect(await clatd("check", path)).toMatchObject({ code: 0, out: `${path}: good, 2 keys are set\n` });
    expect(await clatd("-d", "check", path)).toMatchObject({ code: 0, out: `${path}: good, 2 keys are set\n` });
    expect(await clatd("check", path, "once=yes")).toMatchObject({ code: 0, out: `${path}: good, 2 keys are set\n` });
  });

  it("says nothing of a good file with -q, of warnings with -q -q, and errors always", async () => {
    const good = await file("debug=0\nmtu=1\n");
    const warned = { code: 0, out: "", error: expect.stringContaining('there is no key "mtu"') };
    expect(await clatd("-q", "check", good)).toEqual(warned);
    expect(await clatd("-q", "-q", "check", good)).toEqual({ code: 0, out: "", error: "" });
    const bad = await file("debug=x\n");
    expect(await clatd("-q", "-q", "check", bad)).toMatchObject({
      code: 2,
      out: "",
      error: expect.stringContaining(`${bad}: 1 error\n`),
    });
  });

  it("without a file, where the default one is not there, does not blame the command line", async () => {
    const { terminal, said } = heardTerminal();
    const none = join(folder, "none.conf");
    const bare = { command: "check", settings: [], simulate: false, json: false, words: [] } as const;
    expect(await check(bare, terminal, none)).toBe(exitCodes.usage.code);
    expect(said).toEqual({
      out: "",
      error: `clatd: error: cannot read ${none}: there is no such file; \`clatd check FILE\` looks over another file\n`,
    });
  });

  it("does not take a file that is not there", async () => {
    expect(await clatd("check", join(folder, "none.conf"))).toMatchObject({
      code: 2,
      error: expect.stringContaining("there is no such file"),
    });
  });
});

describe("the eam-file", () => {
  it("is read relative to the file that names it; all that is wrong is told together", async () => {
    await writeFile(join(folder, "eams.txt"), "192.0.2.1,2001:db8::1\n\n192.0.2.1,2001:db8::2\nnonsense\n");
    const path = await file("eam-file=eams.txt\nquiet=x\n");
    const { code, error } = await clatd("check", path);
    expect(code).toBe(2);
    expect(error.split("\n").map((line) => line.replace(folder, "").slice(0, 60))).toEqual([
      '/clatd.conf:2: error: cannot set quiet to "x": it is not a w',
      "/eams.txt:3: error: cannot use mapping 192.0.2.1,2001:db8::2",
      '/eams.txt:4: error: cannot read mapping "nonsense": there is',
      "/clatd.conf: 3 errors",
      "",
    ]);
  });

  it("is counted by check", async () => {
    await writeFile(join(folder, "eams.txt"), "192.0.2.1,2001:db8::1\n");
    const path = await file("eam-file=eams.txt\neam=192.0.2.2,2001:db8::2\n");
    expect(await clatd("check", path)).toEqual({
      code: 0,
      out: `${path}: good, 2 keys are set, 2 mappings\n`,
      error: "",
    });
  });

  it("that is missing is an error where it is named", async () => {
    const path = await file("\neam-file=none.txt\n");
    expect(await clatd("plan", "-c", path)).toEqual({
      code: 2,
      out: "",
      error: `clatd: ${path}:2: error: cannot read eam-file "${join(folder, "none.txt")}": there is no such file\n`,
    });
    expect(await clatd("plan", "-c", "/dev/null", "eam-file=/none/eams.txt")).toMatchObject({
      error: 'clatd: command line: error: cannot read eam-file "/none/eams.txt": there is no such file\n',
    });
  });
});

describe("clatd status", () => {
  let base: string;
  let dir: string;

  beforeAll(async () => {
    base = await mkdtemp(join(tmpdir(), "clatd-run-"));
    vi.stubEnv("RUNTIME_DIRECTORY", base);
    // In a network namespace of its own the directory is one below.
    dir = await runtimeDir(process.env);
    await mkdir(dir, { recursive: true });
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await rm(base, { recursive: true });
  });

  /** Something that answers as the daemon of that device. */
  async function daemon(clatDev: string): Promise<AsyncDisposable> {
    const status = { ...waitingRecord, clatDev };
    const server = createServer((socket) => {
      socket.once("data", () => socket.write(`${JSON.stringify({ ok: true, status })}\n`));
    });
    await new Promise<void>((resolve) => server.listen(join(dir, `${clatDev}.sock`), resolve));
    return { [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())) };
  }

  it("says that nobody is there", async () => {
    expect(await clatd("status")).toEqual({
      code: 3,
      out: "",
      error: `clatd is not running: nobody answers at a socket in ${dir}; start it with \`clatd\`\n`,
    });
    for (const words of [["clat-dev=nobody"], ["nobody"]]) {
      expect(await clatd("status", ...words)).toEqual({
        code: 3,
        out: "",
        error: "clatd is not running for nobody: nobody answers at its socket; start it with `clatd clat-dev=nobody`\n",
      });
    }
  });

  it("shows all that run, a block for each, and not what a dead one left", async () => {
    await writeFile(join(dir, "dead.sock"), "");
    await using _second = await daemon("siit0");
    await using _first = await daemon("clat");
    const { code, out, error } = await clatd("status");
    expect({ code, error }).toEqual({ code: 0, error: "" });
    expect(out.split("\n\n").map((block) => block.split("\n", 1)[0])).toEqual(["clat: clat", "clat: siit0"]);
    expect(out).toContain("\n  why: No PREF64 is known: 2001:db8::53 did not answer within 1 s\n");
  });

  it("shows one, by its device or its configuration", async () => {
    await using _second = await daemon("siit0");
    await using _first = await daemon("clat");
    const path = join(dir, "siit0.conf");
    await writeFile(path, "clat-dev=siit0\n");
    for (const words of [["siit0"], ["clat-dev=siit0"], ["-c", path]]) {
      const { code, out } = await clatd("status", ...words);
      expect({ code, first: out.split("\n", 1)[0] }).toEqual({ code: 0, first: "clat: siit0" });
    }
  });

  it("shows it as JSON, a document for each", async () => {
    await using _first = await daemon("clat");
    const { code, out } = await clatd("status", "-j");
    expect({ code, status: JSON.parse(out) }).toEqual({ code: 0, status: waitingRecord });
    await using _second = await daemon("siit0");
    const both = await clatd("status", "-j");
    expect(JSON.parse(`[${both.out.replace("}\n{", "},{")}]`)).toMatchObject([
      { clatDev: "clat" },
      { clatDev: "siit0" },
    ]);
  });

  it("names the mistakes of a configuration that it is to go by", async () => {
    const path = join(dir, "wrong.conf");
    await writeFile(path, "clat-dev=a/b\n");
    expect(await clatd("status", "-c", path)).toMatchObject({ code: 2, error: expect.stringContaining(":1: error: ") });
  });
});

describe("runtimeDir()", () => {
  it("is the first that systemd gives, else /run/clatd; another network namespace has one of its own", async () => {
    // Tests may run in a namespace of their own.
    const own = "(/netns-\\d+)?$";
    expect(await runtimeDir({ RUNTIME_DIRECTORY: "/run/a:/run/b" })).toMatch(new RegExp(`^/run/a${own}`));
    expect(await runtimeDir({ RUNTIME_DIRECTORY: "" })).toMatch(new RegExp(`^/run/clatd${own}`));
    expect(await runtimeDir({})).toMatch(new RegExp(`^/run/clatd${own}`));
  });
});

describe("styles()", () => {
  it("is plain without colours", () => expect(styles(false).good("x")).toBe("x"));
  it("colours with them", () => expect(styles(true).bad("x")).toBe("\u001b[31mx\u001b[39m"));
});
