// The files of service/: units that are as locked down as they claim, scripts that a shell reads.

import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { exitCodes } from "../../../src/cli/exit-code.js";

const units = "service/systemd";
const scripts = ["service/openrc/clatd", "service/networkmanager/50-clatd", "service/ifupdown/clatd"];

function run(command: string, ...words: string[]): { readonly code: number | undefined; readonly text: string } {
  const { status, error, stdout, stderr } = spawnSync(command, words, {
    encoding: "utf8",
    env: { ...process.env, LC_ALL: "C" },
  });
  return { code: error === undefined ? (status ?? 128) : undefined, text: `${stdout}${stderr}` };
}

/** Key and value of each line that sets something. */
function settings(file: string): (readonly [string, string])[] {
  const lines = readFileSync(join(units, file), "utf8").split("\n");
  return lines.flatMap((line) => {
    const [, key, value = ""] = /^(\w+)=(.*)$/.exec(line) ?? [];
    return key === undefined ? [] : [[key, value] as const];
  });
}

const settingOf = (file: string, key: string): string | undefined => settings(file).find(([name]) => name === key)?.[1];

describe("the systemd units", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "clatd-units-"));
    for (const name of readdirSync(units)) {
      // systemd-analyze wants the programs to be there, and nothing of them is run.
      const text = readFileSync(join(units, name), "utf8").replaceAll("/usr/bin/clatd", "/bin/true");
      writeFileSync(join(folder, name), text.replace(/^Documentation=.*\n/m, ""));
    }
    writeFileSync(join(folder, "clatd@edge.service"), readFileSync(join(folder, "clatd@.service")));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it.for(["clatd.service", "clatd@edge.service"])(
    "%s is exposed by 2.5 at the most (systemd-analyze security)",
    (name, { skip }) => {
      const { code, text } = run("systemd-analyze", "security", "--offline=true", "--no-pager", join(folder, name));
      if (code === undefined) skip("there is no systemd-analyze (apt-get install systemd)");
      const level = /Overall exposure level for \S+: (\d+\.\d+)/.exec(text)?.[1];
      expect(level, text).toBeDefined();
      expect(Number(level)).toBeLessThanOrEqual(2.5);
    },
  );

  it.for(["clatd.service", "clatd@edge.service"])("%s has nothing that systemd does not know", (name, { skip }) => {
    const { code, text } = run("systemd-analyze", "verify", join(folder, name));
    if (code === undefined) skip("there is no systemd-analyze (apt-get install systemd)");
    expect(text.split("\n").filter((line) => line.includes("clatd"))).toEqual([]);
  });

  it("are one, but for where the configuration is", () => {
    const own = ["Description", "ExecStart", "ExecReload", "ExecStopPost"];
    const common = (file: string) => settings(file).filter(([key]) => !own.includes(key));
    expect(common("clatd@.service")).toEqual(common("clatd.service"));
    expect(common("clatd.service").length).toBeGreaterThan(30);
    expect(settingOf("clatd@.service", "ExecStart")).toBe("/usr/bin/clatd -c /etc/clatd/%i.conf");
  });

  it("leave clatd what it needs: its four capabilities, the TUN device, the sysctls of the network, a directory that stays", () => {
    const capabilities = "CAP_NET_ADMIN CAP_NET_RAW CAP_BPF CAP_PERFMON";
    expect(Object.fromEntries(settings("clatd.service"))).toMatchObject({
      Type: "notify",
      DynamicUser: "yes",
      AmbientCapabilities: capabilities,
      CapabilityBoundingSet: capabilities,
      DeviceAllow: "/dev/net/tun rw",
      ProtectKernelTunables: "no",
      RuntimeDirectory: "clatd",
      RuntimeDirectoryPreserve: "yes",
      KillMode: "mixed",
      RestartPreventExitStatus: `${exitCodes.usage.code}`,
    });
    expect(settings("clatd.service").flatMap(([key, value]) => (key === "ExecReload" ? [value] : []))).toEqual([
      "/bin/sh -c '[ ! -e /etc/clatd.conf ] || exec /usr/bin/clatd check'",
      "/bin/kill -HUP $MAINPID",
    ]);
  });

  it("as-root.conf takes back every restriction that a script or a kernel module could run into", () => {
    const relaxed = new Map(settings("as-root.conf"));
    expect(relaxed.get("User")).toBe("root");
    const kept = settings("clatd.service").flatMap(([key, value]) =>
      /^(Protect|Private|Restrict|SystemCall|Device|NoNew|Lock|Ambient|Capability|Dynamic)/.test(key) &&
      value !== "no" &&
      !relaxed.has(key)
        ? [key]
        : [],
    );
    // These keep nobody from changing the network.
    expect(new Set(kept)).toEqual(
      new Set(["ProtectClock", "ProtectHostname", "ProtectKernelLogs", "RestrictRealtime", "SystemCallErrorNumber"]),
    );
  });
});

