// clatlab(1): the lab.
import { argument, examples, flags, list, mdoc, paragraphs, prose, seeAlso, sentence } from "./mdoc.mjs";

/** @param {import("./tables.mjs").Tables} tables */
export function clatlabManual(tables) {
  const { lab, topologies } = tables;
  return mdoc({
    name: "clatlab",
    section: 1,
    about: "networks of namespaces that prove 464XLAT and SIIT-DC",
    date: tables.date,
    version: tables.version,
    synopsis: lab.commandNames.flatMap((name) => [
      ".Nm",
      `.Cm ${argument(name)}`,
      ...options(tables, name).map(({ short, long }) => `.Op Fl ${argument((short ?? long).slice(1))}`),
      ...operands(lab.commands[name].takes).map((operand) => `.Ar ${operand}`),
    ]),
    sections: [
      {
        title: "DESCRIPTION",
        lines: [
          ...prose("`clatlab` builds whole networks out of namespaces on one machine: an IPv6-only host with"),
          ".Xr clatd 8 ,",
          ...prose(
            "routers with Router Advertisements, a PLAT (NAT64), DNS64 and an IPv4 internet, or the two relays of SIIT-DC. " +
              "It checks that IPv4 works in them, measures it and draws them. Nothing of the machine's own network is " +
              "touched, and whatever ends `clatlab` ends all of it.",
          ),
          ".Pp",
          ...paragraphs([
            "A topology is the name of one that is shipped, or the path of a YAML file, which carries its own checks. " +
              "`clatlab list --schema` gives the JSON schema of such files.",
            "It needs root, or user namespaces and a `/dev/net/tun` that it may open. A check whose program is missing is " +
              "skipped, and says so.",
          ]),
        ],
      },
      {
        title: "COMMANDS",
        lines: list(
          lab.commandNames.map((name) => [
            [`Cm ${argument(name)}`, ...operands(lab.commands[name].takes).map((operand) => `Ar ${operand}`)].join(" "),
            prose(sentence(lab.commands[name].help)),
          ]),
        ),
      },
      {
        title: "OPTIONS",
        lines: list(
          lab.options.map(({ short, long, help }) => [
            flags(short === undefined ? long : `${short}, ${long}`),
            prose(sentence(help)),
          ]),
        ),
      },
      {
        title: "TOPOLOGIES",
        lines: list(topologies.map(({ name, title }) => [`Em ${argument(name)}`, prose(`${title}.`)])),
      },
      {
        title: "ENVIRONMENT",
        lines: list([
          ["Ev CI", prose("Plain lines where it is true, as where the output is no terminal.")],
          ["Ev NO_COLOR", prose("No colours, where it has any value.")],
          ["Ev SHELL", prose("The shell that `clatlab shell` starts.")],
        ]),
      },
      {
        title: "EXIT STATUS",
        lines: list(lab.exitCodes.map(({ code, means }) => [`${code}`, prose(sentence(means))])),
      },
      {
        title: "EXAMPLES",
        lines: examples([
          ["Build a network, check that IPv4 works in it, take it down:", ["clatlab run 464xlat-builtin"]],
          [
            "Look around in one:",
            [
              "clatlab up 464xlat-builtin",
              "clatlab exec 464xlat-builtin host ping -c1 198.51.100.2",
              "clatlab shell 464xlat-builtin host",
              "clatlab down 464xlat-builtin",
            ],
          ],
        ]),
      },
      {
        title: "SEE ALSO",
        lines: seeAlso([
          ["namespaces", 7],
          ["clatd", 8],
          ["ip-netns", 8],
        ]),
      },
    ],
  });
}

/** @param {import("./tables.mjs").Tables} tables @param {import("../../lab/cli/help.js").CommandName} name */
function options({ lab }, name) {
  return lab.options.filter(({ goesWith }) => goesWith?.includes(name));
}

/** @param {string} takes */
function operands(takes) {
  return takes === "" ? [] : takes.toLowerCase().split(" ");
}
