// clatd.conf(5): the file and every key of the table.
import { argument, examples, list, mdoc, paragraphs, prose, seeAlso } from "./mdoc.mjs";
import { keysByGroup } from "./tables.mjs";

/** @param {import("./tables.mjs").Tables} tables */
export function clatdConfManual(tables) {
  return mdoc({
    name: "clatd.conf",
    section: 5,
    about: "configuration of clatd",
    date: tables.date,
    version: tables.version,
    synopsis: [],
    sections: [
      {
        title: "DESCRIPTION",
        lines: [
          ...paragraphs([
            "A line is `key=value`, with any spaces around either. Blank lines and lines that begin with `#`, `;` or `//` " +
              "do not count. There are no quotes and no comments behind a value: all up to the end of the line belongs to it. " +
              "A key that is there twice counts the last time, but for those that can be repeated.",
            "No file is needed: each key has a default. The same settings can be given to",
          ]),
          ".Xr clatd 8",
          ...prose(
            "as arguments, which win. `clatd check` looks a file over. SIGHUP makes a running clatd read it anew.",
          ),
          ".Pp",
          ...prose(
            "Yes and no are also written 1 and 0, true and false, on and off. What a key may be is told by the message for " +
              "a wrong value, and here after the word Allowed.",
          ),
        ],
      },
      ...keysByGroup(tables).map(({ title, names }) => ({
        title: `KEYS: ${title.toUpperCase()}`,
        lines: list(names.map((name) => [`Cm ${argument(name)}`, keyLines(tables, name)])),
      })),
      {
        title: "FILES",
        lines: list([["Pa /etc/clatd.conf", prose("Read where `clatd -c` names no other.")]]),
      },
      {
        title: "EXAMPLES",
        lines: examples([
          [
            "An Edge Relay (RFC 7756) for one service and a file of mappings for others:",
            [
              "clat-v4-addr=192.0.2.1",
              "clat-v6-addr=2001:db8:a::c1a7",
              "plat-prefix=2001:db8:46::/96",
              "eam-file=/etc/clatd.eam",
            ],
          ],
          ["A shell line, without quotes around it:", ['script-up=echo "$clat_dev is up" | logger -t clatd']],
        ]),
      },
      {
        title: "SEE ALSO",
        lines: seeAlso([
          ["clatlab", 1],
          ["systemd.network", 5],
          ["tayga.conf", 5],
          ["clatd", 8],
        ]),
      },
    ],
  });
}

/**
 * @param {import("./tables.mjs").Tables} tables
 * @param {import("../../src/config/key-table.js").KeyName} name
 */
function keyLines({ keys, docs }, name) {
  const spec = keys.keySpec(name);
  const preset = docs.defaultText(name);
  const none = preset === "–";
  return [
    ...prose(`${spec.help[0]?.toUpperCase()}${spec.help.slice(1)}.`),
    ...prose(spec.description),
    ...(spec.repeatable === true ? prose("It can be repeated.") : []),
    ...(spec.perl === undefined ? [] : prose(`Unlike the Perl clatd: ${spec.perl}`)),
    ...(spec.toolsOnly === undefined
      ? []
      : prose(`For \`clatd translate\` and \`clatd explain\` only: ${spec.toolsOnly}.`)),
    ".Pp",
    ...prose(`Allowed: ${spec.type.allowed}. ${none ? "There is no default." : `The default is ${preset}.`}`),
  ];
}