describe("the scripts", () => {
  it.each(scripts)("%s is executable, and a shell reads it", (path) => {
    expect(statSync(path).mode & 0o111).toBe(0o111);
    expect(run("sh", "-n", path)).toEqual({ code: 0, text: "" });
  });

  it.for(scripts)("%s has nothing that shellcheck knows better", (path, { skip }) => {
    const { code, text } = run("shellcheck", "-s", "sh", path);
    if (code === undefined) skip("there is no shellcheck (apt-get install shellcheck)");
    expect({ code, text }).toEqual({ code: 0, text: "" });
  });

  /** Runs a hook with a `systemctl` that notes what it is asked. */
  function asked(
    path: string,
    words: readonly string[],
    env: Readonly<Record<string, string>>,
    enabled = true,
  ): string[] {
    const folder = mkdtempSync(join(tmpdir(), "clatd-hook-"));
    try {
      const log = join(folder, "log");
      const fake = `#!/bin/sh\necho "$*" >> ${log}\ncase "$*" in *is-enabled*) exit ${enabled ? 0 : 1} ;; esac\n`;
      writeFileSync(join(folder, "systemctl"), fake, { mode: 0o755 });
      writeFileSync(log, "");
      // Whether systemd runs on this machine is no matter of this test.
      const text = readFileSync(path, "utf8").replace("[ -d /run/systemd/system ]", "true");
      const { status } = spawnSync("sh", ["-c", text, path, ...words], {
        env: { PATH: `${folder}:/usr/bin:/bin`, ...env },
      });
      expect(status).toBe(0);
      return readFileSync(log, "utf8")
        .split("\n")
        .filter((line) => line !== "");
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  const started = ["-q is-enabled clatd.service", "--no-block start clatd.service"];

  it.each([
    [["eth0", "up"], true, started],
    [["eth0", "dhcp6-change"], true, started],
    [["eth0", "up"], false, started.slice(0, 1)],
    [["eth0", "down"], true, []],
    [["eth0", "pre-up"], true, []],
    [["clat", "up"], true, []],
    [["lo", "up"], true, []],
    [["none", "connectivity-change"], true, started],
  ])("NetworkManager's dispatcher, %j, enabled: %s", (words, enabled, lines) => {
    expect(asked("service/networkmanager/50-clatd", words, {}, enabled)).toEqual(lines);
  });

  it("NetworkManager's dispatcher starts nothing where the last network has gone", () => {
    const env = { CONNECTIVITY_STATE: "NONE" };
    expect(asked("service/networkmanager/50-clatd", ["none", "connectivity-change"], env)).toEqual([]);
  });

  it.each([
    [{ MODE: "start", IFACE: "eth0", ADDRFAM: "inet6" }, started],
    [{ MODE: "start", IFACE: "eth0", ADDRFAM: "inet" }, []],
    [{ MODE: "start", IFACE: "lo", ADDRFAM: "inet6" }, []],
    [{ MODE: "start", IFACE: "clat", ADDRFAM: "inet6" }, []],
    [{ MODE: "stop", IFACE: "eth0", ADDRFAM: "inet6" }, []],
  ])("ifupdown's hook, %j", (env, lines) => {
    expect(asked("service/ifupdown/clatd", [], env)).toEqual(lines);
  });
});
