// clatd(8): the program. What its tables do not say is said here; the keys have a page of their own, clatd.conf(5).
import { argument, examples, flags, list, mdoc, paragraphs, prose, seeAlso, sentence } from "./mdoc.mjs";

/** More than the one line of `--help`. @type {Readonly<Record<string, string>>} */
const more = {
  run:
    "It waits where there is no PLAT or the host has IPv4 of its own, goes on watching, and ends with SIGINT or SIGTERM; " +
    "then everything is put back. With `once=yes` it exits where it would wait.",
  plan:
    "The facts that it goes by are comments, the rest is `ip`, `tc`, `nft` and `sysctl` commands. With `--simulate` it runs " +
    "on a model of a host and its network: neither root nor Linux is needed.",
  check: "All mistakes are told at once, each with its line, what is allowed, and the nearest name that exists.",
  status:
    "A block for each running one: its state and since when, why, prefix and addresses, uplink, MTU, engine, packets, drops " +
    "by their reasons, and the last error with what can be done about it. With `-j` as JSON, for programs; the " +
    "documentation has its schema, docs/status.schema.json.",
  probe: "Where one cannot run, it says why. Nothing is touched.",
  cleanup: "The next start does so too. Nothing to put back is a success.",
  translate:
    "The translator of the daemon without a network. Standard input has lines `4 HEX` and `6 HEX`, a bare IPv4 or IPv6 " +
    "packet each. For each of them comes what the translator makes of it, in the same form, then a line `.`, or " +
    "`. REASON` where it was dropped, or `. bad-input` where it was no packet; the exit status is 1 then. " +
    "With `--pcap` packets of a capture are translated to another one.",
  explain:
    "How an address maps, what becomes of each field of a packet (in hexadecimal), or what a reason for a drop means " +
    "and what can be done about it.",
};

