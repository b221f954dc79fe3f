// The completions, in the shells that they are for: somebody types a part of a word and presses Tab.

import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { bashCompletion } from "../../../ci/manual/bash.mjs";
import { clatdWords, clatlabWords } from "../../../ci/manual/completion-words.mjs";
import { fishCompletion } from "../../../ci/manual/fish.mjs";
import { zshCompletion } from "../../../ci/manual/zsh.mjs";
import { tables } from "./tables.js";

const programs = [clatdWords(tables), clatlabWords(tables)];
const folder = mkdtempSync(join(tmpdir(), "clatd-completions-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
mkdirSync(join(folder, "files"));
writeFileSync(join(folder, "files/some.conf"), "");
for (const program of programs) {
  writeFileSync(join(folder, `${program.name}.bash`), bashCompletion(program));
  writeFileSync(join(folder, `_${program.name}`), zshCompletion(program));
  writeFileSync(join(folder, `${program.name}.fish`), fishCompletion(program));
}

/** What is typed before Tab, and what stands there then. */
const typed: readonly (readonly [string, string])[] = [
  ["clatd st", "clatd status"],
  ["clatd engine=us", "clatd engine=userspace"],
  ["clatd once=y", "clatd once=yes"],
  ["clatd status --js", "clatd status --json"],
  ["clatd plan --sim", "clatd plan --simulate"],
  ["clatd plat-pre", "clatd plat-prefix="],
  ["clatd clat-dev=l", "clatd clat-dev=lo"],
  ["clatd check files/so", "clatd check files/some.conf"],
  ["clatd -c files/so", "clatd -c files/some.conf"],
  ["clatd eam-file=files/so", "clatd eam-file=files/some.conf"],
  ["clatd -d status eng", "clatd -d status engine="],
  ["clatd status l", "clatd status lo"],
  ["clatd explain hop-l", "clatd explain hop-limit"],
  ["clatd explain tun-f", "clatd explain tun-full"],
  ["clatlab gr", "clatlab graph"],
  ["clatlab run 464xlat-b", "clatlab run 464xlat-builtin"],
  ["clatlab run files/so", "clatlab run files/some.conf"],
  ["clatlab exec 464xlat ser", "clatlab exec 464xlat server"],
  ["clatlab run --ke", "clatlab run --keep"],
];

/** The programs are functions that say what they were called with; a terminal is what `script` makes. */
function interactive(shell: string, preparation: string): string[] {
  const told = "() { printf '\\nargs:%s\\n' \"$*\"; }";
  const lines = [`clatd${told}`, `clatlab${told}`, preparation].join("\n");
  writeFileSync(join(folder, "start"), lines);
  const keys = [". ./start", ...typed.map(([line]) => `${line}\t`), "exit", ""].join("\n");
  const env = { ...process.env, TERM: "dumb", HISTFILE: "/dev/null", LC_ALL: "C.UTF-8" };
  const { stdout } = spawnSync("script", ["-qec", shell, "/dev/null"], {
    cwd: folder,
    input: keys,
    encoding: "utf8",
    env,
  });
  return [...stdout.replaceAll("\r", "").matchAll(/^args:(.*)$/gm)].map(([, words = ""]) => words.trim());
}

const wanted = typed.map(([, line]) => line.slice(line.indexOf(" ") + 1));
const there = (program: string): boolean => spawnSync(program, ["--version"]).error === undefined;

describe("completion", () => {
  it("in bash", ({ skip }) => {
    if (!there("bash") || !there("script")) skip("bash or script is not installed");
    expect(interactive("bash --noprofile --norc -i", ". ./clatd.bash; . ./clatlab.bash")).toEqual(wanted);
  });

  it("in bash where = does not end a word", ({ skip }) => {
    if (!there("bash") || !there("script")) skip("bash or script is not installed");
    const breaks = "COMP_WORDBREAKS=' '; . ./clatd.bash; . ./clatlab.bash";
    expect(interactive("bash --noprofile --norc -i", breaks)).toEqual(wanted);
  });

  it("in zsh", ({ skip }) => {
    if (!there("zsh") || !there("script")) skip("zsh or script is not installed");
    const preparation = "fpath=($PWD $fpath); autoload -Uz compinit; compinit -u -D; unset zle_bracketed_paste";
    expect(interactive("zsh -f -i", preparation)).toEqual(wanted);
  });

  it("in fish", ({ skip }) => {
    if (!there("fish")) skip("fish is not installed");
    const sources = programs.map(({ name }) => `source ${name}.fish`);
    const asked = typed.map(([line]) => `complete -C '${line}'; echo ==`);
    const env = { ...process.env, HOME: folder, LC_ALL: "C.UTF-8" };
    const { stdout } = spawnSync("fish", ["--no-config", "-c", [...sources, ...asked].join("\n")], {
      cwd: folder,
      encoding: "utf8",
      env,
    });
    const answers = stdout.split("==\n").map((answer) => answer.split("\n").map((row) => row.split("\t")[0]));
    for (const [index, [line, completed]] of typed.entries()) {
      expect(answers[index], line).toContain(completed.split(" ").at(-1));
    }
  });

  it("offers all values of a key, and all commands", ({ skip }) => {
    if (!there("fish")) skip("fish is not installed");
    const ask = (line: string): string[] => {
      const words = `source clatd.fish; complete -C '${line}'`;
      const env = { ...process.env, HOME: folder };
      const { stdout } = spawnSync("fish", ["--no-config", "-c", words], { cwd: folder, encoding: "utf8", env });
      return stdout
        .trim()
        .split("\n")
        .map((row) => row.split("\t")[0] ?? "");
    };
    expect(ask("clatd engine=").sort()).toEqual(
      ["auto", "ebpf", "jool", "nat46", "tayga", "userspace"].map((name) => `engine=${name}`),
    );
    expect(ask("clatd ")).toEqual(
      expect.arrayContaining([...tables.words.commandNames, ...tables.keys.keyNames.map((name) => `${name}=`)]),
    );
  });
});
