// The control files of the Debian package: what dpkg knows about it, and what it does at installation.
import { releases } from "../releases.mjs";

/** Debian's names of Node's architectures. */
export const architectures = /** @type {Readonly<Record<string, string>>} */ ({ x64: "amd64", arm64: "arm64" });

const [release] = releases;
/**
 * What Debian calls a version. The epoch is for the Perl clatd, whose package has the same name and higher numbers (2.1 in
 * Debian 13): this one comes in its place, and an upgrade does not bring that one back. The number behind the hyphen counts
 * packages of the same program.
 * @param {string} version
 */
const versionOf = (version) => `1:${version}-1`;
export const debianVersion = versionOf(release.version);

/** A file's name has no epoch (deb-version(7)). @param {string} architecture */
export const debFileName = (architecture) => `clatd_${release.version}-1_${architecture}.deb`;

/** Who answers for a package that is built here: who builds it, by Debian's variables for that. */
function maintainer() {
  const { DEBFULLNAME, DEBEMAIL } = process.env;
  return `${DEBFULLNAME || "Local builds of clatd"} <${DEBEMAIL || "clatd@localhost"}>`;
}

/** @param {{ architecture: string, kilobytes: number }} facts */
export function controlFile({ architecture, kilobytes }) {
  return `Package: clatd
Version: ${debianVersion}
Architecture: ${architecture}
Maintainer: ${maintainer()}
Installed-Size: ${kilobytes}
Depends: iproute2, libc6 (>= 2.28), libgcc-s1, libstdc++6 (>= 5.2)
Recommends: iputils-ping, nftables
Suggests: curl, ethtool, iperf3, tayga, traceroute, unbound
Section: net
Priority: optional
Description: IPv4 on an IPv6-only host (464XLAT CLAT, SIIT-DC Edge Relay)
 clatd gives an IPv6-only host working IPv4: it translates the IPv4 packets of
 programs that know nothing else to IPv6 and sends them through the network's
 NAT64 (464XLAT, RFC 6877). It finds the prefix of the NAT64 by itself, watches
 the network, and puts everything back when it ends. With a table of mappings
 it is an Edge Relay for SIIT-DC (RFC 7756).
 .
 It takes the configuration of the Perl clatd. The package carries its own
 Node.js, so that it installs on releases whose own is older.
 .
 clatlab, which comes with it, builds networks out of namespaces in which all
 of that is shown, checked and measured without touching the machine's own.
`;
}

/** @param {Date} date */
function mailDate(date) {
  return date.toUTCString().replace("GMT", "+0000");
}

export function changelog() {
  return releases
    .map(({ version, date, changes }) =>
      [
        `clatd (${versionOf(version)}) unstable; urgency=medium`,
        "",
        ...changes.flatMap((change) => folded(change)),
        "",
        ` -- ${maintainer()}  ${mailDate(new Date(`${date}T12:00:00Z`))}`,
        "",
      ].join("\n"),
    )
    .join("\n");
}

/** @param {string} change */
function folded(change) {
  const lines = [""];
  for (const word of change.split(" ")) {
    if ((lines.at(-1) ?? "").length + word.length > 70) lines.push(word);
    else lines.push(`${lines.pop()} ${word}`.trim());
  }
  return lines.map((line, index) => (index === 0 ? `  * ${line}` : `    ${line}`));
}

/**
 * /etc/clatd.conf is written where there is none, and no conffile of dpkg: that would ask about the one that the Perl clatd
 * has left, and fail where nobody is there to answer. The service is not started by the installation: it changes where IPv4 goes, on a host that may be far away. Where it runs
 * already, as after an update, it is restarted.
 */
export const maintainerScripts = {
  postinst: `#!/bin/sh
set -e
# $2 is the version before this one: it is an update.
if [ "$1" = configure ] && [ -z "$2" ] && [ ! -e /etc/clatd.conf ]; then
	cp /usr/share/clatd/clatd.conf /etc/clatd.conf
fi
if [ "$1" = configure ] && [ -d /run/systemd/system ]; then
	systemctl --system daemon-reload >/dev/null || true
	if [ -n "$2" ]; then
		deb-systemd-invoke try-restart clatd.service 'clatd@*.service' >/dev/null || true
	fi
fi
`,
  prerm: `#!/bin/sh
set -e
if [ "$1" = remove ] && [ -d /run/systemd/system ]; then
	deb-systemd-invoke stop clatd.service 'clatd@*.service' >/dev/null || true
fi
`,
  postrm: `#!/bin/sh
set -e
if [ "$1" = purge ]; then
	rm -f /etc/clatd.conf
fi
if [ -d /run/systemd/system ]; then
	systemctl --system daemon-reload >/dev/null || true
fi
`,
};

/** What lintian finds that is so on purpose, and why. */
export const lintianOverrides = `# Node.js brings its libraries: the package has to install on releases whose own Node.js is too old, and be tested as it is.
clatd: embedded-library *
# nodejs.org builds it so.
clatd: hardening-no-pie [usr/lib/clatd/bin/node]
# It is for the virtual machine in the kernel, not for the processor.
clatd: binary-from-other-architecture [usr/lib/clatd/dist/src/engine/ebpf/*.bpf.o]
# Who builds it for others sets DEBFULLNAME and DEBEMAIL.
clatd: bogus-mail-host *
clatd: bogus-mail-host-in-debian-changelog *
# It is not uploaded to Debian.
clatd: initial-upload-closes-no-bugs *
`;