/** @param {import("./tables.mjs").Tables} tables */
export function clatdManual(tables) {
  const { words, help, exit, reasons, explained, engines } = tables;
  return mdoc({
    name: "clatd",
    section: 8,
    about: "CLAT (464XLAT) and SIIT-DC Edge Relay",
    date: tables.date,
    version: tables.version,
    synopsis: [
      ".Nm",
      ".Op Ar option ...",
      ".Op Ar key Ns = Ns Ar value ...",
      ".Nm",
      ".Ar command",
      ".Op Ar option ...",
      ".Op Ar key Ns = Ns Ar value ...",
    ],
    sections: [
      {
        title: "DESCRIPTION",
        lines: paragraphs([
          "`clatd` gives an IPv6-only host working IPv4, or the IPv4 network behind it. It is a CLAT, the customer side of " +
            "464XLAT (RFC 6877): the IPv4 packets of programs that know nothing else are translated to IPv6 and sent " +
            "through the network's NAT64, the PLAT, which translates them back.",
          "With the addresses of a mapping, or a table of them, it is a SIIT-DC Edge Relay (RFC 7756); the far side is a " +
            "Border Relay then (RFC 7755).",
          "In most networks it needs no configuration: it finds the PLAT's prefix (PREF64) and the uplink by itself and " +
            "watches both. Every change to the system is written to a journal before it is made, and taken back at the " +
            "end. Where `clatd` was killed, its next start takes it back, or `clatd cleanup`.",
          "Settings are lines of the file that `-c` names, or of `/etc/clatd.conf`; settings on the command line win.",
        ]).concat(
          prose("The keys and their values are described in"),
          ".Xr clatd.conf 5 .",
          prose("Networks to try it in, without touching this one, come with"),
          ".Xr clatlab 1 .",
        ),
      },
      {
        title: "COMMANDS",
        lines: list(
          words.commandNames.map((name) => [
            [`Cm ${argument(name)}`, ...subject(help.subjects[name])].join(" "),
            prose(`${sentence(words.commands[name])} ${more[name] ?? ""}`.trim()),
          ]),
        ),
      },
      {
        title: "OPTIONS",
        lines: list(help.options.map(([usage, says]) => [flags(usage), prose(sentence(says))])),
      },
      {
        title: "ENGINES",
        lines: [
          ...prose(
            "The key `engine` names the one that translates; `clatd probe` says which of them this host can run.",
          ),
          ...list(
            engines.engineNames.map((name) => [
              `Cm ${argument(name)}`,
              [
                ...prose(engineWords[name]),
                ...Object.entries(engines.gaps[name]).flatMap(([capability, gap]) => [
                  ".br",
                  ...prose(
                    `Not: ${engines.capabilities[/** @type {keyof typeof engines.capabilities} */ (capability)]}: ${gap}.`,
                  ),
                ]),
              ],
            ]),
          ),
        ],
      },
      {
        title: "SIGNALS",
        lines: list([
          [
            "Dv SIGINT , SIGTERM",
            prose(
              "End: everything is put back, then the program exits. A `script-up` that still runs is ended (SIGTERM, " +
                "after two seconds SIGKILL); `script-down` is run all the same.",
            ),
          ],
          [
            "Dv SIGHUP",
            prose(
              "Read the configuration anew, with its mapping files. It is taken as a whole; where it has a mistake, that " +
                "is told and the old one stays. So it does where `engine`, `plumbing`, `clat-dev` or another key differs that " +
                "holds for the whole run: that takes a restart. Where the terminal that `clatd` was started from has gone, " +
                "it ends.",
            ),
          ],
        ]),
      },
      {
        title: "ENVIRONMENT",
        lines: list([
          ["Ev NO_COLOR", prose("No colours, where it has any value.")],
          ["Ev RUNTIME_DIRECTORY", prose("Where socket and journal are; systemd sets it. Otherwise `/run/clatd`.")],
          [
            "Ev NOTIFY_SOCKET , WATCHDOG_USEC",
            [...prose("Set by systemd: where readiness, status and signs of life are told, see"), ".Xr sd_notify 3 ."],
          ],
        ]),
      },
      {
        title: "FILES",
        lines: list([
          ["Pa /etc/clatd.conf", prose("The configuration, where `-c` names no other. It need not exist.")],
          [
            "Pa /run/clatd/ Ns Ar device Ns Pa .journal",
            prose("What was changed and has to be put back, written before each change."),
          ],
          ["Pa /run/clatd/ Ns Ar device Ns Pa .sock", prose("Where `clatd status` asks the running one.")],
        ]).concat(
          ".Pp",
          prose("In a network namespace other than the system's own they are in a directory of its own below."),
        ),
      },
      {
        title: "EXIT STATUS",
        lines: list(Object.values(exit.exitCodes).map(({ code, means }) => [`${code}`, prose(sentence(means))])),
      },
      {
        title: "EXAMPLES",
        lines: examples([
          ["What would be done here, and then do it until Ctrl-C:", ["clatd plan", "clatd"]],
          ["In a network that does not tell its prefix:", ["clatd plat-prefix=2001:db8:64::/96"]],
          ["Beside native IPv4, which is preferred as long as it is there:", ["clatd v4-conncheck-enable=no"]],
          [
            "With a route of one's own; the whole setting is quoted for the shell:",
            ["clatd v4-defaultroute-enable=no \\", "  'script-up=ip route add 192.0.2.0/24 dev $clat_dev'"],
          ],
          [
            "An Edge Relay for one service:",
            ["clatd clat-v4-addr=192.0.2.1 clat-v6-addr=2001:db8:a::c1a7 \\", "  plat-prefix=2001:db8:46::/96"],
          ],
          [
            "What the IPv6 address of an IPv4 server is behind a prefix:",
            ["clatd explain 198.51.100.1 plat-prefix=2001:db8:64::/96"],
          ],
        ]),
      },
      {
        title: "DIAGNOSTICS",
        lines: [
          ...prose(
            "A packet that is dropped is counted under one of these reasons, which `clatd status` shows and " +
              "`clatd explain` explains:",
          ),
          ...list([
            ...reasons.reasons.map(translationReason),
            ...Object.entries(explained.otherReasons).flatMap(engineReason),
          ]),
        ],
      },
      {
        title: "SEE ALSO",
        lines: seeAlso([
          ["clatlab", 1],
          ["clatd.conf", 5],
          ["ip", 8],
          ["nft", 8],
          ["tayga", 8],
        ]),
      },
      {
        title: "STANDARDS",
        lines: paragraphs([
          "RFC 7915 (translation), RFC 6052 (addresses), RFC 6877 (464XLAT), RFC 7050 (prefix from DNS64), RFC 8781 " +
            "(prefix from Router Advertisements), RFC 7335 (addresses of the CLAT), RFC 7755, RFC 7756 (SIIT-DC), RFC 7757 (address mappings), RFC 6791 and RFC 5837 " +
            "(ICMP errors of routers without an IPv4 address).",
        ]),
      },
      {
        title: "HISTORY",
        lines: [
          ...prose(
            "It is the successor of the Perl `clatd`, whose keys, options and configuration files it takes. What differs:",
          ),
          ".Bl -bullet",
          ...differences.flatMap((difference) => [".It", ...prose(difference)]),
          ".El",
        ],
      },
      {
        title: "CAVEATS",
        lines: [".Bl -bullet", ...limitations.flatMap((limitation) => [".It", ...prose(limitation)]), ".El"],
      },
    ],
  });
}

