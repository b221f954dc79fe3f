// Completion for fish: options as fish declares them, all else by one function, since what may stand there depends on the
// words before it.

/** @param {string} word */
const quoted = (word) => `'${word.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;

/** A line that prints `word<tab>what it is`. @param {string} word @param {string} help */
const described = (word, help) => `printf '%s\\t%s\\n' ${quoted(word)} ${quoted(help)}`;

/** @param {readonly string[]} words */
const wordList = (words) => words.map(quoted).join(" ");

/** @param {import("./completion-words.mjs").Program} program */
export function fishCompletion(program) {
  const { name, commands, options, settings, topologies } = program;
  const taking = options.filter(({ takes }) => takes.length > 0);
  return `# fish completion for ${name}. Written by ci/manual from the tables of the program.

# The command and its operands, as far as they are typed: one a line. Without any where the value of an option is wanted.
function __${name}_words
    set -l skip 0
    set -l words (commandline -opc)
    for each in $words[2..]
        if test $skip -gt 0
            set skip (math $skip - 1)
            continue
        end
        switch $each
${taking.map(({ names, takes }) => `            case ${wordList(names)}\n                set skip ${takes.length}`).join("\n")}${taking.length > 0 ? "\n" : ""}            case '-*'${settings.length > 0 ? " '*=*'" : ""}
            case '*'
                echo $each
        end
    end
    test $skip -eq 0
end

function __${name}_files
    __fish_complete_path $argv[1]
end

function __${name}_complete
    set -l word (commandline -ct)
    set -l words (__${name}_words)
    if test $status -ne 0
        __${name}_files $word
        return
    end
${settings.length === 0 ? "" : settingsPart(name, settings)}    switch "$words[1]"
        case ''
            ${commands.map((command) => described(command.name, command.help)).join("\n            ")}
${commands
  .filter(({ operands }) => operands.length > 0)
  .map((command) => operandCase(program, command))
  .join("\n")}
    end
${settings.length === 0 ? "" : `    ${settings.map((setting) => described(`${setting.name}=`, setting.help)).join("\n    ")}\n`}end
${topologies.length === 0 ? "" : nodesFunction(name, topologies)}
complete -c ${name} -f -a '(__${name}_complete)'
${options.map((option) => optionLine(name, option)).join("\n")}
`;
}

/** @param {string} name @param {import("./completion-words.mjs").Option} option */
function optionLine(name, option) {
  const names = option.names.map((word) => (word.startsWith("--") ? `-l ${word.slice(2)}` : `-s ${word.slice(1)}`));
  const takes = option.takes.length > 0 ? " -r -F" : "";
  const when = option.commands === undefined ? "" : ` -n '__fish_seen_subcommand_from ${option.commands.join(" ")}'`;
  return `complete -c ${name} ${names.join(" ")}${takes}${when} -d ${quoted(option.help)}`;
}

/** @param {string} name @param {readonly import("./completion-words.mjs").Setting[]} settings */
function settingsPart(name, settings) {
  const rows = settings.flatMap(({ name: key, value }) => {
    if (value === undefined) return [];
    const source =
      value.from === "words"
        ? `printf '%s\\n' ${wordList(value.words.map((word) => `${key}=${word}`))}`
        : value.from === "files"
          ? `__${name}_files (string replace ${quoted(`${key}=`)} '' -- $word | string collect) | string replace -r '^' ${quoted(`${key}=`)}`
          : `command ls /sys/class/net | string replace -r '^' ${quoted(`${key}=`)}`;
    return [`            case ${quoted(`${key}=*`)}\n                ${source}`];
  });
  return `    if string match -q '*=*' -- $word
        switch $word
${rows.join("\n")}
        end
        return
    end
`;
}

/**
 * @param {import("./completion-words.mjs").Program} program
 * @param {import("./completion-words.mjs").Command} command
 */
function operandCase({ name, topologies }, command) {
  const rows = command.operands.map((operand, index) => {
    const at = `                case ${index + 1}\n                    `;
    if (operand.from === "words")
      return `                case '*'\n                    printf '%s\\n' ${wordList(operand.words)}`;
    if (operand.from === "devices") return `${at}command ls /sys/class/net`;
    if (operand.from === "topologies") {
      const lines = topologies.map((topology) => described(topology.name, topology.title));
      return `${at}${[...lines, `__${name}_files $word`].join("\n                    ")}`;
    }
    if (operand.from === "nodes") return `${at}__${name}_nodes $words[2]`;
    if (operand.from === "programs") return `${at}__fish_complete_command`;
    return `${at}__${name}_files $word`;
  });
  return `        case ${command.name}\n            switch (count $words)\n${rows.join("\n")}\n            end`;
}

/** @param {string} name @param {import("./completion-words.mjs").Program["topologies"]} topologies */
function nodesFunction(name, topologies) {
  return `
# The nodes of a topology that is shipped.
function __${name}_nodes
    switch $argv[1]
${topologies.map((topology) => `        case ${topology.name}\n            printf '%s\\n' ${wordList(topology.nodes)}`).join("\n")}
    end
end
`;
}
