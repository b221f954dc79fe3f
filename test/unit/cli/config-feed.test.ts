// The daemon's configuration, read anew from real files.

import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ConfigFiles } from "../../../src/cli/config-feed.js";
import { judge, readSources } from "../../../src/cli/read-config.js";
import { systemClock } from "../../../src/cli/system-clock.js";
import type { ConfigNews } from "../../../src/daemon/config-feed.js";

let folder: string;
let conf: string;
let eams: string;
let stop: AbortController;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "clatd-feed-"));
  conf = join(folder, "clatd.conf");
  eams = join(folder, "eams");
  stop = new AbortController();
});
afterEach(async () => {
  stop.abort();
  await rm(folder, { recursive: true });
});

/** @param meanwhile what happens after the configuration was read, before anybody watches: clatd starts in that time */
async function feedOf(
  confText: string,
  eamText?: string,
  meanwhile?: () => Promise<void>,
): Promise<{ files: ConfigFiles; next(): Promise<ConfigNews> }> {
  await writeFile(conf, confText);
  if (eamText !== undefined) await writeFile(eams, eamText);
  const invocation = { file: conf, settings: [] };
  const read = await readSources(invocation);
  expect(judge(read).ok).toBe(true);
  await meanwhile?.();
  const files = new ConfigFiles({ invocation, read, sources: () => [], clock: systemClock });
  const news = files.watch(stop.signal)[Symbol.asyncIterator]();
  // A generator begins with the first question: this one stands from here on.
  let pending = news.next();
  await new Promise((resolve) => setImmediate(resolve));
  return {
    files,
    async next() {
      const { value } = await pending;
      pending = news.next();
      return value as ConfigNews;
    },
  };
}

/** The mappings, or what is wrong. */
function outcome({ loaded }: ConfigNews): readonly string[] {
  return loaded.ok ? loaded.config.eam.map(({ v4 }) => v4) : loaded.mistakes.map(({ text }) => text);
}

describe("ConfigFiles", () => {
  it("SIGHUP: reads everything anew, and says why", async () => {
    const { files, next } = await feedOf("eam=192.0.2.1,2001:db8::1\n");
    await writeFile(conf, "eam=192.0.2.2,2001:db8::2\n");
    files.reread();
    const news = await next();
    expect(news.cause).toBe("SIGHUP");
    expect(outcome(news)).toEqual(["192.0.2.2/32"]);
  });

  it("the eam-file is written over: reads it anew, and nothing else", async () => {
    const { next } = await feedOf("eam-file=eams\n", "192.0.2.1,2001:db8::1\n");
    await writeFile(conf, "eam-file=eams\nclat-v4-addr=198.51.100.1\n");
    await writeFile(eams, "192.0.2.1,2001:db8::1\n192.0.2.2,2001:db8::2\n");
    const news = await next();
    expect(news.cause).toBe(`${eams} changed`);
    expect(outcome(news)).toHaveLength(2);
    expect(news.loaded).toMatchObject({ config: { "clat-v4-addr": "192.0.0.1" } });
  });

  it("the eam-file is written over while clatd starts: reads it anew at once", async () => {
    const { next } = await feedOf("eam-file=eams\n", "192.0.2.1,2001:db8::1\n", () =>
      writeFile(eams, "192.0.2.22,2001:db8::22\n"),
    );
    const news = await next();
    expect(news.cause).toBe(`${eams} changed`);
    expect(outcome(news)).toEqual(["192.0.2.22"]);
  });

  it("the eam-file is replaced by another one", async () => {
    const { next } = await feedOf("eam-file=eams\n", "192.0.2.1,2001:db8::1\n");
    await writeFile(`${eams}.new`, "192.0.2.3,2001:db8::3\n");
    await rename(`${eams}.new`, eams);
    expect(outcome(await next())).toEqual(["192.0.2.3"]);
    await writeFile(eams, "192.0.2.4,2001:db8::4\n");
    expect(outcome(await next())).toEqual(["192.0.2.4"]);
  });

  it("a wrong eam-file is told with its line, and the next right one is read", async () => {
    const { next } = await feedOf("eam-file=eams\n", "192.0.2.1,2001:db8::1\n");
    await writeFile(eams, "192.0.2.1,2001:db8::1\nnonsense\n");
    const wrong = await next();
    expect(wrong.loaded).toMatchObject({ ok: false, mistakes: [{ place: { in: "file", file: eams, line: 2 } }] });
    await writeFile(eams, "192.0.2.5,2001:db8::5\n");
    expect(outcome(await next())).toEqual(["192.0.2.5"]);
  });

  it("an eam-file that is taken away is told", async () => {
    const { next } = await feedOf("eam-file=eams\n", "192.0.2.1,2001:db8::1\n");
    await rm(eams);
    expect(outcome(await next())).toEqual([expect.stringMatching(/^cannot read eam-file .*there is no such file/)]);
  });

  it("a new configuration may name another eam-file, which is watched then", async () => {
    const { files, next } = await feedOf("eam-file=eams\n", "192.0.2.1,2001:db8::1\n");
    const other = join(folder, "other");
    await writeFile(other, "192.0.2.6,2001:db8::6\n");
    await writeFile(conf, "eam-file=other\n");
    files.reread();
    expect(outcome(await next())).toEqual(["192.0.2.6"]);
    await new Promise((resolve) => setImmediate(resolve));
    await writeFile(other, "192.0.2.7,2001:db8::7\n");
    expect((await next()).cause).toBe(`${other} changed`);
  });

  it("ends when the signal aborts", async () => {
    const { next } = await feedOf("quiet=1\n");
    stop.abort();
    expect(await next()).toBeUndefined();
  });
});