/** @type {Readonly<Record<import("../../src/engine/engine.js").EngineName, string>>} */
const engineWords = {
  ebpf: "The same translator with a fast path in the kernel for what is simple, which needs no forwarding, rule or table.",
  userspace:
    "The translator of this program, over a TUN device. It does all that the RFCs ask. BPF programs lead packets to it where " +
    "the kernel loads them, else the classic plumbing does (see plumbing in clatd.conf(5)).",
  tayga: "Debian's TAYGA, as a process that is started again when it ends.",
  nat46: "The kernel module of that name (tried on a model of it only).",
  jool: "Jool's SIIT in the kernel, in a network namespace of its own.",
};

const differences = [
  "It watches the network instead of being restarted by it: where there is no PLAT, or the host has IPv4 of its own, it " +
    "waits, and a new prefix or uplink is followed. `once=yes` gives the exit of the old program.",
  "`v4-conncheck-delay` is 0, not 10: it keeps watching, so there is nothing to wait for.",
  "`v4-defaultroute-mtu` follows the path to the PLAT; 1260 is the default with TAYGA only.",
  "It translates by itself. TAYGA and nat46 are engines among others, to be chosen by `engine`.",
  "It ends cleanly on SIGTERM, and a kill leaves nothing that its next start, or `clatd cleanup`, does not put back.",
  "A TAYGA that ends is started again, where the old program ended with it.",
  "PREF64s of all six lengths are taken, and an AAAA record without a well-known address among others does no harm.",
  "Unknown keys in the file are warnings with the nearest name that exists; wrong values are errors, all told at once, and " +
    "nothing is touched.",
];

const limitations = [
  "With `clat-v6-addr=shared`, connections that begin behind the PLAT do not reach the CLAT; an Edge Relay needs an address " +
    "of its own.",
  "With an address of its own, the network must let the host use it: a switch that filters by DHCPv6 leases or a router " +
    "that counts addresses may not. Prefix delegation (DHCPv6 IA_PD), which RFC 6877 suggests, is not asked for.",
  "`clat-v6-addr=derived` makes an address in a prefix of the uplink. Where its only addresses are from DHCPv6 (/128), there is " +
    "none: take `shared`, or give an address.",
  "The kernel looks for duplicates of an address of its own where BPF programs lead the packets (`ebpf`, and `userspace` " +
    "where they can be loaded). The classic plumbing answers for it by proxy-ND, without such a look.",
  "The reachability of a prefix found by DNS is not tested before it is used, as RFC 7050 suggests.",
  "A DHCPv4 client may add a route again that `v4-defaultroute-replace` took away; then it is taken away again.",
];

/** @typedef {readonly [string, readonly string[]]} Item of a list */

/** @param {import("../../src/xlat/reasons.js").Reason} reason @returns {Item} */
function translationReason({ name, sentence, hint, rfc }) {
  return [`Em ${argument(name)}`, prose(`${sentence} ${hint}${rfc === "–" ? "" : ` (${rfc})`}`)];
}

/**
 * Those of the engine; the one of `clatd translate` is told where that is.
 * @param {[name: string, says: { readonly means: string, readonly todo: string }]} reason @returns {Item[]}
 */
function engineReason([name, { means, todo }]) {
  return name === "bad-input" ? [] : [[`Em ${argument(name)}`, prose(`${means} ${todo}`)]];
}

/** @param {string | undefined} words */
function subject(words = "") {
  const [, optional, word = ""] = /^(\[?)([^\]]*)/.exec(words.trim().toLowerCase()) ?? [];
  return word === "" ? [] : [optional === "[" ? `Op Ar ${argument(word)}` : `Ar ${argument(word)}`];
}
